-- As audit_v1 has it, but that requests which share a transaction are told apart: `app.request_ids` is a JSON
-- object that has, by the id of a resource, the id of the request that changed it.
-- Arguments: resource, the column of its id, the columns that are shown, those of which only is said that they
-- changed, and verbs: {"column": {"new value": "verb"}}, where * is any value and null is none, with those that
-- a new row earns under "insert".
CREATE OR REPLACE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
        current_setting('app.actor'),
        coalesce(nullif(current_setting('app.request_ids', true), '')::jsonb->>(one->>TG_ARGV[1]),
            nullif(current_setting('app.request_id', true), '')),
        now() + coalesce(nullif(current_setting('app.clock_offset_ms', true), ''), '0')::bigint
            * interval '1 millisecond',
        old_part, new_part);
    RETURN NULL;
END $$;
