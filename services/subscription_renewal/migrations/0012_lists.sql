-- outside a transaction
-- Words of the rows that are there already, and an index for each filter of each list.
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction, prefer-robust-stmts

-- The owner sees no rows by the policies of the logins.
SET lock_timeout = '5s';
ALTER TABLE contact_copy NO FORCE ROW LEVEL SECURITY;
ALTER TABLE subscription NO FORCE ROW LEVEL SECURITY;
ALTER TABLE contact_copy_word NO FORCE ROW LEVEL SECURITY;
ALTER TABLE subscription_word NO FORCE ROW LEVEL SECURITY;
SELECT search_fill('contact_copy', '{name,external_id}', 'contact_id');
SELECT search_fill('subscription', '{lines}');
ALTER TABLE contact_copy FORCE ROW LEVEL SECURITY;
ALTER TABLE subscription FORCE ROW LEVEL SECURITY;
ALTER TABLE contact_copy_word FORCE ROW LEVEL SECURITY;
ALTER TABLE subscription_word FORCE ROW LEVEL SECURITY;
RESET lock_timeout;

DROP INDEX CONCURRENTLY IF EXISTS subscription_by_status;
CREATE INDEX CONCURRENTLY subscription_by_status ON subscription (workspace_id, status, id);
DROP INDEX CONCURRENTLY IF EXISTS subscription_by_next_billing;
CREATE INDEX CONCURRENTLY subscription_by_next_billing ON subscription (workspace_id, next_billing_at, id);
DROP INDEX CONCURRENTLY IF EXISTS dunning_by_contact;
CREATE INDEX CONCURRENTLY dunning_by_contact ON dunning (workspace_id, contact_id, id);
DROP INDEX CONCURRENTLY IF EXISTS dunning_by_status;
CREATE INDEX CONCURRENTLY dunning_by_status ON dunning (workspace_id, status, id);
ANALYZE contact_copy_word, subscription_word;
