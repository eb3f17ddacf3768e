-- Subscriptions, what was billed of them, and the runs in which that happened.
CREATE TABLE subscription (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    contact_id uuid NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    lines jsonb NOT NULL,
    interval_unit text NOT NULL,
    interval_count integer NOT NULL,
    timezone text NOT NULL,
    start_at timestamptz NOT NULL,
    anchor_at timestamptz NOT NULL,
    period_index bigint NOT NULL,
    trial_end timestamptz,
    current_period_start timestamptz,
    current_period_end timestamptz,
    next_billing_at timestamptz,
    collection_method text NOT NULL,
    payment_method_id uuid,
    payment_terms_days integer,
    cancel_at_period_end boolean NOT NULL,
    scheduled_change jsonb,
    pending_lines jsonb NOT NULL DEFAULT '[]',
    catch_up text NOT NULL,
    parked_reason text,
    parked_at timestamptz,
    external_id text,
    metadata jsonb NOT NULL DEFAULT '{}',
    paused_at timestamptz,
    keeps_anchor boolean NOT NULL,
    canceled_at timestamptz,
    ended_at timestamptz,
    billed_on date,
    billed_count integer NOT NULL DEFAULT 0,
    last_amount_minor bigint,
    CONSTRAINT subscription_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT subscription_status
        CHECK (status IN ('trialing', 'active', 'past_due', 'paused', 'canceled', 'ended')),
    CONSTRAINT subscription_interval CHECK (interval_unit IN ('day', 'week', 'month', 'year')),
    CONSTRAINT subscription_interval_count_positive CHECK (interval_count > 0),
    CONSTRAINT subscription_catch_up CHECK (catch_up IN ('all', 'latest', 'forgive')),
    CONSTRAINT subscription_collection_method
        CHECK (collection_method IN ('send_invoice', 'charge_automatically')),
    CONSTRAINT subscription_period_ends_after_its_start CHECK (current_period_start < current_period_end),
    CONSTRAINT subscription_is_billed_while_it_runs
        CHECK ((next_billing_at IS NOT NULL) = (status IN ('trialing', 'active', 'past_due'))),
    CONSTRAINT subscription_paused_has_its_instant CHECK ((status = 'paused') = (paused_at IS NOT NULL)),
    CONSTRAINT subscription_over_has_its_end CHECK ((status IN ('canceled', 'ended')) = (ended_at IS NOT NULL)),
    CONSTRAINT subscription_parked_has_its_instant CHECK ((parked_reason IS NULL) = (parked_at IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- What the renewal looks for, a workspace at a time, since sandboxes have clocks of their own.
CREATE INDEX subscription_due ON subscription (workspace_id, next_billing_at, id)
    WHERE next_billing_at IS NOT NULL AND parked_reason IS NULL;
CREATE UNIQUE INDEX subscription_external_id_is_unique ON subscription (workspace_id, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX subscription_by_contact ON subscription (workspace_id, contact_id, id DESC);
CREATE INDEX subscription_parked ON subscription (workspace_id, id) WHERE parked_reason IS NOT NULL;

-- A day of renewals of one workspace; what it did is the sum of its batches, so that workers do not meet.
CREATE TABLE renewal_run (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    run_on date NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    checked_at timestamptz NOT NULL DEFAULT '-infinity',
    paused_at timestamptz,
    paused_reason text,
    is_size_accepted boolean NOT NULL DEFAULT false,
    CONSTRAINT renewal_run_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT renewal_run_one_a_day UNIQUE (workspace_id, run_on),
    CONSTRAINT renewal_run_paused_has_its_reason CHECK ((paused_at IS NULL) = (paused_reason IS NULL))
);
CREATE INDEX renewal_run_paused ON renewal_run (workspace_id) WHERE paused_at IS NOT NULL;

CREATE TABLE renewal_batch (
    workspace_id uuid NOT NULL,
    run_id uuid NOT NULL,
    id uuid NOT NULL,
    as_of timestamptz NOT NULL,
    renewed_count integer NOT NULL,
    ended_count integer NOT NULL,
    parked_count integer NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    CONSTRAINT renewal_batch_pk PRIMARY KEY (workspace_id, run_id, id),
    CONSTRAINT renewal_batch_of_run FOREIGN KEY (workspace_id, run_id)
        REFERENCES renewal_run (workspace_id, id) ON DELETE CASCADE
);

-- What was handed to the invoice service. A period is billed once, whatever the code believes.
CREATE TABLE billing (
    workspace_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    sequence bigint NOT NULL,
    reason text NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    billed_at timestamptz NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    run_id uuid,
    CONSTRAINT billing_pk PRIMARY KEY (workspace_id, subscription_id, sequence),
    CONSTRAINT billing_of_subscription FOREIGN KEY (workspace_id, subscription_id)
        REFERENCES subscription (workspace_id, id),
    CONSTRAINT billing_reason CHECK (reason IN ('cycle', 'change'))
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE UNIQUE INDEX billing_once_a_period ON billing (workspace_id, subscription_id, period_start)
    WHERE reason = 'cycle';

-- include: row_security_v1
