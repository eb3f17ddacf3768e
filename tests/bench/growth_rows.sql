-- Rows of a workspace that has been in use for years: growth_rows.py runs each part, with its values in the place of
-- :workspace, :rows and :contacts. An id is made of the kind and number of its row, so that any table names the rows
-- of another unseen.

-- part: helpers
-- A thousand days lie between the oldest row and the newest.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
CREATE FUNCTION pg_temp.at(share float8) RETURNS timestamptz LANGUAGE sql STABLE RETURN
    now() - interval '2 hours' - interval '1000 days' * (1 - share);
CREATE FUNCTION pg_temp.made(kind text, n bigint, at timestamptz) RETURNS uuid LANGUAGE sql STABLE RETURN
    (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
        || substr(md5(kind || n), 1, 3) || '8' || substr(md5(kind || n), 4, 15))::uuid;
CREATE FUNCTION pg_temp.name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE RETURN
    (ARRAY['Müller', 'Jansen', 'García', 'Nowak', 'Åkesson', 'Dupont', 'Rossi', 'Şahin', 'de Vries', 'O''Neill',
        'Kowalski', 'Lindqvist', 'Færøvik', 'Schröder', 'Peeters', 'Novák', 'Horváth', 'Papadakis', 'Ionescu',
        'Bianchi'])[1 + n % 20] || ' ' ||
    (ARRAY['Bakery', 'Holding', 'Studio', 'Logistics', 'Consulting', 'Verhuur', 'Bouw', 'Metall', 'Café',
        'Software', 'Zahntechnik', 'Transport', 'Gartenbau', 'Advocaten', 'Impianti', 'Fotografie', 'Immobilien'])
        [1 + n / 20 % 17] || ' ' || (ARRAY['GmbH', 'B.V.', 'S.r.l.', 'AB', 'SA'])[1 + n / 340 % 5] || ' '
        || to_hex(n * 7919 % 1000003);
CREATE TEMPORARY TABLE customer AS
    SELECT n, pg_temp.made('contact', n, pg_temp.at(n::float8 / :contacts)) AS id, pg_temp.name(n) AS name,
        pg_temp.at(n::float8 / :contacts) AS at
    FROM generate_series(1, :contacts) AS n;
CREATE UNIQUE INDEX ON customer (n);
CREATE TEMPORARY TABLE sale AS
    SELECT n, at, made.id, contact_id, name, at::date AS day, 10000 + n % 977 * 100 AS total,
        CASE WHEN n % 10 = 3 THEN (10000 + n % 977 * 100) / 6 ELSE 0 END AS tax, status,
        CASE WHEN status IN ('void', 'draft') THEN 0 ELSE CASE n % 10 WHEN 7 THEN 5000 WHEN 9 THEN 0
            ELSE 10000 + n % 977 * 100 END END AS paid,
        CASE WHEN status <> 'draft' THEN 'INV-' || extract(year FROM at) || '-' || lpad(n::text, 6, '0') END AS number,
        CASE n % 3 WHEN 0 THEN 'PO ' || n * 3 END AS reference
    FROM (SELECT n, pg_temp.at(n::float8 / :rows) AS at, 1 + n * 31 % :contacts AS customer,
        CASE WHEN n % 1000 = 500 THEN 'void' WHEN n % 1000 = 501 THEN 'draft' WHEN n % 10 IN (7, 9) THEN 'open'
            ELSE 'paid' END AS status
        FROM generate_series(1, :rows) AS n) AS s
    JOIN (SELECT n AS customer, id AS contact_id, name FROM customer) AS c USING (customer)
    CROSS JOIN LATERAL (SELECT pg_temp.made('invoice', s.n, s.at) AS id) AS made;
