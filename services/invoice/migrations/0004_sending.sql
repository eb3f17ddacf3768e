-- What is sent to customers: deliveries, templates, and the credentials of channels.

-- A document on its way to its contact over one channel; `level` is 0 for itself, 1 to 3 for reminders.
CREATE TABLE delivery (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    invoice_id uuid,
    credit_note_id uuid,
    quote_id uuid,
    document_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(invoice_id, credit_note_id, quote_id)) STORED,
    contact_id uuid NOT NULL,
    channel text NOT NULL,
    level smallint NOT NULL,
    -- Whoever queues chooses it: the same wish made twice is one delivery.
    dedupe_key text NOT NULL,
    -- The address or number; null for a link, which the caller hands over.
    recipient text,
    message text,
    status text NOT NULL,
    attempt_count integer NOT NULL DEFAULT 0,
    -- Attempts that ended without an answer: the channel may have taken them.
    unknown_count integer NOT NULL DEFAULT 0,
    failure_code text,
    failure_message text,
    -- What the channel calls it.
    provider_reference text,
    sent_at timestamptz,
    -- On the database's clock; null when nothing is to be done.
    next_attempt_at timestamptz,
    -- Who works on it: a newer token makes the older holder's writes impossible.
    lease_token uuid,
    CONSTRAINT delivery_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT delivery_of_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT delivery_of_credit_note FOREIGN KEY (workspace_id, credit_note_id)
        REFERENCES credit_note (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT delivery_of_quote FOREIGN KEY (workspace_id, quote_id)
        REFERENCES quote (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT delivery_to_contact FOREIGN KEY (workspace_id, contact_id)
        REFERENCES contact (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT delivery_of_one_document CHECK (num_nonnulls(invoice_id, credit_note_id, quote_id) = 1),
    CONSTRAINT delivery_once_a_wish UNIQUE (workspace_id, document_id, channel, level, dedupe_key),
    CONSTRAINT delivery_channel CHECK (channel IN ('email', 'sms', 'link')),
    CONSTRAINT delivery_level CHECK (level BETWEEN 0 AND 3 AND (level = 0 OR invoice_id IS NOT NULL)),
    CONSTRAINT delivery_has_recipient CHECK (recipient IS NOT NULL OR channel = 'link'),
    CONSTRAINT delivery_status CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'bounced', 'failed',
        'unknown', 'canceled')),
    CONSTRAINT delivery_rests_at_its_end CHECK (next_attempt_at IS NULL
        OR status IN ('queued', 'sending', 'unknown'))
) WITH (fillfactor = 70);
CREATE INDEX delivery_due ON delivery (workspace_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX delivery_by_invoice ON delivery (workspace_id, invoice_id) WHERE invoice_id IS NOT NULL;
CREATE INDEX delivery_by_reference ON delivery (workspace_id, provider_reference)
    WHERE provider_reference IS NOT NULL;

-- What happened to each delivery. Append-only; it is the deliveries' part of a document's timeline.
CREATE TABLE delivery_event (
    workspace_id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    delivery_id uuid NOT NULL,
    -- The document's version at that time.
    sequence bigint NOT NULL,
    type text NOT NULL,
    detail text,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_event_pk PRIMARY KEY (workspace_id, position),
    CONSTRAINT delivery_event_of_delivery FOREIGN KEY (workspace_id, delivery_id)
        REFERENCES delivery (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT delivery_event_type CHECK (type IN ('queued', 'sent', 'delivered', 'opened', 'bounced', 'failed',
        'delayed', 'unknown', 'canceled'))
);
CREATE INDEX delivery_event_by_delivery ON delivery_event (workspace_id, delivery_id, position);
REVOKE UPDATE, DELETE, TRUNCATE ON delivery_event FROM invoice_api, invoice_worker;

-- Addresses that refused what we sent: nothing more goes there unless somebody insists.
CREATE TABLE refused_recipient (
    workspace_id uuid NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    reason text NOT NULL,
    refused_at timestamptz NOT NULL,
    CONSTRAINT refused_recipient_pk PRIMARY KEY (workspace_id, channel, recipient)
);

-- A workspace's own way to send: credentials are write-only, encrypted under their place.
CREATE TABLE channel_setting (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    kind text NOT NULL,
    mode text NOT NULL,
    description text,
    -- What may be shown: host, port, sender and the like, by kind.
    options jsonb NOT NULL,
    secret_encrypted bytea,
    deleted_at timestamptz,
    CONSTRAINT channel_setting_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT channel_setting_kind CHECK (kind IN ('smtp', 'twilio', 'storecove')),
    CONSTRAINT channel_setting_mode CHECK (mode IN ('live', 'test'))
);
CREATE UNIQUE INDEX channel_setting_one_per_mode
    ON channel_setting (workspace_id, kind, mode) WHERE deleted_at IS NULL;

-- A workspace's own wording; where there is none, ours is used.
CREATE TABLE message_template (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    locale text NOT NULL,
    subject text,
    html text,
    body text NOT NULL,
    CONSTRAINT message_template_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT message_template_one_per_use UNIQUE (workspace_id, kind, channel, locale),
    CONSTRAINT message_template_channel CHECK (channel IN ('email', 'sms')),
    CONSTRAINT message_template_email_has_subject CHECK (channel = 'sms' OR subject IS NOT NULL)
);

-- include: row_security_v1
