-- include: outbox_v1, inbox_v1, idempotency_v1, workspace_v1

-- Contacts that are known to exist: money may come in for one before it has any invoice.
CREATE TABLE contact (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    CONSTRAINT contact_pk PRIMARY KEY (workspace_id, id)
);

-- What an issued invoice still asks for; its row lock puts everything that happens to it in order.
CREATE TABLE receivable (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    number text NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    total_minor bigint NOT NULL,
    paid_minor bigint NOT NULL,
    credited_minor bigint NOT NULL,
    issue_date date NOT NULL,
    due_date date,
    -- The newest version of the invoice that is shown here.
    invoice_sequence bigint NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT receivable_pk PRIMARY KEY (workspace_id, invoice_id),
    CONSTRAINT receivable_status CHECK (status IN ('open', 'settled', 'closed')),
    CONSTRAINT receivable_amounts_not_negative CHECK (total_minor >= 0 AND paid_minor >= 0 AND credited_minor >= 0),
    CONSTRAINT receivable_never_overpaid CHECK (paid_minor + credited_minor <= total_minor),
    CONSTRAINT receivable_settled_means_nothing_due CHECK (
        status = 'closed' OR (status = 'settled') = (paid_minor + credited_minor = total_minor)
    ),
    CONSTRAINT receivable_closed_holds_no_money CHECK (status <> 'closed' OR paid_minor = 0)
) WITH (fillfactor = 80);

-- Money that came in. What is not unallocated settles invoices; the rest is in the contact's credit balance.
CREATE TABLE payment (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    contact_id uuid NOT NULL,
    state text NOT NULL,
    amount_minor bigint NOT NULL,
    unallocated_minor bigint NOT NULL,
    currency text NOT NULL,
    method text NOT NULL,
    external_reference text,
    paid_on date NOT NULL,
    note text,
    CONSTRAINT payment_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT payment_state CHECK (state IN ('succeeded')),
    CONSTRAINT payment_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT payment_never_overallocated CHECK (unallocated_minor BETWEEN 0 AND amount_minor)
);
CREATE UNIQUE INDEX payment_reference_is_unique_per_method
    ON payment (workspace_id, external_reference, method) WHERE external_reference IS NOT NULL;
CREATE INDEX payment_by_contact ON payment (workspace_id, contact_id, id DESC);

CREATE SEQUENCE allocation_serial;

-- Which part of a payment settles which invoice, and what the receivable showed after it.
CREATE TABLE allocation (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    -- For interfaces that know numbers only.
    serial bigint NOT NULL,
    payment_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    -- How much of it still counts: 0 once the money was taken back from the invoice.
    live_minor bigint NOT NULL,
    receivable_due_minor bigint NOT NULL,
    receivable_paid_minor bigint NOT NULL,
    receivable_version bigint NOT NULL,
    CONSTRAINT allocation_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT allocation_serial_is_unique UNIQUE (workspace_id, serial),
    CONSTRAINT allocation_of_payment FOREIGN KEY (workspace_id, payment_id) REFERENCES payment (workspace_id, id),
    CONSTRAINT allocation_to_receivable FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES receivable (workspace_id, invoice_id),
    CONSTRAINT allocation_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT allocation_live_within_amount CHECK (live_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT allocation_within_receivable CHECK (live_minor <= receivable_paid_minor)
);
CREATE INDEX allocation_by_payment ON allocation (workspace_id, payment_id);
CREATE INDEX allocation_by_invoice ON allocation (workspace_id, invoice_id);

-- What the workspace owes a contact in one currency.
CREATE TABLE credit_balance (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    contact_id uuid NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    CONSTRAINT credit_balance_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT credit_balance_one_per_currency UNIQUE (workspace_id, contact_id, currency),
    CONSTRAINT credit_balance_not_negative CHECK (amount_minor >= 0)
);

-- include: row_security_v1