CREATE TEMPORARY TABLE receipt AS
    SELECT n, part, pg_temp.made('payment' || part, n, paid_at) AS id, id AS invoice_id, contact_id,
        paid_at AS at, paid_at::date AS day, paid / parts + (CASE part WHEN 1 THEN paid % parts ELSE 0 END) AS amount,
        total, paid, (ARRAY['bank_transfer', 'card', 'direct_debit'])[1 + n % 3] AS method,
        pg_temp.made('allocation' || part, n, paid_at) AS allocation_id
    FROM (SELECT *, least(at + interval '9 days', now() - interval '1 hour') AS paid_at,
        CASE WHEN n % 5 = 1 THEN 2 ELSE 1 END AS parts FROM sale WHERE paid > 0) AS s
    CROSS JOIN LATERAL generate_series(1, s.parts) AS part;

-- part: invoice
INSERT INTO invoice.contact (workspace_id, id, version, created_at, updated_at, name, email, phone, tags)
SELECT :workspace, id, 1, at, at, name, 'office' || n || '@' || to_hex(n) || '.example', '+31 6 ' || 10000000 + n,
    CASE n % 7 WHEN 0 THEN ARRAY['vip'] ELSE '{}' END
FROM customer;
INSERT INTO invoice.invoice (workspace_id, id, version, created_at, updated_at, contact_id, contact, seller, currency,
    status, series, number, issue_date, due_date, payment_terms_days, subtotal_minor, tax_minor, total_minor,
    tax_breakdown, rounding_level, rounding_mode, amount_paid_minor, receivable_version, reference,
    collection_method, sent_at, issued_at, paid_at, voided_at, overdue_at)
SELECT :workspace, id, 3, at, at, contact_id, jsonb_build_object('id', contact_id, 'name', name, 'email', NULL,
        'phone', NULL, 'locale', NULL, 'vat_id', NULL, 'address', NULL, 'country', NULL, 'external_id', NULL,
        'e_invoice_address', NULL),
    '{"name": "Bench", "bic": null, "iban": null, "email": null, "phone": null, "vat_id": null, "address": null,
        "country": null, "logo_url": null, "tax_number": null, "logo_sha256": null, "registration_number": null}',
    'EUR', status, 'invoices', number, CASE WHEN status <> 'draft' THEN day END,
    CASE WHEN status <> 'draft' THEN day + 30 END, 30, total - tax, tax, total,
    jsonb_build_array(jsonb_build_object('name', NULL, 'tax_rate', CASE WHEN tax > 0 THEN '20' ELSE '0' END,
        'tax_minor', tax, 'tax_category', NULL, 'taxable_minor', total - tax, 'tax_exemption_reason', NULL)),
    'total', 'half_up', paid, 1, reference, 'send_invoice', CASE WHEN n % 2 = 0 AND status <> 'draft' THEN at END,
    CASE WHEN status <> 'draft' THEN at END, CASE status WHEN 'paid' THEN at + interval '9 days' END,
    CASE status WHEN 'void' THEN at + interval '1 day' END,
    CASE WHEN status = 'open' AND day + 30 < current_date THEN at + interval '31 days' END
FROM sale ORDER BY n;
INSERT INTO invoice.invoice_line (workspace_id, id, invoice_id, position, type, description, quantity, unit_price,
    tax_rate, tax_behavior, discount_share_minor, net_minor, tax_minor, gross_minor)
SELECT :workspace, pg_temp.made('line', n, at), id, 0, 'item', 'Work', 1, (total - tax) / 100.0,
    CASE WHEN tax > 0 THEN 20 ELSE 0 END, 'exclusive', 0, total - tax, tax, total
FROM sale ORDER BY n;
INSERT INTO invoice.change_log (workspace_id, resource, resource_id, sequence, types, actor, occurred_at, recorded_at,
    data_sha256)
SELECT :workspace, 'invoice', id, 1, '{invoice.created,invoice.issued}', 'key:' || :workspace, at, at,
    sha256(id::text::bytea)
FROM sale ORDER BY n;
INSERT INTO invoice.quote (workspace_id, id, version, created_at, updated_at, contact_id, contact, seller, currency,
    status, number, issue_date, valid_until, subtotal_minor, tax_minor, total_minor, tax_breakdown, rounding_level,
    rounding_mode, sent_at, declined_at)
SELECT :workspace, pg_temp.made('quote', n, at), 2, at, at, contact_id, contact, seller, currency, 'declined',
    'Q-' || n, issue_date, due_date, subtotal_minor, tax_minor, total_minor, tax_breakdown, rounding_level,
    rounding_mode, at, at
