-- Refunds, credits, write-offs and the double-entry ledger.
-- The tables that change here are small in every installation that has revision 0001 alone, and one
-- transaction holds the revision: checking later or building concurrently would lock no shorter.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, adding-foreign-key-constraint, require-concurrent-index-creation

-- A payment may be on its way: until it succeeded it settles nothing.
ALTER TABLE payment DROP CONSTRAINT payment_state, DROP CONSTRAINT payment_never_overallocated;
ALTER TABLE payment
    ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN disputed_minor bigint NOT NULL DEFAULT 0,
    -- What is collected; null for money that came in by itself.
    ADD COLUMN invoice_id uuid,
    ADD COLUMN subscription_id uuid,
    ADD COLUMN is_automatic boolean NOT NULL DEFAULT false,
    ADD COLUMN provider text,
    ADD COLUMN provider_reference text,
    ADD COLUMN payment_method_id uuid,
    ADD COLUMN failure_code text,
    ADD COLUMN failure_advice text,
    ADD COLUMN failure_message text;
ALTER TABLE payment
    ADD CONSTRAINT payment_state CHECK (state IN ('pending', 'processing', 'requires_action', 'succeeded',
        'failed', 'unknown', 'needs_review', 'canceled')),
    ADD CONSTRAINT payment_never_overallocated CHECK (unallocated_minor >= 0 AND refunded_minor >= 0
        AND disputed_minor >= 0 AND unallocated_minor + refunded_minor + disputed_minor <= amount_minor),
    ADD CONSTRAINT payment_holds_money_once_succeeded CHECK (
        state = 'succeeded' OR unallocated_minor + refunded_minor + disputed_minor = 0),
    ADD CONSTRAINT payment_failure_has_advice CHECK (
        (failure_code IS NULL) = (failure_advice IS NULL)
        AND (failure_advice IS NULL OR failure_advice IN ('retry', 'new_method', 'never'))),
    ADD CONSTRAINT payment_collects_receivable FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES receivable (workspace_id, invoice_id);
-- The money of a contact that an invoice which opens can take.
CREATE INDEX payment_with_credit ON payment (workspace_id, contact_id, id) WHERE unallocated_minor > 0;
-- Few payments are ever in a state other than this: what waits and what needs a person is found at once.
CREATE INDEX payment_not_succeeded ON payment (workspace_id, state, id) WHERE state <> 'succeeded';
CREATE INDEX payment_collecting ON payment (workspace_id, invoice_id) WHERE invoice_id IS NOT NULL;

ALTER TABLE receivable DROP CONSTRAINT receivable_status, DROP CONSTRAINT receivable_settled_means_nothing_due;
ALTER TABLE receivable
    -- Null while only a credit note told of the invoice, which does not say what part of it is tax.
    ADD COLUMN tax_minor bigint,
    ADD COLUMN credited_tax_minor bigint NOT NULL DEFAULT 0,
    -- What is not expected any more; money that comes in after all takes it back.
    ADD COLUMN written_off_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN is_written_off boolean NOT NULL DEFAULT false,
    ADD COLUMN reference text;
ALTER TABLE receivable DROP CONSTRAINT receivable_never_overpaid;
ALTER TABLE receivable
    ADD CONSTRAINT receivable_status CHECK (status IN ('open', 'settled', 'written_off', 'closed')),
    ADD CONSTRAINT receivable_never_overpaid CHECK (
        written_off_minor >= 0 AND paid_minor + credited_minor + written_off_minor <= total_minor),
    ADD CONSTRAINT receivable_settled_means_nothing_due CHECK (status = 'closed'
        OR (status = 'open') = (paid_minor + credited_minor + written_off_minor < total_minor)),
    ADD CONSTRAINT receivable_written_off_holds_the_rest CHECK (
        status IN ('open', 'closed') OR (status = 'written_off') = (written_off_minor > 0));
CREATE INDEX receivable_by_contact ON receivable (workspace_id, contact_id, invoice_id DESC);
-- Bank statements spell numbers with other spaces and dashes, or as an ISO 11649 reference.
CREATE INDEX receivable_by_number
    ON receivable (workspace_id, upper(regexp_replace(number, '[^A-Za-z0-9]', '', 'g')));
CREATE INDEX receivable_by_reference
    ON receivable (workspace_id, upper(regexp_replace(reference, '[^A-Za-z0-9]', '', 'g')))
    WHERE reference IS NOT NULL;

-- Credit notes heard, each once, and where their money went.
CREATE TABLE credit_note (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    number text NOT NULL,
    total_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    out_of_band_minor bigint NOT NULL,
    to_balance_minor bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT credit_note_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT credit_note_on_receivable FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES receivable (workspace_id, invoice_id),
    CONSTRAINT credit_note_parts_within_total CHECK (refunded_minor >= 0 AND out_of_band_minor >= 0
        AND to_balance_minor >= 0 AND refunded_minor + out_of_band_minor + to_balance_minor <= total_minor)
);
CREATE INDEX credit_note_by_invoice ON credit_note (workspace_id, invoice_id);

