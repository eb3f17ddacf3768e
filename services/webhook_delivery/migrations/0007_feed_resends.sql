-- What somebody asked to send again: it stands in the feed once more, in a place of its own, for those who follow
-- the feed as an endpoint would hear it. The message itself is not repeated.
CREATE TABLE feed_resend (
    workspace_id uuid NOT NULL,
    position bigint NOT NULL,
    message_id uuid NOT NULL,
    message_created_at timestamptz NOT NULL,
    resent_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT feed_resend_pk PRIMARY KEY (workspace_id, position)
);

CREATE INDEX feed_resend_by_age ON feed_resend USING brin (resent_at);

-- include: row_security_v1
