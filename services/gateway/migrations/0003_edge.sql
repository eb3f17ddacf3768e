-- Keys that replace others, members of workspaces, allowed origins, and limits that replicas share.
-- Keys and workspaces are few, and one transaction holds the revision: checking later or building
-- concurrently would lock no shorter.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint, require-concurrent-index-creation, disallowed-unique-constraint

ALTER TABLE api_key
    -- The key whose place this one takes.
    ADD COLUMN replaces_id uuid,
    ADD CONSTRAINT api_key_replaces_key_of_workspace FOREIGN KEY (workspace_id, replaces_id)
        REFERENCES api_key (workspace_id, id),
    ADD CONSTRAINT api_key_is_replaced_once UNIQUE (workspace_id, replaces_id),
    ADD CONSTRAINT api_key_replaces_another CHECK (replaces_id <> id);

ALTER TABLE workspace
    -- Origins whose pages may read our answers in a browser (CORS).
    ADD COLUMN allowed_origins text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT workspace_has_few_origins CHECK (cardinality(allowed_origins) <= 50);
-- A preflight has no credential: its origin alone is known.
CREATE INDEX workspace_by_allowed_origin ON workspace USING gin (allowed_origins);

-- Who may enter a workspace with a token of an issuer, and as what.
CREATE TABLE membership (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT membership_pk PRIMARY KEY (workspace_id, id),
    CONSTRAINT membership_of_workspace FOREIGN KEY (workspace_id) REFERENCES workspace (workspace_id),
    CONSTRAINT membership_is_unique UNIQUE (workspace_id, issuer, subject)
);
GRANT SELECT ON membership TO gateway_auth;
CREATE POLICY authentication_reads_all ON membership FOR SELECT TO gateway_auth USING (true);

-- What is left in each caller's token bucket. The replicas tell it what they have used and learn what is left,
-- a few times a second; after a crash every bucket is full, so it needs no log.
CREATE UNLOGGED TABLE request_balance (
    workspace_id uuid NOT NULL,
    caller text NOT NULL,
    -- Below zero: the replicas together have let through more than there was, and it is paid back.
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL,
    CONSTRAINT request_balance_pk PRIMARY KEY (workspace_id, caller)
) WITH (fillfactor = 50);

-- How many requests of each workspace a replica is working on.
CREATE UNLOGGED TABLE request_in_flight (
    workspace_id uuid NOT NULL,
    replica uuid NOT NULL,
    in_flight integer NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT request_in_flight_pk PRIMARY KEY (workspace_id, replica),
    CONSTRAINT request_in_flight_not_negative CHECK (in_flight >= 0)
) WITH (fillfactor = 50);

-- The gateways that run.
CREATE UNLOGGED TABLE replica (
    id uuid CONSTRAINT replica_pk PRIMARY KEY,
    told_at timestamptz NOT NULL
) WITH (fillfactor = 50);
REVOKE ALL ON replica FROM gateway_api;

-- include: row_security_v1
