-- include: audit_v1, row_security_v1

-- Documents, their parties, and how they are sent.
SELECT audit_table('contact', 'contact', 'id',
    '{name,email,phone,address,country,locale,vat_id,external_id,tags,metadata,e_invoice_address,archived_at}', '{}',
    '{"archived_at": {"*": "deleted"}}');
SELECT audit_table('product', 'product', 'id',
    '{name,description,sku,unit,unit_price,currency,tax_rate,tax_category,tax_behavior,tax_exemption_reason,metadata,'
    'archived_at}', '{}', '{"archived_at": {"*": "deleted"}}');
SELECT audit_table('invoice', 'invoice', 'id',
    '{contact_id,currency,status,number,issue_date,due_date,payment_terms_days,subtotal_minor,tax_minor,total_minor,'
    'discount,amount_credited_minor,amount_written_off_minor,write_off_reason,notes,reference,external_id,'
    'collection_method,metadata,sent_at,reminders_paused,supply_date,supply_start,supply_end}', '{public_token}',
    '{"status": {"open": "issued", "void": "voided"}, "amount_written_off_minor": {"0": "write_off_reversed",
        "*": "written_off"}, "amount_credited_minor": {"*": "credited"}, "sent_at": {"*": "sent"},
      "insert": {"status": {"open": "issued"}, "sent_at": {"*": "sent"}}}');
SELECT audit_table('quote', 'quote', 'id',
    '{contact_id,currency,status,number,issue_date,valid_until,subtotal_minor,tax_minor,total_minor,discount,notes,'
    'reference,external_id,metadata,invoice_id}', '{}',
    '{"status": {"sent": "sent", "accepted": "accepted", "declined": "declined"}}');
SELECT audit_table('credit_note', 'credit_note', 'id',
    '{invoice_id,contact_id,currency,number,issue_date,reason,subtotal_minor,tax_minor,total_minor,refund_minor,'
    'out_of_band_minor,notes,external_id,metadata}');
SELECT audit_table('e_invoice', 'e_invoice', 'id',
    '{invoice_id,credit_note_id,number,syntax,sender,receiver,provider,status}');
SELECT audit_table('business', 'business', 'id',
    '{name,address,country,email,phone,vat_id,tax_number,registration_number,iban,bic,currency,payment_terms_days,'
    'rounding_level,rounding_mode,number_formats,logo_sha256}', '{logo_url}');
SELECT audit_table('delivery', 'document_delivery', 'id',
    '{invoice_id,credit_note_id,quote_id,contact_id,channel,level,recipient,status}', '{message}',
    '{"status": {"queued": "retried"}}');
SELECT audit_table('channel_setting', 'channel_setting', 'id', '{kind,mode,description,options,deleted_at}',
    '{secret_encrypted}', '{"deleted_at": {"*": "deleted"}}');
SELECT audit_table('message_template', 'message_template', 'id', '{kind,channel,locale,subject}', '{html,body}');
SELECT audit_table('reminder_settings', 'reminder_settings', 'workspace_id',
    '{is_enabled,preset,levels,quiet_from,quiet_until,is_business_days_only,minimum_days_between,'
    'pauses_on_partial_payment,pauses_on_dispute}');
SELECT audit_table('dead_letter', 'dead_letter', 'id', '{type,reason,status,ended_by,ended_reason}', '{}',
    '{"status": {"replaying": "replayed", "dropped": "dropped"}}', 'UPDATE');
SELECT audit_table('dead_letter_lane', 'event_lane', 'workspace_id', '{reason,set_aside_by,is_resuming}', '{}',
    '{"is_resuming": {"true": "resumed"}}');

-- What the log said until now; its places are before all new ones, and it is chained with them.
ALTER TABLE change_log NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY;
INSERT INTO audit_entry (workspace_id, position, resource, resource_id, sequence, types, actor, request_id,
    occurred_at, recorded_at, data_sha256)
SELECT workspace_id, position, resource, resource_id, sequence, types, actor, request_id, occurred_at, recorded_at,
    data_sha256
FROM change_log;
ALTER TABLE change_log FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
