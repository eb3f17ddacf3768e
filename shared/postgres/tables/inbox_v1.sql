-- Events whose effect is committed; an event that comes again finds itself here and does nothing.
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inbox_pk PRIMARY KEY (consumer, event_id)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE INDEX inbox_by_age ON inbox USING brin (received_at);
