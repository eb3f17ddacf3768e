\set n random(1, 1000)
BEGIN; SELECT set_config('app.workspace_id', '00000000-0000-7000-8000-000000000000', true);
SELECT nextval('allocation_serial') AS serial, uuidv7() AS payment, version FROM receivable
WHERE workspace_id = '00000000-0000-7000-8000-000000000000'
    AND invoice_id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid FOR NO KEY UPDATE \gset
INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state, amount_minor,
    unallocated_minor, currency, method, external_reference, paid_on, note)
VALUES ('00000000-0000-7000-8000-000000000000', :payment, 1, now(), now(),
    '00000000-0000-7000-8000-000000000000', 'succeeded', 1, 0, 'EUR', 'other', NULL, now()::date, NULL);
UPDATE receivable SET paid_minor = paid_minor + 1, version = :version + 1
WHERE workspace_id = '00000000-0000-7000-8000-000000000000'
    AND invoice_id = ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid;
INSERT INTO allocation (workspace_id, payment_id, id, serial, invoice_id, amount_minor, live_minor,
    receivable_due_minor, receivable_paid_minor, receivable_version)
VALUES ('00000000-0000-7000-8000-000000000000', :payment, uuidv7(), :serial,
    ('00000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, 1, 1, 1, 1, :version + 1);
INSERT INTO ledger_account (workspace_id, id, type, currency, contact_id, method)
VALUES ('00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-0000000000c1', 'cash', 'EUR', NULL, 'other')
ON CONFLICT DO NOTHING;
INSERT INTO ledger_entry (workspace_id, id, currency, debit_account_id, credit_account_id, amount_minor, source_type,
    source_id, booked_on, created_at)
VALUES ('00000000-0000-7000-8000-000000000000', uuidv7(), 'EUR', '00000000-0000-7000-8000-0000000000c1',
    '00000000-0000-7000-8000-0000000000a1', 1, 'payment', :payment, now()::date, now());
INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload, headers, shard)
VALUES (uuidv7(), 'payment', :payment, 1, 'payment.created', :payment, convert_to(repeat('x', 1250), 'UTF8'),
    '{"traceparent": "00-0-0-01"}', 1);
COMMIT;
