-- outside a transaction
-- Keys of the receivables that are there already, and an index for each filter of each list.
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction, prefer-robust-stmts

-- The owner sees no rows by the policies of the logins.
SET lock_timeout = '5s';
ALTER TABLE receivable NO FORCE ROW LEVEL SECURITY;
ALTER TABLE receivable_key NO FORCE ROW LEVEL SECURITY;
INSERT INTO receivable_key (workspace_id, key, invoice_id)
SELECT workspace_id, receivable_key_of(number), invoice_id FROM receivable
UNION
SELECT workspace_id, receivable_key_of(reference), invoice_id FROM receivable WHERE reference IS NOT NULL
ON CONFLICT DO NOTHING;
ALTER TABLE receivable FORCE ROW LEVEL SECURITY;
ALTER TABLE receivable_key FORCE ROW LEVEL SECURITY;
RESET lock_timeout;

-- Of use to no login that has row security: receivable_key stands for them.
DROP INDEX CONCURRENTLY IF EXISTS receivable_by_number;
DROP INDEX CONCURRENTLY IF EXISTS receivable_by_reference;
DROP INDEX CONCURRENTLY IF EXISTS receivable_by_status;
CREATE INDEX CONCURRENTLY receivable_by_status ON receivable (workspace_id, status, currency, invoice_id);
DROP INDEX CONCURRENTLY IF EXISTS receivable_by_due_date;
CREATE INDEX CONCURRENTLY receivable_by_due_date ON receivable (workspace_id, due_date, invoice_id);
DROP INDEX CONCURRENTLY IF EXISTS payment_by_method;
CREATE INDEX CONCURRENTLY payment_by_method ON payment (workspace_id, method, id);
DROP INDEX CONCURRENTLY IF EXISTS payment_by_day;
CREATE INDEX CONCURRENTLY payment_by_day ON payment (workspace_id, paid_on, id);
DROP INDEX CONCURRENTLY IF EXISTS payment_by_released_reference;
CREATE INDEX CONCURRENTLY payment_by_released_reference ON payment (workspace_id, released_reference)
    WHERE released_reference IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS allocation_reversed;
CREATE INDEX CONCURRENTLY allocation_reversed ON allocation (workspace_id, id) WHERE live_minor = 0;
DROP INDEX CONCURRENTLY IF EXISTS refund_by_contact;
CREATE INDEX CONCURRENTLY refund_by_contact ON refund (workspace_id, contact_id, id);
DROP INDEX CONCURRENTLY IF EXISTS refund_by_credit_note;
CREATE INDEX CONCURRENTLY refund_by_credit_note ON refund (workspace_id, credit_note_id)
    WHERE credit_note_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS ledger_entry_by_source_type;
CREATE INDEX CONCURRENTLY ledger_entry_by_source_type ON ledger_entry (workspace_id, source_type, currency, id);
DROP INDEX CONCURRENTLY IF EXISTS ledger_entry_by_day;
CREATE INDEX CONCURRENTLY ledger_entry_by_day ON ledger_entry (workspace_id, booked_on, id);
DROP INDEX CONCURRENTLY IF EXISTS ledger_account_by_type;
CREATE INDEX CONCURRENTLY ledger_account_by_type ON ledger_account (workspace_id, type, currency, id);
ANALYZE receivable_key;
