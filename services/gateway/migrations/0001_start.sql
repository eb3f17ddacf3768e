-- Workspaces and their API keys.
-- include: outbox_v1, inbox_v1, idempotency_v1

CREATE TABLE workspace (
    workspace_id uuid NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    mode text NOT NULL,
    zone text NOT NULL,
    currency text NOT NULL,
    -- How far a sandbox's clock is ahead of real time, in milliseconds.
    clock_offset_ms bigint NOT NULL DEFAULT 0,
    CONSTRAINT workspace_pk PRIMARY KEY (workspace_id),
    CONSTRAINT workspace_slug_is_unique UNIQUE (slug),
    CONSTRAINT workspace_slug_form CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    CONSTRAINT workspace_mode CHECK (mode IN ('live', 'sandbox')),
    CONSTRAINT workspace_live_has_real_time CHECK (mode = 'sandbox' OR clock_offset_ms = 0),
    CONSTRAINT workspace_clock_is_not_behind CHECK (clock_offset_ms >= 0)
);

CREATE TABLE api_key (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    -- HMAC-SHA256 of the key with the platform's pepper; the key itself is stored nowhere.
    digest bytea NOT NULL,
    prefix text NOT NULL,
    last4 text NOT NULL,
    scopes text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_key_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT api_key_of_workspace FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id),
    CONSTRAINT api_key_digest_is_unique UNIQUE (digest),
    CONSTRAINT api_key_digest_is_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT api_key_has_scopes CHECK (cardinality(scopes) >= 1)
);

-- Finds out whose a key or a slug is, before any workspace is known: it reads these two tables, nothing else.
GRANT SELECT ON workspace, api_key TO gateway_auth;
CREATE POLICY authentication_reads_all ON workspace FOR SELECT TO gateway_auth USING (true);
CREATE POLICY authentication_reads_all ON api_key FOR SELECT TO gateway_auth USING (true);

-- include: row_security_v1
