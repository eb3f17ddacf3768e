-- Rate limits, order, health, recovery and retention.
-- The tables that change here are small in every installation that has revision 0001 alone, and one
-- transaction holds the revision: checking later or building concurrently would lock no shorter.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint, require-concurrent-index-creation

-- Which notice was given last about an endpoint that fails: none, the first, or the one before it is disabled.
ALTER TABLE endpoint
    ADD COLUMN health text NOT NULL DEFAULT 'sound',
    ADD CONSTRAINT endpoint_health_known CHECK (health IN ('sound', 'failing', 'warned'));

-- What waits behind the head of an endpoint with an order is parked: due at no time until it is the head.
CREATE INDEX delivery_due_parked ON delivery_due (endpoint_id, seq) WHERE due_at = 'infinity';
CREATE INDEX delivery_failed_held ON delivery_failed (endpoint_id) WHERE state = 6;
CREATE INDEX delivery_failed_by_message ON delivery_failed (message_id);

-- Which worker owns a part of the queue: each endpoint's limits are kept by one process.
CREATE TABLE shard_lease (
    shard smallint NOT NULL,
    owner uuid,
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT shard_lease_pk PRIMARY KEY (shard)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

INSERT INTO shard_lease (shard) SELECT generate_series(0, 15);

CREATE TABLE shard_worker (
    owner uuid NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT shard_worker_pk PRIMARY KEY (owner)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

REVOKE ALL ON shard_lease, shard_worker FROM webhook_delivery_api;

-- Sending again in bulk: what was not delivered (recover), or messages anew (replay).
CREATE TABLE job (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    endpoint_id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    -- Messages of this time; `until` is not part of it.
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    states text[] NOT NULL,
    only_missing boolean NOT NULL,
    -- How far it is: the last end of a delivery that was looked at, or the last place in the feed.
    cursor_at timestamptz,
    cursor_id uuid,
    cursor_position bigint,
    total_count bigint NOT NULL,
    seen_count bigint NOT NULL,
    queued_count bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT job_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT job_of_endpoint FOREIGN KEY (workspace_id, endpoint_id)
        REFERENCES endpoint (workspace_id, id) ON DELETE CASCADE,
    CONSTRAINT job_kind_known CHECK (kind IN ('recover', 'replay')),
    CONSTRAINT job_status_known CHECK (status IN ('running', 'done', 'cancelled')),
    CONSTRAINT job_time_forward CHECK (since < until),
    CONSTRAINT job_counts_not_negative CHECK (total_count >= 0 AND seen_count >= 0 AND queued_count >= 0),
    CONSTRAINT job_finished_when_not_running CHECK ((finished_at IS NULL) = (status = 'running'))
);

-- Two at once could queue the same message twice.
CREATE UNIQUE INDEX job_one_running ON job (workspace_id, endpoint_id) WHERE status = 'running';
CREATE INDEX job_by_endpoint ON job (workspace_id, endpoint_id, id DESC);
CREATE INDEX job_running ON job (updated_at) WHERE status = 'running';

-- Drops the oldest partition of `parent` that ended before so many days ago; returns its name, null when
-- there is none. One a call, so that the lock on the parent is short. It runs as the owner: all that the
-- worker's login may choose is a table of the three and a number, and never one that is still in use.
CREATE FUNCTION drop_partition(parent text, days integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = webhook_delivery, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
    oldest text;
BEGIN
    IF parent IS NULL OR parent NOT IN ('message', 'delivery_failed', 'attempt') THEN
        RAISE EXCEPTION 'the table has no daily partitions' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Longer than a delivery is tried (76 hours) and than an event may be published again.
    IF days IS NULL OR days < 7 THEN
        RAISE EXCEPTION 'partitions are kept for 7 days or longer' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT c.relname INTO oldest
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = parent::regclass
      -- As text: the planner may ask this of tables that are no partitions and end in no date.
      AND right(c.relname, 8) < to_char((now() AT TIME ZONE 'UTC')::date - days, 'YYYYMMDD')
    ORDER BY c.relname LIMIT 1;
    IF oldest IS NOT NULL THEN
        EXECUTE format('DROP TABLE %I', oldest);
    END IF;
    RETURN oldest;
END $$;

REVOKE ALL ON FUNCTION drop_partition(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_partition(text, integer) TO webhook_delivery_worker;

-- include: sandbox_event_v1, row_security_v1
