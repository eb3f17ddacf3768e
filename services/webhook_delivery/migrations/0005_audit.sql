-- include: audit_v1, row_security_v1

-- Endpoints and their secrets, and what is sent again by hand.
SELECT audit_table('endpoint', 'webhook_endpoint', 'id',
    '{url,event_types,description,timeout_seconds,max_concurrency,rate_limit,ordering,status,disabled_reason,'
    'deleted_at}', '{headers,headers_encrypted}',
    '{"status": {"enabled": "enabled", "paused": "paused", "disabled": "disabled"}, "deleted_at": {"*": "deleted"}}');
-- All of an endpoint's are written anew when there is another: it is the one without an end.
SELECT audit_table('endpoint_secret', 'webhook_secret', 'id', '{endpoint_id,expires_at}', '{key_encrypted}', '{}',
    'INSERT', 'NEW.expires_at IS NULL');
SELECT audit_table('job', 'webhook_job', 'id', '{endpoint_id,kind,status,since,until,states,only_missing}', '{}',
    '{"status": {"cancelled": "cancelled"}}');
-- One delivery that is to be tried again now (kind 1: by hand).
SELECT audit_table('delivery_due', 'webhook_delivery', 'id', '{endpoint_id,message_id,kind,due_at}', '{}',
    '{"kind": {"1": "retried"}, "insert": {"kind": {"1": "retried"}}}', 'INSERT OR UPDATE', 'NEW.kind = 1');
SELECT audit_table('dead_letter', 'dead_letter', 'id', '{type,reason,status,ended_by,ended_reason}', '{}',
    '{"status": {"replaying": "replayed", "dropped": "dropped"}}', 'UPDATE');
SELECT audit_table('dead_letter_lane', 'event_lane', 'workspace_id', '{reason,set_aside_by,is_resuming}', '{}',
    '{"is_resuming": {"true": "resumed"}}');
