-- What messages are about and how their deliveries went, to be found by it.
-- Partitioned tables take no index that is built concurrently, and one transaction holds the revision.
-- squawk-ignore-file require-concurrent-index-creation

ALTER TABLE delivery_due ADD COLUMN event_type text;
ALTER TABLE delivery_failed ADD COLUMN event_type text;
-- `reason`: why there was no answer, in one word. Attempts from before have neither.
ALTER TABLE attempt ADD COLUMN event_type text, ADD COLUMN reason text;

ALTER TABLE message NO FORCE ROW LEVEL SECURITY;
ALTER TABLE delivery_due NO FORCE ROW LEVEL SECURITY;
ALTER TABLE delivery_failed NO FORCE ROW LEVEL SECURITY;
UPDATE delivery_due d SET event_type = m.event_type
FROM message m WHERE m.created_at = d.message_created_at AND m.id = d.message_id;
UPDATE delivery_failed d SET event_type = m.event_type
FROM message m WHERE m.created_at = d.message_created_at AND m.id = d.message_id;
ALTER TABLE message FORCE ROW LEVEL SECURITY;
ALTER TABLE delivery_due FORCE ROW LEVEL SECURITY;
ALTER TABLE delivery_failed FORCE ROW LEVEL SECURITY;

CREATE INDEX message_by_subject ON message (workspace_id, ordering_key, created_at DESC, id DESC)
    WHERE ordering_key IS NOT NULL;
CREATE INDEX message_by_type ON message (workspace_id, event_type, created_at DESC, id DESC);
CREATE INDEX delivery_failed_by_type
    ON delivery_failed (workspace_id, event_type, finished_at DESC, id DESC);
CREATE INDEX attempt_delivered_by_type
    ON attempt (workspace_id, event_type, at DESC, delivery_id DESC) WHERE final = 1 AND kind <> 2;
