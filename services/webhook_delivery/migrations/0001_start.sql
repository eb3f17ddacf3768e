-- Endpoints, messages in daily partitions, deliveries, attempts and the pull feed's positions.
-- include: outbox_v1, inbox_v1, idempotency_v1, workspace_v1

CREATE TABLE endpoint (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    url text NOT NULL,
    event_types text[] NOT NULL,
    description text,
    headers jsonb NOT NULL,
    timeout_seconds smallint NOT NULL,
    max_concurrency smallint NOT NULL,
    -- Deliveries a second; null is unlimited.
    rate_limit integer,
    ordering text NOT NULL DEFAULT 'none',
    status text NOT NULL,
    disabled_reason text,
    disabled_at timestamptz,
    -- A receiver's Retry-After: nothing is sent before it, by no worker and after no restart.
    paused_until timestamptz,
    failing_since timestamptz,
    failure_count integer NOT NULL,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT endpoint_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT endpoint_wants_something CHECK (cardinality(event_types) > 0),
    CONSTRAINT endpoint_timeout_range CHECK (timeout_seconds BETWEEN 1 AND 30),
    CONSTRAINT endpoint_concurrency_positive CHECK (max_concurrency > 0),
    CONSTRAINT endpoint_rate_limit_positive CHECK (rate_limit > 0),
    CONSTRAINT endpoint_ordering_known CHECK (ordering IN ('none', 'fifo')),
    CONSTRAINT endpoint_status_known CHECK (status IN ('enabled', 'paused', 'disabled')),
    CONSTRAINT endpoint_disabled_with_reason CHECK ((status = 'disabled') = (disabled_reason IS NOT NULL))
);

-- The few whose pending deliveries are to be put aside.
CREATE INDEX endpoint_not_taking ON endpoint (id) WHERE status <> 'enabled' OR deleted_at IS NOT NULL;

