-- Events that wait to be published. Column names are Debezium's, so that change data capture may take
-- the relay's place; position is the relay's order, record_key the Kafka key.
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid uuid NOT NULL,
    aggregate_seq bigint NOT NULL,
    type text NOT NULL,
    record_key uuid NOT NULL,
    payload bytea NOT NULL,
    headers jsonb NOT NULL,
    shard smallint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_pk PRIMARY KEY (position),
    CONSTRAINT outbox_one_event_per_change UNIQUE (aggregatetype, aggregateid, aggregate_seq, type)
) WITH (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

-- One relay owns a shard at a time; epoch fences a relay that woke up after its lease ran out.
CREATE TABLE outbox_lease (
    shard smallint CONSTRAINT outbox_lease_pk PRIMARY KEY,
    owner uuid,
    epoch bigint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO outbox_lease (shard) SELECT generate_series(0, 15);

-- Which relays are alive, so that they share the shards evenly.
CREATE TABLE outbox_relay (
    owner uuid CONSTRAINT outbox_relay_pk PRIMARY KEY,
    seen_at timestamptz NOT NULL
);
