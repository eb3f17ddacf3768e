-- Bank accounts, what banks tell of them, and what became of each line.
-- What a constraint allows grows: what was allowed stays so.
-- squawk-ignore-file ban-drop-constraint
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_type, DROP CONSTRAINT ledger_account_owner;
ALTER TABLE ledger_account
    ADD CONSTRAINT ledger_account_type CHECK (type IN ('accounts_receivable', 'cash', 'credit_balance',
        'refunds_payable', 'revenue', 'tax_payable', 'write_off', 'overdrawn', 'bank', 'suspense', 'bank_charges',
        'unrelated')) NOT VALID,
    ADD CONSTRAINT ledger_account_owner CHECK (
        (type IN ('accounts_receivable', 'credit_balance', 'refunds_payable', 'overdrawn')) = (contact_id IS NOT NULL)
        AND (type IN ('cash', 'bank', 'suspense')) = (method IS NOT NULL)) NOT VALID;
ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_source;
ALTER TABLE ledger_entry
    ADD CONSTRAINT ledger_entry_source CHECK (source_type IN ('invoice', 'void', 'write_off', 'reinstatement',
        'credit_note', 'credit_release', 'payment', 'payment_void', 'payment_move', 'allocation', 'reversal',
        'refund', 'dispute', 'bank_line', 'bank_match')) NOT VALID;

CREATE TABLE bank_account (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    -- The IBAN without spaces; of an account that has none, what its bank calls it.
    iban text,
    number text,
    archived_at timestamptz,
    CONSTRAINT bank_account_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT bank_account_is_named CHECK ((iban IS NULL) <> (number IS NULL))
);
CREATE UNIQUE INDEX bank_account_once ON bank_account (workspace_id, coalesce(iban, number), currency);

CREATE TABLE bank_import (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    sha256 bytea NOT NULL,
    format text NOT NULL,
    file_name text,
    statement_count integer NOT NULL,
    line_count integer NOT NULL,
    -- The others were there by another file.
    new_line_count integer NOT NULL,
    created_by text,
    CONSTRAINT bank_import_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT bank_import_file_once UNIQUE (workspace_id, sha256)
);

CREATE TABLE bank_statement (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    import_id uuid NOT NULL,
    bank_account_id uuid NOT NULL,
    number text,
    currency text NOT NULL,
    from_on date,
    until_on date,
    opening_minor bigint,
    closing_minor bigint,
    -- Null where the file does not tell both balances.
    is_balanced boolean,
    line_count integer NOT NULL,
    new_line_count integer NOT NULL,
    CONSTRAINT bank_statement_pk PRIMARY KEY (workspace_id, id)
);
CREATE INDEX bank_statement_of_account ON bank_statement (workspace_id, bank_account_id, id);
CREATE INDEX bank_statement_of_import ON bank_statement (workspace_id, import_id);

CREATE TABLE bank_line (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    bank_account_id uuid NOT NULL,
    import_id uuid NOT NULL,
    statement_id uuid NOT NULL,
    -- What makes it this movement in every file that tells it, and which of several alike on its day it is.
    fingerprint bytea NOT NULL,
    occurrence integer NOT NULL,
    booked_on date NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    counterparty_name text,
    counterparty_iban_encrypted bytea,
    counterparty_iban_last4 text,
    text text NOT NULL,
    bank_reference text,
    end_to_end_id text,
    -- What else the bank told, as it is shown.
    details jsonb NOT NULL,
    state text NOT NULL,
    rule text,
    evidence jsonb NOT NULL DEFAULT '[]',
    candidate_ids uuid[] NOT NULL DEFAULT '{}',
    payment_id uuid,
    -- Whether the match made the payment, so that undoing it voids it.
    has_made_payment boolean NOT NULL DEFAULT false,
    ignored_as text,
    reason text,
    decided_by text,
    decided_at timestamptz,
    CONSTRAINT bank_line_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT bank_line_once UNIQUE (workspace_id, bank_account_id, fingerprint, occurrence),
    CONSTRAINT bank_line_state CHECK (state IN ('imported', 'matched', 'proposed', 'unknown', 'ignored')),
    CONSTRAINT bank_line_match_has_payment CHECK ((state = 'matched') = (payment_id IS NOT NULL)),
    CONSTRAINT bank_line_ignored_as CHECK ((state = 'ignored') = (ignored_as IS NOT NULL)),
    CONSTRAINT bank_line_moves_money CHECK (amount_minor <> 0)
);
CREATE INDEX bank_line_to_match ON bank_line (workspace_id, id) WHERE state = 'imported';
CREATE INDEX bank_line_by_state ON bank_line (workspace_id, state, id);
CREATE INDEX bank_line_of_account ON bank_line (workspace_id, bank_account_id, booked_on, id);
CREATE INDEX bank_line_of_import ON bank_line (workspace_id, import_id, state);
-- One live match a payment: its money came once.
CREATE UNIQUE INDEX bank_line_of_payment ON bank_line (workspace_id, payment_id) WHERE payment_id IS NOT NULL;

SELECT audit_table('bank_account', 'bank_account', 'id', '{name,currency,archived_at}', '{iban,number}',
    '{"archived_at": {"*": "archived"}}');
SELECT audit_table('bank_import', 'bank_import', 'id', '{format,file_name,statement_count,line_count,new_line_count}');
SELECT audit_table('bank_line', 'bank_line', 'id', '{state,rule,payment_id,ignored_as,reason}', '{}',
    '{"state": {"matched": "matched", "ignored": "ignored", "proposed": "undone", "unknown": "undone"}}', 'UPDATE');
-- include: row_security_v1
