-- New rows, all of one statement at once: what is compared of a changed one is not here, and a call for each row
-- costs several times what the row itself does. Its arguments are those of audit_change.
CREATE FUNCTION audit_new_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shown text[] := TG_ARGV[2];
    hidden text[] := TG_ARGV[3];
    verbs jsonb := coalesce(TG_ARGV[4]::jsonb->'insert', '{}');
    requests jsonb := nullif(current_setting('app.request_ids', true), '')::jsonb;
    services CONSTANT text[] := '{gateway,invoice,payment,subscription_renewal,webhook_delivery}';
    service CONSTANT bigint := array_position(services, TG_TABLE_SCHEMA::text) - 1;
    started CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
    INSERT INTO audit_entry (workspace_id, position, resource, resource_id, sequence, types, actor, request_id,
        occurred_at, before, after)
    SELECT (one->>'workspace_id')::uuid,
        -- No more than 256 of one statement in a millisecond: others have their part of its 512 places.
        (started + (place - 1) / 256) * 4096 + nextval('audit_serial') % 512 * 8 + service,
        TG_ARGV[0], (one->>TG_ARGV[1])::uuid, coalesce((one->>'version')::bigint, 0),
        ARRAY[TG_ARGV[0] || '.created'] || ARRAY(
            SELECT TG_ARGV[0] || '.' || coalesce(words->>(one->>name), words->>'*')
            FROM jsonb_each(verbs) AS verb (name, words)
            WHERE coalesce(one->name, 'null') <> 'null' AND coalesce(words->>(one->>name), words->>'*') IS NOT NULL),
        current_setting('app.actor'),
        coalesce(requests->>(one->>TG_ARGV[1]), nullif(current_setting('app.request_id', true), '')),
        now() + coalesce(nullif(current_setting('app.clock_offset_ms', true), ''), '0')::bigint
            * interval '1 millisecond',
        NULL,
        (SELECT jsonb_object_agg(key, CASE
            WHEN key = ANY(hidden) THEN '"(hidden)"'
            -- An address may have a secret in any part but its host.
            WHEN key = 'url' THEN to_jsonb(substring(value#>>'{}' FROM '^[a-z]+://(?:[^/@]*@)?[^/?#]*'))
            ELSE value END)
        FROM jsonb_each(one) WHERE value <> 'null' AND (key = ANY(shown) OR key = ANY(hidden)))
    FROM (SELECT to_jsonb(new_row) AS one, row_number() OVER () AS place FROM new_rows AS new_row) AS made;
    RETURN NULL;
END $$;

-- Lets every new row that a person or a key makes be written, beside audit_table for 'UPDATE OR DELETE'.
CREATE FUNCTION audit_new(
    name text, resource text, id_column text, shown text, hidden text DEFAULT '{}', verbs text DEFAULT '{}'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER audit_%s_new AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT '
        'WHEN (current_setting(''app.actor'', true) <> '''') EXECUTE FUNCTION audit_new_rows(%L, %L, %L, %L, %L)',
        resource, name, resource, id_column, shown, hidden, verbs);
END $$;
REVOKE ALL ON FUNCTION audit_new(text, text, text, text, text, text) FROM PUBLIC;
