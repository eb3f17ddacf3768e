-- Payment methods, collections and what providers said.

-- A workspace's own credentials at a provider: write-only, encrypted under their place.
CREATE TABLE provider_connection (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    provider text NOT NULL,
    mode text NOT NULL,
    description text,
    publishable_key text,
    secret_key_encrypted bytea NOT NULL,
    secret_key_last4 text NOT NULL,
    webhook_secret_encrypted bytea,
    -- The newest of the provider's events that was read here.
    event_cursor text,
    events_read_at timestamptz,
    deleted_at timestamptz,
    CONSTRAINT provider_connection_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT provider_connection_provider CHECK (provider IN ('stripe')),
    CONSTRAINT provider_connection_mode CHECK (mode IN ('live', 'test'))
);
CREATE UNIQUE INDEX provider_connection_one_per_mode
    ON provider_connection (workspace_id, provider, mode) WHERE deleted_at IS NULL;

-- What a provider calls a contact, or the workspace itself (then owner_id is the workspace's id).
CREATE TABLE provider_customer (
    workspace_id uuid NOT NULL,
    provider text NOT NULL,
    mode text NOT NULL,
    owner_id uuid NOT NULL,
    reference text NOT NULL,
    CONSTRAINT provider_customer_pk PRIMARY KEY (workspace_id, provider, mode, owner_id)
);

-- What invoices can be collected from. Never a card number: what may be shown, and its id at the provider.
CREATE TABLE payment_method (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    contact_id uuid,
    provider text NOT NULL,
    mode text NOT NULL,
    type text NOT NULL,
    brand text,
    last4 text,
    exp_month integer,
    exp_year integer,
    status text NOT NULL,
    is_default boolean NOT NULL,
    external_id text NOT NULL,
    customer_reference text NOT NULL,
    metadata jsonb NOT NULL,
    deleted_at timestamptz,
    -- The expiry that was announced, so that each is announced once.
    expiry_announced text,
    -- When the provider is to be told next that it was deleted; null once it knows, or while it lives.
    detach_at timestamptz,
    detach_count integer NOT NULL DEFAULT 0,
    CONSTRAINT payment_method_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT payment_method_attached_once UNIQUE (workspace_id, provider, external_id),
    CONSTRAINT payment_method_status CHECK (status IN ('active', 'expired', 'failed')),
    CONSTRAINT payment_method_deleted_is_no_default CHECK (deleted_at IS NULL OR NOT is_default)
);
CREATE UNIQUE INDEX payment_method_one_default ON payment_method
    (workspace_id, coalesce(contact_id, '00000000-0000-0000-0000-000000000000')) WHERE is_default;
CREATE INDEX payment_method_by_contact ON payment_method (workspace_id, contact_id, id DESC);
CREATE INDEX payment_method_by_expiry ON payment_method (exp_year, exp_month)
    WHERE deleted_at IS NULL AND exp_year IS NOT NULL;
CREATE INDEX payment_method_to_detach ON payment_method (detach_at) WHERE detach_at IS NOT NULL;

-- The wish to keep a method; the provider says when it came true.
CREATE TABLE setup_intent (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    contact_id uuid,
    provider text NOT NULL,
    mode text NOT NULL,
    reference text NOT NULL,
    customer_reference text NOT NULL,
    status text NOT NULL,
    payment_method_id uuid,
    CONSTRAINT setup_intent_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT setup_intent_known_once UNIQUE (workspace_id, provider, reference),
    CONSTRAINT setup_intent_status CHECK (status IN ('open', 'succeeded', 'failed'))
);

-- How an invoice is to be collected; its row also says that the first collection was begun.
CREATE TABLE collection_order (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    payment_method_id uuid,
    subscription_id uuid,
    CONSTRAINT collection_order_pk PRIMARY KEY (workspace_id, invoice_id)
);

-- One intent to collect an invoice. Its row is committed before each call that could move money.
CREATE TABLE collection (
    workspace_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    payment_method_id uuid NOT NULL,
    provider text NOT NULL,
    mode text NOT NULL,
    method_reference text NOT NULL,
    customer_reference text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    state text NOT NULL,
    is_automatic boolean NOT NULL,
    -- The provider's id of the intent, once it is prepared.
    provider_reference text,
    -- How often a confirmation was begun: each has an idempotency key of its own.
    confirm_count integer NOT NULL DEFAULT 0,
    -- Steps in a row that brought no answer.
    miss_count integer NOT NULL DEFAULT 0,
    cancel_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- When there is something to do, on the database's clock; null when nothing is expected.
    next_step_at timestamptz DEFAULT now(),
    -- Who works on it: a newer token makes the older holder's writes impossible.
    lease_token uuid,
    lease_expires_at timestamptz,
    CONSTRAINT collection_pk PRIMARY KEY (workspace_id, payment_id),
    CONSTRAINT collection_of_payment FOREIGN KEY (workspace_id, payment_id) REFERENCES payment (workspace_id, id),
    CONSTRAINT collection_from_method FOREIGN KEY (workspace_id, payment_method_id)
        REFERENCES payment_method (workspace_id, id),
    CONSTRAINT collection_state CHECK (state IN ('pending', 'processing', 'requires_action', 'succeeded', 'failed',
        'unknown', 'needs_review', 'canceled')),
    CONSTRAINT collection_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT collection_confirmed_only_prepared CHECK (confirm_count = 0 OR provider_reference IS NOT NULL),
    CONSTRAINT collection_cancel_reason CHECK (cancel_reason IN ('requested', 'outdated', 'unanswered'))
) WITH (fillfactor = 70);
-- While one may still bring money there is no other; one that a person must look at may, too.
CREATE UNIQUE INDEX collection_one_in_flight_per_invoice ON collection (workspace_id, invoice_id)
    WHERE state IN ('pending', 'processing', 'requires_action', 'unknown', 'needs_review');
CREATE UNIQUE INDEX collection_reference_is_unique ON collection (workspace_id, provider, provider_reference)
    WHERE provider_reference IS NOT NULL;
CREATE INDEX collection_due ON collection (next_step_at) WHERE next_step_at IS NOT NULL;

-- Hints of providers, each once. Only the object's id is kept: the object is read again before anything happens.
CREATE TABLE provider_event (
    workspace_id uuid NOT NULL,
    provider text NOT NULL,
    mode text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    object_id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    next_step_at timestamptz DEFAULT now(),
    failure_count integer NOT NULL DEFAULT 0,
    CONSTRAINT provider_event_pk PRIMARY KEY (workspace_id, provider, event_id)
);
CREATE INDEX provider_event_due ON provider_event (next_step_at) WHERE next_step_at IS NOT NULL;
CREATE INDEX provider_event_by_age ON provider_event USING brin (received_at);

-- Refunds that a provider is told of.
CREATE TABLE refund_sending (
    workspace_id uuid NOT NULL,
    refund_id uuid NOT NULL,
    provider_reference text,
    miss_count integer NOT NULL DEFAULT 0,
    next_step_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT refund_sending_pk PRIMARY KEY (workspace_id, refund_id),
    CONSTRAINT refund_sending_of_refund FOREIGN KEY (workspace_id, refund_id) REFERENCES refund (workspace_id, id)
);
CREATE INDEX refund_sending_by_reference ON refund_sending (workspace_id, provider_reference);

-- The sandbox provider's own books: it stands for a company outside, so nothing of ours refers to them.
CREATE TABLE sandbox_document (
    workspace_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    group_key text NOT NULL,
    body jsonb NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    CONSTRAINT sandbox_document_pk PRIMARY KEY (workspace_id, kind, key)
);
CREATE INDEX sandbox_document_by_group ON sandbox_document (workspace_id, kind, group_key, position);

-- include: sandbox_event_v1, row_security_v1
