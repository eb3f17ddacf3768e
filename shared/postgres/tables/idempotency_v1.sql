-- Replies of POST requests, stored in the transaction of their effect.
CREATE TABLE idempotency_key (
    workspace_id uuid NOT NULL,
    key text NOT NULL,
    request_sha256 bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_key_pk PRIMARY KEY (workspace_id, key),
    CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255)
);

CREATE INDEX idempotency_key_by_age ON idempotency_key USING brin (created_at);
