-- A copy of the gateway's workspaces, fed by its events: mode, zone, currency and the sandbox clock.
CREATE TABLE workspace (
    workspace_id uuid CONSTRAINT workspace_pk PRIMARY KEY,
    sequence bigint NOT NULL,
    slug text NOT NULL,
    mode text NOT NULL,
    zone text NOT NULL,
    currency text NOT NULL,
    clock_offset_ms bigint NOT NULL
);