FROM (SELECT n, at, id FROM sale WHERE n <= :contacts) AS s JOIN invoice.invoice i USING (id)
WHERE workspace_id = :workspace AND status <> 'draft' ORDER BY n;
INSERT INTO invoice.product (workspace_id, id, version, created_at, updated_at, name, sku, unit_price, currency,
    tax_rate, tax_behavior)
SELECT :workspace, pg_temp.made('product', n, at), 1, at, at, 'Article ' || name, 'SKU-' || n, 9.95, 'EUR', 21,
    'exclusive'
FROM customer ORDER BY n;
-- What triggers write elsewhere.
SET search_path = invoice;
SELECT search_fill('contact', '{name,email,phone,tags}');
SELECT search_fill('product', '{name,sku}');
SELECT search_fill('invoice', '{number,reference}');
SELECT search_fill('quote', '{number,reference}');
RESET search_path;

-- part: payment
INSERT INTO payment.contact (workspace_id, id) SELECT :workspace, id FROM customer;
INSERT INTO payment.receivable (workspace_id, invoice_id, contact_id, number, currency, status, total_minor,
    paid_minor, credited_minor, issue_date, due_date, invoice_sequence, version, tax_minor, reference)
SELECT :workspace, id, contact_id, number, 'EUR',
    CASE status WHEN 'void' THEN 'closed' WHEN 'paid' THEN 'settled' ELSE 'open' END,
    total, paid, 0, day, day + 30, 2, 1, tax, reference
FROM sale WHERE status <> 'draft' ORDER BY n;
INSERT INTO payment.receivable_key (workspace_id, key, invoice_id)
SELECT :workspace, payment.receivable_key_of(number), id FROM sale WHERE status <> 'draft'
UNION ALL
SELECT :workspace, payment.receivable_key_of(reference), id FROM sale WHERE status <> 'draft' AND reference IS NOT NULL;
INSERT INTO payment.payment (workspace_id, id, version, created_at, updated_at, contact_id, state, amount_minor,
    unallocated_minor, currency, method, external_reference, paid_on)
SELECT :workspace, id, 1, at, at, contact_id, 'succeeded', amount, 0, 'EUR', method,
    'T' || n || '-' || part, day
FROM receipt ORDER BY n, part;
INSERT INTO payment.allocation (workspace_id, id, serial, payment_id, invoice_id, amount_minor, live_minor,
    receivable_due_minor, receivable_paid_minor, receivable_version)
SELECT :workspace, allocation_id, nextval('payment.allocation_serial'), id, invoice_id, amount, amount,
    total - paid, paid, 1
FROM receipt ORDER BY n, part;
CREATE TEMPORARY TABLE booking AS
    SELECT at, pg_temp.made('sale', n, at) AS id, 'accounts_receivable' AS debit, contact_id AS debit_contact,
        NULL::text AS debit_method, 'revenue' AS credit, NULL::uuid AS credit_contact, total - tax AS amount,
        'invoice' AS source_type, id AS source_id, day
    FROM sale WHERE status <> 'draft'
    UNION ALL
    SELECT at, pg_temp.made('tax', n, at), 'accounts_receivable', contact_id, NULL, 'tax_payable', NULL, tax, 'invoice',
        id, day
    FROM sale WHERE status <> 'draft' AND tax > 0
    UNION ALL
    SELECT at + interval '1 day', pg_temp.made('void', n, at + interval '1 day'), 'revenue', NULL, NULL,
        'accounts_receivable', contact_id, total - tax, 'void', id, day + 1
    FROM sale WHERE status = 'void'
    UNION ALL
    SELECT at, pg_temp.made('receipt' || part, n, at), 'cash', NULL, method, 'accounts_receivable', contact_id, amount,
        'payment', id, day
    FROM receipt;
INSERT INTO payment.ledger_account (workspace_id, id, type, currency, contact_id, method)
SELECT DISTINCT :workspace, payment.ledger_account_id(:workspace, type, 'EUR', coalesce(contact_id::text, method, '')),
    type, 'EUR', contact_id, method
