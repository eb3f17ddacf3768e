-- Records that could not be applied, each once, until somebody has replayed or dropped it.
CREATE TABLE dead_letter (
    -- The event's id, or one made of the record's place where there is no event in it.
    id uuid CONSTRAINT dead_letter_pk PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    -- All zeros where the record names none.
    workspace_id uuid NOT NULL,
    type text NOT NULL,
    reason text NOT NULL,
    error text NOT NULL,
    status text NOT NULL,
    death_count integer NOT NULL,
    topic text NOT NULL,
    record_partition integer NOT NULL,
    record_offset bigint NOT NULL,
    headers jsonb NOT NULL,
    value bytea NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_by text,
    ended_reason text,
    CONSTRAINT dead_letter_status CHECK (status IN ('waiting', 'replaying', 'applied', 'dropped')),
    CONSTRAINT dead_letter_ended_has_its_instant
        CHECK ((status IN ('applied', 'dropped')) = (ended_at IS NOT NULL))
);
CREATE INDEX dead_letter_open ON dead_letter (position) WHERE status IN ('waiting', 'replaying');
CREATE INDEX dead_letter_by_workspace ON dead_letter (workspace_id, position);

-- Workspaces whose events are set aside: they come into dead_letter untried, and wait there in their order.
CREATE TABLE dead_letter_lane (
    workspace_id uuid CONSTRAINT dead_letter_lane_pk PRIMARY KEY,
    reason text NOT NULL,
    set_aside_by text NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT now(),
    -- What waits is applied, the oldest first; the lane ends once nothing is left.
    is_resuming boolean NOT NULL DEFAULT false
);

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON dead_letter, dead_letter_lane FROM %I', current_schema() || '_api');
END $$;
