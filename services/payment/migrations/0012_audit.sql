-- include: audit_v1, row_security_v1

-- Money, and through whom it is collected. Of a payment method no digit is kept here.
SELECT audit_table('payment', 'payment', 'id',
    '{contact_id,state,amount_minor,unallocated_minor,refunded_minor,disputed_minor,currency,method,'
    'external_reference,paid_on,note,invoice_id,payment_method_id,failure_code,void_reason,moved_from_contact_id}',
    '{}',
    '{"state": {"voided": "voided", "canceled": "canceled", "succeeded": "succeeded", "failed": "failed"},
      "moved_from_contact_id": {"*": "moved"}}');
-- The first allocations of a payment stand in its own entry, as what is not unallocated: registering is to be fast.
-- In the snapshot of the statement that writes both, the payment is not there yet.
CREATE FUNCTION payment_was_there(workspace uuid, payment uuid) RETURNS boolean LANGUAGE sql STABLE AS
    'SELECT EXISTS (SELECT FROM payment p WHERE p.workspace_id = $1 AND p.id = $2)';
SELECT audit_table('allocation', 'allocation', 'id', '{payment_id,invoice_id,amount_minor,live_minor}', '{}', '{}',
    'INSERT', 'payment_was_there(NEW.workspace_id, NEW.payment_id)');
SELECT audit_table('allocation', 'allocation', 'id', '{payment_id,invoice_id,amount_minor,live_minor}', '{}',
    '{"live_minor": {"0": "reversed"}}', 'UPDATE OR DELETE');
SELECT audit_table('refund', 'refund', 'id',
    '{payment_id,contact_id,state,amount_minor,currency,method,reason,external_reference,credit_note_id}', '{}',
    '{"state": {"succeeded": "succeeded", "failed": "failed"}}');
SELECT audit_table('provider_connection', 'provider_connection', 'id',
    '{provider,mode,description,secret_key_last4,deleted_at}',
    '{publishable_key,secret_key_encrypted,webhook_secret_encrypted}', '{"deleted_at": {"*": "deleted"}}');
SELECT audit_table('payment_method', 'payment_method', 'id',
    '{contact_id,provider,mode,type,brand,status,is_default,deleted_at}', '{external_id,customer_reference,metadata}',
    '{"deleted_at": {"*": "deleted"}}');
SELECT audit_table('setup_intent', 'setup_intent', 'id', '{contact_id,provider,mode,status,payment_method_id}',
    '{reference}');
SELECT audit_table('collection', 'collection', 'payment_id', '{invoice_id,state,amount_minor,currency,cancel_reason}',
    '{}', '{"cancel_reason": {"*": "cancel_requested"}}', 'UPDATE');
SELECT audit_table('dead_letter', 'dead_letter', 'id', '{type,reason,status,ended_by,ended_reason}', '{}',
    '{"status": {"replaying": "replayed", "dropped": "dropped"}}', 'UPDATE');
SELECT audit_table('dead_letter_lane', 'event_lane', 'workspace_id', '{reason,set_aside_by,is_resuming}', '{}',
    '{"is_resuming": {"true": "resumed"}}');
