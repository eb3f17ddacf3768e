-- Meters, what was used, and what it adds up to.
CREATE TABLE meter (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    -- Which events it counts, and how; none of this changes, since sums could not be made anew.
    type text NOT NULL,
    filter jsonb NOT NULL,
    aggregation text NOT NULL,
    value text,
    dimensions text[] NOT NULL,
    scale numeric NOT NULL,
    rounding text NOT NULL,
    clamp_minimum numeric,
    clamp_maximum numeric,
    counts_from timestamptz NOT NULL,
    archived_at timestamptz,
    -- In real time, both taken while nobody counts: events received between them were counted by it.
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    stopped_at timestamptz,
    CONSTRAINT meter_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT meter_key_is_unique UNIQUE (workspace_id, key),
    CONSTRAINT meter_aggregation
        CHECK (aggregation IN ('count', 'sum', 'max', 'min', 'latest', 'unique_count')),
    CONSTRAINT meter_rounding CHECK (rounding IN ('none', 'up')),
    CONSTRAINT meter_scale_positive CHECK (scale > 0),
    CONSTRAINT meter_value_unless_counted CHECK ((value IS NULL) = (aggregation = 'count')),
    CONSTRAINT meter_clamp_ascends CHECK (clamp_minimum <= clamp_maximum)
);

-- Each event once: the primary key is what makes a repeat do nothing. `key` stands for source and id within
-- the workspace. Sandboxes have clocks of their own, so theirs lie apart from the daily partitions.
CREATE TABLE usage_event (
    workspace_id uuid NOT NULL,
    day date NOT NULL,
    key uuid NOT NULL,
    is_sandbox boolean NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    at timestamptz NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    data jsonb NOT NULL,
    -- In real time, of its counting; after its meters were looked up.
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    voided_at timestamptz,
    CONSTRAINT usage_event_pk PRIMARY KEY (workspace_id, day, key, is_sandbox)
) PARTITION BY LIST (is_sandbox);
CREATE INDEX usage_event_by_subject ON usage_event (workspace_id, subject, at);

CREATE TABLE usage_event_sandbox PARTITION OF usage_event FOR VALUES IN (true);
CREATE TABLE usage_event_live PARTITION OF usage_event FOR VALUES IN (false) PARTITION BY RANGE (day);
-- Reached through their parent alone, whose policies hold; by themselves they open to nobody.
ALTER TABLE usage_event_sandbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_event_sandbox FORCE ROW LEVEL SECURITY;
REVOKE ALL ON usage_event_sandbox FROM subscription_renewal_api, subscription_renewal_worker;
ALTER TABLE usage_event_live ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_event_live FORCE ROW LEVEL SECURITY;
REVOKE ALL ON usage_event_live FROM subscription_renewal_api, subscription_renewal_worker;

-- The partitions of days that live events may still come for (35 days back) and of the days ahead.
CREATE FUNCTION make_usage_partitions(days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = subscription_renewal, pg_temp
SET lock_timeout = '3s'
AS $$
DECLARE
    partition text;
    day date;
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF days IS NULL OR days NOT BETWEEN 1 AND 60 THEN
        RAISE EXCEPTION 'partitions can be made 1 to 60 days ahead' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('subscription_renewal.make_usage_partitions'));
    FOR day IN SELECT generate_series(today - 36, today + days, interval '1 day')::date LOOP
        partition := 'usage_event' || to_char(day, '_YYYYMMDD');
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE usage_event INCLUDING ALL)', partition);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', partition);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', partition);
        EXECUTE format('REVOKE ALL ON %I FROM subscription_renewal_api, subscription_renewal_worker', partition);
        EXECUTE format(
            'ALTER TABLE usage_event_live ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            partition, day, day + 1);
    END LOOP;
    RETURN (
        SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'usage_event_live'::regclass
          AND right(c.relname, 8) > to_char(today, 'YYYYMMDD'));
END $$;

CREATE FUNCTION drop_usage_partition(days integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = subscription_renewal, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    oldest text;
BEGIN
    -- Longer than an event may come late.
    IF days IS NULL OR days < 36 THEN
        RAISE EXCEPTION 'raw usage is kept for 36 days or longer' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT c.relname INTO oldest
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'usage_event_live'::regclass
      AND right(c.relname, 8) < to_char((now() AT TIME ZONE 'UTC')::date - days, 'YYYYMMDD')
    ORDER BY c.relname LIMIT 1;
    IF oldest IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I', oldest);
    END IF;
    RETURN oldest;
END $$;

REVOKE ALL ON FUNCTION make_usage_partitions(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION drop_usage_partition(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_usage_partitions(integer) TO subscription_renewal_worker;
GRANT EXECUTE ON FUNCTION drop_usage_partition(integer) TO subscription_renewal_worker;
SELECT make_usage_partitions(7);

-- What a meter has of a subject within an hour (UTC), for each combination of its dimensions' values.
CREATE TABLE usage_bucket (
    workspace_id uuid NOT NULL,
    meter_id uuid NOT NULL,
    subject text NOT NULL,
    -- The values of the meter's dimensions as a JSON array, in their order; empty where it has none.
    dimensions text NOT NULL,
    hour timestamptz NOT NULL,
    count bigint NOT NULL,
    sum numeric NOT NULL,
    max numeric NOT NULL,
    min numeric NOT NULL,
    latest numeric NOT NULL,
    latest_at timestamptz NOT NULL,
    latest_key uuid NOT NULL,
    CONSTRAINT usage_bucket_pk PRIMARY KEY (workspace_id, meter_id, subject, dimensions, hour)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX usage_bucket_by_hour ON usage_bucket (workspace_id, meter_id, hour);

-- The distinct values of a day: when each was seen first and last. `value` stands for the text.
CREATE TABLE usage_unique (
    workspace_id uuid NOT NULL,
    meter_id uuid NOT NULL,
    subject text NOT NULL,
    dimensions text NOT NULL,
    day date NOT NULL,
    value uuid NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT usage_unique_pk PRIMARY KEY (workspace_id, meter_id, subject, dimensions, day, value)
) WITH (fillfactor = 70);

-- What was refused while the rest of its request was taken, and why.
CREATE TABLE usage_rejection (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    code text NOT NULL,
    pointer text NOT NULL,
    message text NOT NULL,
    event text NOT NULL,
    CONSTRAINT usage_rejection_pk PRIMARY KEY (workspace_id, id)
);
CREATE INDEX usage_rejection_by_age ON usage_rejection (received_at);

-- How far each partition of the topics of raw usage is counted, and until when that is all there is.
CREATE TABLE usage_watermark (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    caught_up_at timestamptz NOT NULL,
    CONSTRAINT usage_watermark_pk PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

SELECT audit_table('meter', 'meter', 'id',
    '{key,name,type,filter,aggregation,value,dimensions,scale,rounding,clamp_minimum,clamp_maximum,counts_from,'
    'archived_at}', '{}', '{"archived_at": {"*": "archived"}}', 'INSERT OR UPDATE');

SELECT audit_table('usage_event', 'usage_event', 'key', '{type,subject,at,source,id,data,voided_at}', '{}',
    '{"voided_at": {"*": "voided"}}', 'UPDATE');

-- include: row_security_v1
REVOKE INSERT, UPDATE, DELETE ON usage_watermark FROM subscription_renewal_api;
