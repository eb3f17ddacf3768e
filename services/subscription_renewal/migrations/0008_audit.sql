-- include: audit_v1, row_security_v1

-- Subscriptions, runs, and how unpaid renewals are chased.
SELECT audit_table('subscription', 'subscription', 'id',
    '{contact_id,currency,status,lines,interval_unit,interval_count,timezone,start_at,trial_end,collection_method,'
    'payment_method_id,payment_terms_days,cancel_at_period_end,scheduled_change,catch_up,parked_reason,external_id,'
    'metadata,paused_at,canceled_at,ended_at}', '{}',
    '{"status": {"paused": "paused", "active": "resumed", "canceled": "canceled", "ended": "ended"},
      "lines": {"*": "changed"}, "scheduled_change": {"*": "change_scheduled", "null": "change_dropped"},
      "cancel_at_period_end": {"true": "cancel_scheduled", "false": "cancel_dropped"},
      "parked_reason": {"null": "retried"}}');
SELECT audit_table('renewal_run', 'renewal_run', 'id', '{run_on,paused_at,paused_reason,is_size_accepted}', '{}',
    '{"paused_at": {"*": "paused", "null": "resumed"}}');
SELECT audit_table('dunning_settings', 'dunning_settings', 'workspace_id',
    '{preset,intervals_days,terminal_action}');
SELECT audit_table('dunning', 'dunning', 'id', '{invoice_id,contact_id,subscription_id,status,ended_at}', '{}',
    '{"status": {"canceled": "stopped"}}');
SELECT audit_table('dead_letter', 'dead_letter', 'id', '{type,reason,status,ended_by,ended_reason}', '{}',
    '{"status": {"replaying": "replayed", "dropped": "dropped"}}', 'UPDATE');
SELECT audit_table('dead_letter_lane', 'event_lane', 'workspace_id', '{reason,set_aside_by,is_resuming}', '{}',
    '{"is_resuming": {"true": "resumed"}}');