CREATE TABLE endpoint_secret (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    -- Version, key id, nonce and AES-256-GCM ciphertext, bound to workspace, table, row and column.
    key_encrypted bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    CONSTRAINT endpoint_secret_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT endpoint_secret_of_endpoint FOREIGN KEY (workspace_id, endpoint_id)
        REFERENCES endpoint (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX endpoint_secret_by_endpoint ON endpoint_secret (workspace_id, endpoint_id);

-- The last place taken in each workspace's feed. Its row lock makes places visible in their order; the
-- version grows with every change of the workspace's endpoints, and is read under the same lock.
CREATE TABLE feed_head (
    workspace_id uuid NOT NULL,
    position bigint NOT NULL,
    endpoints_version bigint NOT NULL,
    CONSTRAINT feed_head_pk PRIMARY KEY (workspace_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE message (
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    -- The millisecond inside the id, so that a lookup by id alone reads one partition.
    created_at timestamptz NOT NULL,
    event_type text NOT NULL,
    source_event_id text NOT NULL,
    ordering_key text,
    sequence bigint,
    position bigint NOT NULL,
    traceparent text,
    body bytea NOT NULL,
    CONSTRAINT message_pk PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at);

CREATE INDEX message_by_workspace ON message (workspace_id, created_at DESC, id DESC);
CREATE INDEX message_by_position ON message (workspace_id, position);

-- Apart from message, whose partitions could not hold this uniqueness.
CREATE TABLE message_dedup (
    workspace_id uuid NOT NULL,
    source_event_id text NOT NULL,
    message_id uuid NOT NULL,
    body_sha bytea NOT NULL,
    day date NOT NULL DEFAULT current_date,
    CONSTRAINT message_dedup_pk PRIMARY KEY (workspace_id, source_event_id)
) PARTITION BY HASH (workspace_id);

CREATE TABLE message_dedup_0 PARTITION OF message_dedup FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE message_dedup_1 PARTITION OF message_dedup FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE message_dedup_2 PARTITION OF message_dedup FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE message_dedup_3 PARTITION OF message_dedup FOR VALUES WITH (MODULUS 4, REMAINDER 3);
CREATE INDEX message_dedup_by_age ON message_dedup USING brin (day);

-- Only what is still to be done: a delivery that is done leaves this table.
CREATE TABLE delivery_due (
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    message_id uuid NOT NULL,
    message_created_at timestamptz NOT NULL,
    seq bigint NOT NULL,
    attempt smallint NOT NULL DEFAULT 0,
    priority smallint NOT NULL DEFAULT 0,
    kind smallint NOT NULL DEFAULT 0,
    shard smallint NOT NULL,
    -- Nobody may take it before: a lease just moves it forward.
    due_at timestamptz NOT NULL,
    -- The fence: whoever writes back must still hold it.
    lease_token uuid,
    CONSTRAINT delivery_due_pk PRIMARY KEY (id)
) WITH (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);

CREATE INDEX delivery_due_by_shard ON delivery_due (shard, due_at);
CREATE INDEX delivery_due_by_endpoint ON delivery_due (endpoint_id, seq);

-- What was not delivered: exhausted, gone, cancelled, expired or held. Successes are attempts only.
CREATE TABLE delivery_failed (
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    message_id uuid NOT NULL,
    message_created_at timestamptz NOT NULL,
    seq bigint NOT NULL,
    state smallint NOT NULL,
    attempts smallint NOT NULL,
    finished_at timestamptz NOT NULL,
    CONSTRAINT delivery_failed_pk PRIMARY KEY (finished_at, id)
) PARTITION BY RANGE (finished_at);

CREATE INDEX delivery_failed_by_endpoint ON delivery_failed (endpoint_id, finished_at DESC);
CREATE INDEX delivery_failed_by_workspace ON delivery_failed (workspace_id, finished_at DESC);
CREATE INDEX delivery_failed_by_id ON delivery_failed (id);

CREATE TABLE attempt (
    delivery_id uuid NOT NULL,
    message_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    n smallint NOT NULL,
    kind smallint NOT NULL,
    at timestamptz NOT NULL,
    ms integer NOT NULL,
    status smallint,
    error smallint,
    -- The state that the attempt ended in; null: it will be tried again.
    final smallint,
    req_headers jsonb NOT NULL,
    resp_headers jsonb NOT NULL,
    resp_body bytea NOT NULL
) PARTITION BY RANGE (at);

CREATE INDEX attempt_by_delivery ON attempt (delivery_id);
CREATE INDEX attempt_by_workspace ON attempt (workspace_id, at DESC);
CREATE INDEX attempt_by_message ON attempt (message_id, at);
CREATE INDEX attempt_by_endpoint ON attempt (endpoint_id, at DESC);

-- Makes the daily partitions from yesterday until `days` ahead; returns how many days ahead there are now.
-- It runs as the owner, so that the worker's login needs no right to make tables: all that it may
-- choose is a number. ATTACH takes a lock that lets reads and writes go on; PARTITION OF would not.
CREATE FUNCTION make_partitions(days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = webhook_delivery, pg_temp
SET lock_timeout = '3s'
AS $$
DECLARE
    parent text;
    partition text;
    day date;
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF days IS NULL OR days NOT BETWEEN 0 AND 60 THEN
        RAISE EXCEPTION 'partitions can be made 0 to 60 days ahead' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('webhook_delivery.make_partitions'));
    FOREACH parent IN ARRAY ARRAY['message', 'delivery_failed', 'attempt'] LOOP
        FOR day IN SELECT generate_series(today - 1, today + days, interval '1 day')::date LOOP
            partition := parent || to_char(day, '_YYYYMMDD');
            CONTINUE WHEN to_regclass(partition) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, parent);
            -- Reached through its parent alone, whose policies hold; by itself it opens to nobody.
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', partition);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', partition);
            EXECUTE format('REVOKE ALL ON %I FROM webhook_delivery_api, webhook_delivery_worker', partition);
            EXECUTE format(
                'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                parent, partition, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
        END LOOP;
    END LOOP;
    RETURN (
        SELECT min(ahead) FROM (
            SELECT count(*) FILTER (WHERE right(c.relname, 8) > to_char(today, 'YYYYMMDD')) AS ahead
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent IN ('message'::regclass, 'delivery_failed'::regclass, 'attempt'::regclass)
            GROUP BY i.inhparent
        ) AS each_parent
    );
END $$;

REVOKE ALL ON FUNCTION make_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partitions(integer) TO webhook_delivery_worker;
SELECT make_partitions(7);

-- include: row_security_v1
