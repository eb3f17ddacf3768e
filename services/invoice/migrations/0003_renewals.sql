-- What subscriptions had billed, and search over many contacts.
ALTER TABLE invoice
    ADD COLUMN payment_method_id uuid,
    ADD COLUMN billing_reason text,
    -- The version of the subscription that had this billed.
    ADD COLUMN subscription_version bigint;
-- Not validated: the column is new, so no row that is there can break it.
ALTER TABLE invoice ADD CONSTRAINT invoice_billing_reason
    CHECK (billing_reason IN ('cycle', 'change')) NOT VALID;

-- A period is billed once, whatever the inbox has forgotten; a change within it once more.
-- No invoice has a subscription before this revision: these indexes begin empty.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX invoice_one_per_cycle ON invoice (workspace_id, subscription_id, period_start)
    WHERE billing_reason = 'cycle';
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX invoice_one_per_change ON invoice (workspace_id, subscription_id, subscription_version)
    WHERE billing_reason = 'change';
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX invoice_by_subscription ON invoice (workspace_id, subscription_id, id DESC)
    WHERE subscription_id IS NOT NULL;
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX invoice_one_per_period;

-- Name, e-mail and phone as `q` compares them: folded, whatever the database's own locale. A search reads
-- the workspace's part of this index alone. The table is written anew once: two seconds for 100,000 rows.
-- squawk-ignore adding-field-with-default
ALTER TABLE contact ADD COLUMN search text COLLATE "C" GENERATED ALWAYS AS (
    casefold((name || E'\n' || coalesce(email, '') || E'\n' || coalesce(phone, '')) COLLATE pg_unicode_fast)
) STORED;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX contact_search ON contact (workspace_id, id DESC) INCLUDE (search);

-- include: sandbox_event_v1, row_security_v1