-- Money of a payment that goes back to the payer. Its amount is taken from the payment when the row is made.
CREATE TABLE refund (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    payment_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    state text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    method text NOT NULL,
    reason text,
    external_reference text,
    credit_note_id uuid,
    CONSTRAINT refund_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT refund_of_payment FOREIGN KEY (workspace_id, payment_id) REFERENCES payment (workspace_id, id),
    CONSTRAINT refund_for_credit_note FOREIGN KEY (workspace_id, credit_note_id)
        REFERENCES credit_note (workspace_id, id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT refund_state CHECK (state IN ('pending', 'succeeded', 'failed')),
    CONSTRAINT refund_amount_positive CHECK (amount_minor > 0)
);
CREATE INDEX refund_by_payment ON refund (workspace_id, payment_id);
CREATE INDEX refund_by_id ON refund (id);
CREATE INDEX refund_pending ON refund (workspace_id, id) WHERE state = 'pending';

-- Where money stands. The id is made of the other columns, so that an entry needs no look-up.
CREATE TABLE ledger_account (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    currency text NOT NULL,
    contact_id uuid,
    method text,
    CONSTRAINT ledger_account_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT ledger_account_in_currency UNIQUE (workspace_id, currency, id),
    CONSTRAINT ledger_account_type CHECK (type IN ('accounts_receivable', 'cash', 'credit_balance',
        'refunds_payable', 'revenue', 'tax_payable', 'write_off')),
    CONSTRAINT ledger_account_owner CHECK (
        (type IN ('accounts_receivable', 'credit_balance', 'refunds_payable')) = (contact_id IS NOT NULL)
        AND (type = 'cash') = (method IS NOT NULL))
);
CREATE INDEX ledger_account_by_contact ON ledger_account (workspace_id, contact_id) WHERE contact_id IS NOT NULL;

-- One row a transfer: what is debited here is credited there, so the ledger balances by construction.
CREATE TABLE ledger_entry (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    currency text NOT NULL,
    debit_account_id uuid NOT NULL,
    credit_account_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    source_type text NOT NULL,
    source_id uuid NOT NULL,
    -- The workspace's day that it counts for, and the instant of its making on the workspace's clock.
    booked_on date NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT ledger_entry_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT ledger_entry_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT ledger_entry_accounts_differ CHECK (debit_account_id <> credit_account_id),
    CONSTRAINT ledger_entry_source CHECK (source_type IN ('invoice', 'void', 'write_off', 'reinstatement',
        'credit_note', 'payment', 'allocation', 'reversal', 'refund', 'dispute')),
    CONSTRAINT ledger_entry_debit FOREIGN KEY (workspace_id, currency, debit_account_id)
        REFERENCES ledger_account (workspace_id, currency, id),
    CONSTRAINT ledger_entry_credit FOREIGN KEY (workspace_id, currency, credit_account_id)
        REFERENCES ledger_account (workspace_id, currency, id)
);
-- A balance is the sum over its index alone.
CREATE INDEX ledger_entry_by_debit ON ledger_entry (workspace_id, debit_account_id, id) INCLUDE (amount_minor);
CREATE INDEX ledger_entry_by_credit ON ledger_entry (workspace_id, credit_account_id, id) INCLUDE (amount_minor);
CREATE INDEX ledger_entry_by_source ON ledger_entry (workspace_id, source_id);

-- What was booked stays booked: a mistake is put right by another entry.
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry, ledger_account FROM payment_api, payment_worker;

-- Money of before there was a ledger. What part of old invoices is tax their next snapshot tells.
ALTER TABLE receivable NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payment NO FORCE ROW LEVEL SECURITY;
ALTER TABLE allocation NO FORCE ROW LEVEL SECURITY;
CREATE TEMPORARY TABLE before_ledger ON COMMIT DROP AS
    SELECT workspace_id, currency, 'accounts_receivable' AS debit, contact_id AS debit_contact, NULL AS debit_method,
        'revenue' AS credit, NULL::uuid AS credit_contact, total_minor AS amount_minor, 'invoice' AS source_type,
        invoice_id AS source_id, issue_date AS booked_on
    FROM receivable WHERE status <> 'closed' AND total_minor > 0
    UNION ALL
    SELECT p.workspace_id, p.currency, 'cash', NULL, p.method, 'accounts_receivable', p.contact_id, a.live_minor,
        'payment', p.id, p.paid_on
    FROM allocation a JOIN payment p ON p.workspace_id = a.workspace_id AND p.id = a.payment_id
    WHERE a.live_minor > 0
    UNION ALL
    SELECT workspace_id, currency, 'cash', NULL, method, 'credit_balance', contact_id, unallocated_minor,
        'payment', id, paid_on
    FROM payment WHERE unallocated_minor > 0;
ALTER TABLE receivable FORCE ROW LEVEL SECURITY;
ALTER TABLE payment FORCE ROW LEVEL SECURITY;
ALTER TABLE allocation FORCE ROW LEVEL SECURITY;

CREATE FUNCTION ledger_account_id(workspace_id uuid, type text, currency text, owner text) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(substr(sha256(convert_to(
        workspace_id::text || ':' || type || ':' || currency || ':' || owner, 'UTF8')), 1, 16), 'hex')::uuid;
INSERT INTO ledger_account (workspace_id, id, type, currency, contact_id, method)
SELECT DISTINCT workspace_id, ledger_account_id(workspace_id, type, currency, coalesce(contact_id::text, method, '')),
    type, currency, contact_id, method
FROM (
    SELECT workspace_id, currency, debit AS type, debit_contact AS contact_id, debit_method AS method FROM before_ledger
    UNION ALL
    SELECT workspace_id, currency, credit, credit_contact, NULL FROM before_ledger
) AS side;
INSERT INTO ledger_entry (workspace_id, id, currency, debit_account_id, credit_account_id, amount_minor, source_type,
    source_id, booked_on, created_at)
SELECT workspace_id, uuidv7(), currency,
    ledger_account_id(workspace_id, debit, currency, coalesce(debit_contact::text, debit_method, '')),
    ledger_account_id(workspace_id, credit, currency, coalesce(credit_contact::text, '')),
    amount_minor, source_type, source_id, booked_on, now()
FROM before_ledger;

-- include: row_security_v1
