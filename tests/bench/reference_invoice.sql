BEGIN; SELECT set_config('app.workspace_id', '00000000-0000-7000-8000-000000000000', true);
INSERT INTO number_counter (workspace_id, series, year, last_number)
VALUES ('00000000-0000-7000-8000-000000000000', 'invoices', 2026, 1)
ON CONFLICT (workspace_id, series, year) DO UPDATE SET last_number = number_counter.last_number + 1
RETURNING last_number, uuidv7() AS invoice \gset
INSERT INTO invoice (workspace_id, id, version, created_at, updated_at, contact_id, contact, currency, status,
    series, number, issue_date, due_date, payment_terms_days, subtotal_minor, tax_minor, total_minor,
    tax_breakdown, rounding_level, rounding_mode, collection_method, issued_at)
VALUES ('00000000-0000-7000-8000-000000000000', :invoice, 1, now(), now(),
    '00000000-0000-7000-8000-000000000000', '{"id": "00000000-0000-7000-8000-000000000000", "name": "Bench"}',
    'EUR', 'open', 'invoices', 'INV-2026-' || :last_number, now()::date, now()::date + 30, 30, 33900, 0, 33900,
    '[{"tax_rate": "0", "taxable_minor": 33900, "tax_minor": 0}]', 'total', 'half_up', 'send_invoice', now());
INSERT INTO invoice_line (workspace_id, id, invoice_id, position, type, description, quantity, unit_price,
    tax_rate, tax_behavior, discount_share_minor, net_minor, tax_minor, gross_minor)
VALUES ('00000000-0000-7000-8000-000000000000', uuidv7(), :invoice, 0, 'item', 'Licence', 1, 89, 0,
    'exclusive', 0, 8900, 0, 8900);
INSERT INTO invoice_line (workspace_id, id, invoice_id, position, type, description, quantity, unit_price,
    tax_rate, tax_behavior, discount_share_minor, net_minor, tax_minor, gross_minor)
VALUES ('00000000-0000-7000-8000-000000000000', uuidv7(), :invoice, 1, 'item', 'Installation', 1, 125, 0,
    'exclusive', 0, 12500, 0, 12500);
INSERT INTO invoice_line (workspace_id, id, invoice_id, position, type, description, quantity, unit_price,
    tax_rate, tax_behavior, discount_share_minor, net_minor, tax_minor, gross_minor)
VALUES ('00000000-0000-7000-8000-000000000000', uuidv7(), :invoice, 2, 'item', 'Training', 1, 125, 0,
    'exclusive', 0, 12500, 0, 12500);
INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload, headers, shard)
VALUES (uuidv7(), 'invoice', :invoice, 1, 'invoice.created', :invoice, convert_to(repeat('x', 2900), 'UTF8'),
    '{"traceparent": "00-0-0-01"}', 1);
INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload, headers, shard)
VALUES (uuidv7(), 'invoice', :invoice, 1, 'invoice.issued', :invoice, convert_to(repeat('x', 2900), 'UTF8'),
    '{"traceparent": "00-0-0-01"}', 1);
INSERT INTO change_log (workspace_id, resource, resource_id, sequence, types, actor, request_id, occurred_at,
    data_sha256)
VALUES ('00000000-0000-7000-8000-000000000000', 'invoice', :invoice, 1, '{invoice.created,invoice.issued}',
    'bench', 'req_bench', now(), sha256('x'));
COMMIT;
