-- include: audit_v3

-- Invoices come many at once.
DROP TRIGGER audit_invoice_insert ON invoice;
SELECT audit_new('invoice', 'invoice', 'id',
    '{contact_id,currency,status,number,issue_date,due_date,payment_terms_days,subtotal_minor,tax_minor,total_minor,'
    'discount,amount_credited_minor,amount_written_off_minor,write_off_reason,notes,reference,external_id,'
    'collection_method,metadata,sent_at,reminders_paused,supply_date,supply_start,supply_end}', '{public_token}',
    '{"status": {"open": "issued", "void": "voided"}, "amount_written_off_minor": {"0": "write_off_reversed",
        "*": "written_off"}, "amount_credited_minor": {"*": "credited"}, "sent_at": {"*": "sent"},
      "insert": {"status": {"open": "issued"}, "sent_at": {"*": "sent"}}}');
SELECT audit_table('invoice', 'invoice', 'id',
    '{contact_id,currency,status,number,issue_date,due_date,payment_terms_days,subtotal_minor,tax_minor,total_minor,'
    'discount,amount_credited_minor,amount_written_off_minor,write_off_reason,notes,reference,external_id,'
    'collection_method,metadata,sent_at,reminders_paused,supply_date,supply_start,supply_end}', '{public_token}',
    '{"status": {"open": "issued", "void": "voided"}, "amount_written_off_minor": {"0": "write_off_reversed",
        "*": "written_off"}, "amount_credited_minor": {"*": "credited"}, "sent_at": {"*": "sent"},
      "insert": {"status": {"open": "issued"}, "sent_at": {"*": "sent"}}}',
    'UPDATE OR DELETE');
