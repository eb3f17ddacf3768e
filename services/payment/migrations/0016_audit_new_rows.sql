-- include: audit_v3

-- Payments come many at once.
DROP TRIGGER audit_payment_insert ON payment;
SELECT audit_new('payment', 'payment', 'id',
    '{contact_id,state,amount_minor,unallocated_minor,refunded_minor,disputed_minor,currency,method,'
    'external_reference,paid_on,note,invoice_id,payment_method_id,failure_code,void_reason,moved_from_contact_id}',
    '{}',
    '{"state": {"voided": "voided", "canceled": "canceled", "succeeded": "succeeded", "failed": "failed"},
      "moved_from_contact_id": {"*": "moved"}}');
SELECT audit_table('payment', 'payment', 'id',
    '{contact_id,state,amount_minor,unallocated_minor,refunded_minor,disputed_minor,currency,method,'
    'external_reference,paid_on,note,invoice_id,payment_method_id,failure_code,void_reason,moved_from_contact_id}',
    '{}',
    '{"state": {"voided": "voided", "canceled": "canceled", "succeeded": "succeeded", "failed": "failed"},
      "moved_from_contact_id": {"*": "moved"}}',
    'UPDATE OR DELETE');
