-- Events of sandboxes that Kafka has taken, until the time machine knows that everybody has heard them.
-- Live workspaces have no rows here.
CREATE TABLE sandbox_event (
    workspace_id uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    relayed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sandbox_event_pk PRIMARY KEY (workspace_id, event_id)
);

CREATE INDEX sandbox_event_by_age ON sandbox_event USING brin (relayed_at);
