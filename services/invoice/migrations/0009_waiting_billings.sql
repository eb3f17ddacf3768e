-- Numbers that a series passed over, since they stand on documents already: not given out, so no gap either.
ALTER TABLE number_counter ADD COLUMN skipped_count bigint NOT NULL DEFAULT 0;

-- What a subscription bills and no invoice could be made of yet, for a reason that the workspace can mend.
CREATE TABLE waiting_billing (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    -- The subscription's version at which it was billed: one billing a version.
    sequence bigint NOT NULL,
    contact_id uuid NOT NULL,
    reason text NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    event_type text NOT NULL,
    event bytea NOT NULL,
    problem_code text NOT NULL,
    problem text NOT NULL,
    attempt_count integer NOT NULL,
    first_attempt_at timestamptz NOT NULL DEFAULT now(),
    -- On the database's clock.
    next_attempt_at timestamptz NOT NULL,
    CONSTRAINT waiting_billing_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT waiting_billing_once UNIQUE (workspace_id, subscription_id, sequence),
    CONSTRAINT waiting_billing_reason CHECK (reason IN ('cycle', 'change'))
);
CREATE INDEX waiting_billing_due ON waiting_billing (next_attempt_at);

-- What the business is called where it has not said so: each service's copy of a workspace may know more.
ALTER TABLE workspace ADD COLUMN name text;

-- include: row_security_v1
