-- Deliveries of all documents in one list, and whether whoever sent them gave the address.
-- One transaction holds the revision.
-- squawk-ignore-file require-concurrent-index-creation

ALTER TABLE delivery ADD COLUMN is_recipient_given boolean NOT NULL DEFAULT false;

-- Until now the key of a wish by hand alone told of an address that was given.
ALTER TABLE delivery NO FORCE ROW LEVEL SECURITY;
UPDATE delivery SET is_recipient_given = true WHERE dedupe_key ~ '^by-hand-[0-9]+:.';
ALTER TABLE delivery FORCE ROW LEVEL SECURITY;

CREATE INDEX delivery_by_status ON delivery (workspace_id, status, id DESC);
CREATE INDEX delivery_by_contact ON delivery (workspace_id, contact_id, id DESC);
