-- Dunning: what a workspace wants, campaigns with their schedules, and what they need to know.
CREATE TABLE dunning_settings (
    workspace_id uuid NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    preset text NOT NULL,
    -- Days from one failure to the next attempt.
    intervals_days integer[] NOT NULL,
    terminal_action text NOT NULL,
    CONSTRAINT dunning_settings_pk PRIMARY KEY (workspace_id),
    CONSTRAINT dunning_settings_has_intervals CHECK (cardinality(intervals_days) BETWEEN 1 AND 20),
    CONSTRAINT dunning_settings_intervals_positive CHECK (0 < ALL (intervals_days)),
    CONSTRAINT dunning_settings_preset CHECK (preset IN ('default', 'stripe_like', 'direct_debit', 'custom')),
    CONSTRAINT dunning_settings_terminal_action CHECK (terminal_action IN ('cancel', 'uncollectible', 'leave'))
);

CREATE TABLE dunning (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    invoice_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    subscription_id uuid,
    status text NOT NULL,
    attempt_count integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    last_failure_code text,
    terminal_action text NOT NULL,
    ended_at timestamptz,
    -- When the worker has to look at it, on the workspace's clock; null once it is over.
    next_step_at timestamptz,
    CONSTRAINT dunning_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT dunning_once_an_invoice UNIQUE (workspace_id, invoice_id),
    CONSTRAINT dunning_status
        CHECK (status IN ('active', 'waiting_for_payment_method', 'recovered', 'exhausted', 'canceled')),
    CONSTRAINT dunning_terminal_action CHECK (terminal_action IN ('cancel', 'uncollectible', 'leave')),
    CONSTRAINT dunning_over_has_its_end
        CHECK ((status IN ('active', 'waiting_for_payment_method')) = (ended_at IS NULL)),
    CONSTRAINT dunning_open_has_a_next_step CHECK ((ended_at IS NULL) = (next_step_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX dunning_due ON dunning (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX dunning_waiting ON dunning (workspace_id, contact_id)
    WHERE status = 'waiting_for_payment_method';
CREATE INDEX dunning_by_subscription ON dunning (workspace_id, subscription_id, id DESC)
    WHERE subscription_id IS NOT NULL;

-- The schedule, written at the first failure; only automatic attempts use a row up.
CREATE TABLE dunning_attempt (
    workspace_id uuid NOT NULL,
    dunning_id uuid NOT NULL,
    number integer NOT NULL,
    due_at timestamptz NOT NULL,
    state text NOT NULL,
    asked_at timestamptz,
    CONSTRAINT dunning_attempt_pk PRIMARY KEY (workspace_id, dunning_id, number),
    CONSTRAINT dunning_attempt_of_dunning FOREIGN KEY (workspace_id, dunning_id)
        REFERENCES dunning (workspace_id, id),
    CONSTRAINT dunning_attempt_state CHECK (state IN ('planned', 'asked', 'failed', 'skipped')),
    CONSTRAINT dunning_attempt_asked_has_its_instant CHECK (state <> 'asked' OR asked_at IS NOT NULL)
);

-- Failures that were taken into account: one counts once, even after the inbox has forgotten its event.
CREATE TABLE dunning_failure (
    workspace_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    sequence bigint NOT NULL,
    invoice_id uuid NOT NULL,
    failed_at timestamptz NOT NULL,
    CONSTRAINT dunning_failure_pk PRIMARY KEY (workspace_id, payment_id, sequence)
);

-- What dunning knows of invoices: those that failed, were late, or are settled. Locked before deciding.
CREATE TABLE invoice_copy (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    sequence bigint NOT NULL,
    subscription_id uuid,
    status text NOT NULL,
    is_credited boolean NOT NULL,
    is_late boolean NOT NULL,
    has_failed boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT invoice_copy_pk PRIMARY KEY (workspace_id, invoice_id)
);
CREATE INDEX invoice_copy_owed ON invoice_copy (workspace_id, subscription_id)
    WHERE status = 'open' AND (is_late OR has_failed);

-- What dunning knows of payment methods: since when each could bring money that it could not bring before.
CREATE TABLE payment_method_copy (
    workspace_id uuid NOT NULL,
    payment_method_id uuid NOT NULL,
    sequence bigint NOT NULL,
    contact_id uuid NOT NULL,
    is_usable boolean NOT NULL,
    is_default boolean NOT NULL,
    expires text,
    usable_since timestamptz NOT NULL,
    CONSTRAINT payment_method_copy_pk PRIMARY KEY (workspace_id, payment_method_id)
);
CREATE INDEX payment_method_copy_by_contact ON payment_method_copy (workspace_id, contact_id);

-- include: sandbox_event_v1, row_security_v1