FROM (SELECT debit AS type, debit_contact AS contact_id, debit_method AS method FROM booking
    UNION SELECT credit, credit_contact, NULL FROM booking) AS side;
INSERT INTO payment.ledger_entry (workspace_id, id, currency, debit_account_id, credit_account_id, amount_minor,
    source_type, source_id, booked_on, created_at)
SELECT :workspace, id, 'EUR',
    payment.ledger_account_id(:workspace, debit, 'EUR', coalesce(debit_contact::text, debit_method, '')),
    payment.ledger_account_id(:workspace, credit, 'EUR', coalesce(credit_contact::text, '')),
    amount, source_type, source_id, day, at
FROM booking ORDER BY at;

-- part: subscription_renewal
INSERT INTO subscription_renewal.contact_copy (workspace_id, contact_id, sequence, name, is_archived)
SELECT :workspace, id, 1, name, false FROM customer;
INSERT INTO subscription_renewal.subscription (workspace_id, id, version, created_at, updated_at, contact_id, currency,
    status, lines, interval_unit, interval_count, timezone, start_at, anchor_at, period_index, current_period_start,
    current_period_end, next_billing_at, collection_method, cancel_at_period_end, catch_up, keeps_anchor)
SELECT :workspace, pg_temp.made('subscription', n, at), 1, at, at, id, 'EUR', 'active', '[]', 'year', 1, 'UTC', at, at, 1,
    now(), now() + interval '1 year', now() + interval '1 year', 'send_invoice', false, 'all', false
FROM customer ORDER BY n;
SET search_path = subscription_renewal;
SELECT search_fill('contact_copy', '{name,external_id}', 'contact_id');
RESET search_path;

-- part: webhook_delivery
-- Messages are kept for thirty days: all of them lie in the last four weeks.
SELECT webhook_delivery.make_partitions(7);
DO $$
BEGIN
    FOR d IN 2..30 LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS webhook_delivery.%I PARTITION OF webhook_delivery.message
            FOR VALUES FROM (%L) TO (%L)', 'message_' || to_char(current_date - d, 'YYYYMMDD'),
            (current_date - d)::text || ' 00:00:00+00', (current_date - d + 1)::text || ' 00:00:00+00');
        EXECUTE format('ALTER TABLE webhook_delivery.%I OWNER TO webhook_delivery_owner',
            'message_' || to_char(current_date - d, 'YYYYMMDD'));
    END LOOP;
END $$;
INSERT INTO webhook_delivery.message (id, workspace_id, created_at, event_type, source_event_id, ordering_key, sequence,
    position, body)
SELECT pg_temp.made('message', n, m.at), :workspace, date_trunc('milliseconds', m.at),
    (ARRAY['invoice.created', 'invoice.issued', 'payment.created', 'invoice.paid'])[1 + n % 4],
    pg_temp.made('event', n, m.at)::text, id::text, 1000, 100 + n,
    convert_to('{"type":"invoice.created","timestamp":"2026-01-01T00:00:00Z","sequence":1000,"data":{"id":"' || id
        || '"}}', 'UTF8')
FROM sale CROSS JOIN LATERAL (SELECT now() - interval '1 hour' - interval '28 days' * (1 - n::float8 / :rows)) AS m (at)
ORDER BY n;
INSERT INTO webhook_delivery.feed_head (workspace_id, position, endpoints_version) VALUES (:workspace, 100 + :rows, 1)
ON CONFLICT (workspace_id) DO UPDATE SET position = excluded.position;

-- part: audit_log
-- As a trigger writes them; `seal-audit-log` gives them their places afterwards.
INSERT INTO invoice.audit_entry (workspace_id, position, resource, resource_id, sequence, types, actor, occurred_at,
    recorded_at, after)
SELECT :workspace, (extract(epoch FROM at) * 1000)::bigint * 4096 + n % 512 * 8 + 1, 'invoice', id, 1,
    '{invoice.created,invoice.issued}', 'key:' || :workspace, at, at, jsonb_build_object('number', number)
FROM sale WHERE n <= :contacts
ON CONFLICT DO NOTHING;
