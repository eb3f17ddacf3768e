-- When each workspace's money was last proved for somebody who asked: the proof reads every row of it.
CREATE TABLE ledger_proof (
    workspace_id uuid NOT NULL,
    proved_at timestamptz NOT NULL,
    CONSTRAINT ledger_proof_pk PRIMARY KEY (workspace_id)
);

-- include: row_security_v1
