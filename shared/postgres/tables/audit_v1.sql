-- Who changed what: one row a change that a person or a key made, written by triggers in the change's own
-- transaction. It is append-only; its rows are chained afterwards, workspace by workspace.
CREATE SEQUENCE audit_serial;

CREATE TABLE audit_entry (
    workspace_id uuid NOT NULL,
    -- Milliseconds since 1970 times 4096, and a serial number with the service in its last 3 bits: the
    -- entries of all services have one order, and a number that a browser's arithmetic still holds.
    position bigint NOT NULL,
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    -- The version that the change made; 0 where the resource has none.
    sequence bigint NOT NULL,
    -- What was done: `payment.voided`.
    types text[] NOT NULL,
    actor text NOT NULL,
    request_id text,
    -- On the workspace's clock.
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    -- What the change changed, without secrets; null where there was nothing, or nothing is left.
    before jsonb,
    after jsonb,
    -- Of the log that there was before this one; else the digest is made of `after`.
    data_sha256 bytea,
    -- Its place in the workspace's chain and the hash there; null until it is sealed.
    chain_number bigint,
    chain_sha256 bytea,
    CONSTRAINT audit_entry_pk PRIMARY KEY (workspace_id, position),
    CONSTRAINT audit_entry_sealed_has_its_place CHECK ((chain_number IS NULL) = (chain_sha256 IS NULL)),
    CONSTRAINT audit_entry_says_what CHECK (cardinality(types) >= 1)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX audit_entry_by_resource ON audit_entry (workspace_id, resource_id, position DESC);
CREATE INDEX audit_entry_unsealed ON audit_entry (workspace_id, position) WHERE chain_sha256 IS NULL;

-- The end of each workspace's chain: without it, nobody would miss the newest entries.
CREATE TABLE audit_head (
    workspace_id uuid NOT NULL,
    chain_number bigint NOT NULL,
    chain_sha256 bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    CONSTRAINT audit_head_pk PRIMARY KEY (workspace_id)
) WITH (fillfactor = 50);

-- Arguments: resource, the column of its id, the columns that are shown, those of which only is said that they
-- changed, and verbs: {"column": {"new value": "verb"}}, where * is any value and null is none, with those that
-- a new row earns under "insert".
CREATE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb;
    is_now jsonb;
    one jsonb;
    shown text[] := TG_ARGV[2];
    hidden text[] := TG_ARGV[3];
    verbs jsonb := TG_ARGV[4];
    types text[] := '{}';
    column_name text;
    words jsonb;
    verb text;
    old_part jsonb;
    new_part jsonb;
    services CONSTANT text[] := '{gateway,invoice,payment,subscription_renewal,webhook_delivery}';
BEGIN
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW); END IF;
    one := coalesce(is_now, was);
    SELECT jsonb_object_agg(name, part_was) FILTER (WHERE TG_OP <> 'INSERT'),
        jsonb_object_agg(name, part_is) FILTER (WHERE TG_OP <> 'DELETE')
    INTO old_part, new_part
    FROM (
        SELECT name,
            CASE WHEN coalesce(was->name, 'null') = 'null' THEN 'null'
                WHEN name = ANY(hidden) THEN '"(hidden)"'
                -- An address may have a secret in any part but its host.
                WHEN name = 'url' THEN to_jsonb(substring(was->>name FROM '^[a-z]+://(?:[^/@]*@)?[^/?#]*'))
                ELSE was->name END AS part_was,
            CASE WHEN coalesce(is_now->name, 'null') = 'null' THEN 'null'
                WHEN name = ANY(hidden) THEN '"(hidden)"'
                WHEN name = 'url' THEN to_jsonb(substring(is_now->>name FROM '^[a-z]+://(?:[^/@]*@)?[^/?#]*'))
                ELSE is_now->name END AS part_is
        FROM unnest(shown || hidden) AS name
        WHERE coalesce(was->name, 'null') <> coalesce(is_now->name, 'null')
    ) AS changed;
    IF TG_OP = 'UPDATE' AND old_part IS NULL AND was->'version' IS NOT DISTINCT FROM is_now->'version' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        types := ARRAY[TG_ARGV[0] || '.deleted'];
    ELSE
        IF TG_OP = 'INSERT' THEN
            types := ARRAY[TG_ARGV[0] || '.created'];
            verbs := coalesce(verbs->'insert', '{}');
        END IF;
        FOR column_name, words IN SELECT key, value FROM jsonb_each(verbs) WHERE key <> 'insert' LOOP
            IF coalesce(was->column_name, 'null') <> coalesce(is_now->column_name, 'null') THEN
                verb := coalesce(words->>coalesce(is_now->>column_name, 'null'),
                    CASE WHEN is_now->>column_name IS NOT NULL THEN words->>'*' END);
                IF verb IS NOT NULL THEN types := types || (TG_ARGV[0] || '.' || verb); END IF;
            END IF;
        END LOOP;
        IF cardinality(types) = 0 THEN types := ARRAY[TG_ARGV[0] || '.updated']; END IF;
    END IF;
    INSERT INTO audit_entry (workspace_id, position, resource, resource_id, sequence, types, actor, request_id,
        occurred_at, before, after)
    VALUES ((one->>'workspace_id')::uuid,
        floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint * 4096 + nextval('audit_serial') % 512 * 8
            + array_position(services, TG_TABLE_SCHEMA::text) - 1,
        TG_ARGV[0], (one->>TG_ARGV[1])::uuid, coalesce((one->>'version')::bigint, 0), types,
        current_setting('app.actor'), nullif(current_setting('app.request_id', true), ''),
        now() + coalesce(nullif(current_setting('app.clock_offset_ms', true), ''), '0')::bigint
            * interval '1 millisecond',
        old_part, new_part);
    RETURN NULL;
END $$;

-- Lets every change of the table's rows that a person or a key makes be written: what nobody asked for has no actor.
CREATE FUNCTION audit_table(
    name text, resource text, id_column text, shown text, hidden text DEFAULT '{}', verbs text DEFAULT '{}',
    operations text DEFAULT 'INSERT OR UPDATE OR DELETE', condition text DEFAULT 'true'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER audit_%s_%s AFTER %s ON %I FOR EACH ROW WHEN (current_setting(''app.actor'', true) <> '''' '
        'AND %s) EXECUTE FUNCTION audit_change(%L, %L, %L, %L, %L)',
        resource, lower(split_part(operations, ' ', 1)), operations, name, condition, resource, id_column, shown, hidden, verbs);
END $$;
REVOKE ALL ON FUNCTION audit_table(text, text, text, text, text, text, text, text) FROM PUBLIC;

-- What was written stays as it was written: all that may be added is its place in the chain, once.
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_LEVEL = 'ROW' AND OLD.chain_sha256 IS NULL AND NEW.chain_sha256 IS NOT NULL THEN
        OLD.chain_number := NEW.chain_number;
        OLD.chain_sha256 := NEW.chain_sha256;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
DO $$
DECLARE
    service text := current_schema();
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM %I, %I', service || '_api',
        service || '_worker');
    EXECUTE format('GRANT UPDATE (chain_number, chain_sha256) ON audit_entry TO %I', service || '_worker');
    EXECUTE format('REVOKE ALL ON audit_head FROM %I', service || '_api');
    EXECUTE format('REVOKE DELETE, TRUNCATE ON audit_head FROM %I', service || '_worker');
END $$;
