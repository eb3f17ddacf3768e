-- Setup intents stored their secret in the open; from now on such replies are encrypted. Repeated with its key, a
-- request of before gets the reply without the secret, as reading the setup intent does.
ALTER TABLE idempotency_key NO FORCE ROW LEVEL SECURITY;
UPDATE idempotency_key
SET body = convert_to(
    regexp_replace(convert_from(body, 'UTF8'), '"client_secret":"[^"]*"', '"client_secret":null'), 'UTF8')
WHERE position('"client_secret":"'::bytea IN body) > 0;
ALTER TABLE idempotency_key FORCE ROW LEVEL SECURITY;
