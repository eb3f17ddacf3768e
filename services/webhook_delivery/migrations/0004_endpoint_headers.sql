-- Names and values of `headers` as JSON in an envelope, bound to its place; `headers` keeps the names. Whoever
-- migrates has no key: a worker encrypts what stands in the open.
ALTER TABLE endpoint ADD COLUMN headers_encrypted bytea;

-- What is deleted is never sent to again; it needs no secrets.
ALTER TABLE endpoint NO FORCE ROW LEVEL SECURITY;
UPDATE endpoint SET headers = '{}' WHERE deleted_at IS NOT NULL AND headers <> '{}';
ALTER TABLE endpoint FORCE ROW LEVEL SECURITY;

-- Replies that showed the values; asked again, enabling what is enabled is a conflict and changes nothing.
ALTER TABLE idempotency_key NO FORCE ROW LEVEL SECURITY;
DELETE FROM idempotency_key
WHERE position('"headers":{"'::bytea IN body) > 0 AND position('"max_concurrency":'::bytea IN body) > 0
  AND position('"disables_at":'::bytea IN body) > 0;
ALTER TABLE idempotency_key FORCE ROW LEVEL SECURITY;

-- include: row_security_v1
