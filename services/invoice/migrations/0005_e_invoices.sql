-- E-invoices on their way through an access point.
CREATE TABLE e_invoice (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    invoice_id uuid NOT NULL,
    credit_note_id uuid,
    number text NOT NULL,
    syntax text NOT NULL,
    -- Addresses as `scheme:id`.
    sender text NOT NULL,
    receiver text NOT NULL,
    -- The bytes that are sent, and never any others.
    document bytea NOT NULL,
    document_sha256 text NOT NULL,
    rule_set text NOT NULL,
    findings jsonb NOT NULL,
    provider text NOT NULL,
    provider_reference text,
    submission_guid uuid NOT NULL,
    status text NOT NULL,
    failure jsonb,
    attempt_count integer NOT NULL,
    miss_count integer NOT NULL,
    evidence jsonb,
    history jsonb NOT NULL,
    submitted_at timestamptz,
    delivered_at timestamptz,
    -- When there is something to do, on the database's clock; null when nothing is expected.
    next_step_at timestamptz DEFAULT now(),
    -- Who works on it: a newer token makes the older holder's writes impossible.
    lease_token uuid,
    lease_expires_at timestamptz,
    CONSTRAINT e_invoice_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT e_invoice_of_invoice FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice (workspace_id, id),
    CONSTRAINT e_invoice_of_credit_note FOREIGN KEY (workspace_id, credit_note_id)
        REFERENCES credit_note (workspace_id, id),
    CONSTRAINT e_invoice_guid_is_unique UNIQUE (workspace_id, submission_guid),
    CONSTRAINT e_invoice_syntax CHECK (syntax IN ('ubl', 'cii', 'factur_x')),
    CONSTRAINT e_invoice_status CHECK (status IN ('queued', 'validating', 'invalid', 'submitting', 'submitted',
        'unknown', 'delivered', 'rejected', 'failed', 'acknowledged', 'in_process', 'accepted', 'paid', 'refused')),
    CONSTRAINT e_invoice_submitted_is_known CHECK (status NOT IN ('submitted', 'delivered')
        OR provider_reference IS NOT NULL),
    CONSTRAINT e_invoice_attempted_before CHECK (attempt_count > 0
        OR status IN ('queued', 'validating', 'invalid', 'failed'))
);
-- One document goes to one receiver once, unless it did not arrive.
CREATE UNIQUE INDEX e_invoice_sent_once ON e_invoice (workspace_id, invoice_id, receiver, document_sha256)
    WHERE status NOT IN ('invalid', 'rejected', 'failed', 'refused');
CREATE INDEX e_invoice_by_invoice ON e_invoice (workspace_id, invoice_id, id DESC);
CREATE INDEX e_invoice_by_credit_note ON e_invoice (workspace_id, credit_note_id) WHERE credit_note_id IS NOT NULL;
CREATE INDEX e_invoice_by_reference ON e_invoice (workspace_id, provider, provider_reference)
    WHERE provider_reference IS NOT NULL;
CREATE INDEX e_invoice_due ON e_invoice (next_step_at) WHERE next_step_at IS NOT NULL;

-- Where the contact receives e-invoices, as `scheme:id`.
ALTER TABLE contact ADD COLUMN e_invoice_address text;

-- The sandbox's own network: it stands for companies outside, so nothing of ours refers to it.
CREATE TABLE sandbox_transmission (
    workspace_id uuid NOT NULL,
    guid uuid NOT NULL,
    receiver text NOT NULL,
    document_sha256 text NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    -- How often it was handed in: all but the first are ignored.
    submission_count integer NOT NULL DEFAULT 1,
    poll_count integer NOT NULL DEFAULT 0,
    CONSTRAINT sandbox_transmission_pk PRIMARY KEY (workspace_id, guid)
);

-- include: row_security_v1
