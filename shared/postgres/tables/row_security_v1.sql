-- Row-level security for every table of this schema that has a workspace: the api role sees the rows of
-- the workspace that its transaction names, the worker role sees all. Runs at the end of each migration.
DO $$
DECLARE
    t text;
    service text := current_schema();
BEGIN
    FOR t IN
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
        WHERE c.relnamespace = service::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        -- Outside a transaction of ours the setting is the empty string: NULLIF makes that "no rows".
        EXECUTE format(
            'CREATE POLICY own_workspace ON %I TO %I USING (workspace_id = '
            'NULLIF(current_setting(''app.workspace_id'', true), '''')::uuid)', t, service || '_api');
        EXECUTE format('CREATE POLICY every_workspace ON %I TO %I USING (true)', t, service || '_worker');
    END LOOP;
    FOREACH t IN ARRAY ARRAY['outbox', 'outbox_lease', 'outbox_relay', 'inbox', 'alembic_version'] LOOP
        IF to_regclass(t) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %I FROM %I', t, service || '_api');
        END IF;
    END LOOP;
    EXECUTE format('GRANT INSERT ON outbox TO %I', service || '_api');
    EXECUTE format('GRANT SELECT ON alembic_version TO %I', service || '_api');
END $$;
