-- Who is signed in to the console. Only the cookie opens a row: its digest finds it, and a key made of it
-- unseals the columns. A session is of a person and opens one workspace after another, so it has none itself.
CREATE TABLE console_session (
    -- SHA-256 of the cookie's token.
    digest bytea NOT NULL,
    -- Sealed: the admin token or the JWT, looked at again at every request.
    credential bytea NOT NULL,
    -- The workspace that is open, once one is chosen.
    workspace_slug text,
    -- Sealed: what a page shows, once, and the path of that page: no other one takes it away.
    notice bytea,
    notice_path text,
    expires_at timestamptz NOT NULL,
    CONSTRAINT console_session_pk PRIMARY KEY (digest),
    CONSTRAINT console_session_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
CREATE INDEX console_session_by_expiry ON console_session (expires_at);
REVOKE ALL ON console_session FROM gateway_api;

-- include: row_security_v1
