-- Where a sandbox's clock is being moved to; the row is gone once everything on the way is done.
CREATE TABLE clock_advance (
    workspace_id uuid NOT NULL,
    -- On the sandbox's clock.
    began_at timestamptz NOT NULL,
    target timestamptz NOT NULL,
    step_count bigint NOT NULL DEFAULT 0,
    -- What the last look found unfinished.
    waits_for jsonb NOT NULL DEFAULT '[]',
    -- One worker at a time, by real time: the lease of one that was killed runs out.
    owner uuid,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT clock_advance_pk PRIMARY KEY (workspace_id),
    CONSTRAINT clock_advance_of_workspace FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id),
    CONSTRAINT clock_advance_goes_forward CHECK (target >= began_at)
);

-- include: sandbox_event_v1, row_security_v1
