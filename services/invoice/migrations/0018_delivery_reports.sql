-- What channels report later of deliveries, each report once.
-- One transaction holds the revision; the settings are few.
-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid, ban-drop-constraint

-- Reports that were heard: whoever sends one again, or replays an old one, changes nothing.
CREATE TABLE delivery_report (
    workspace_id uuid NOT NULL,
    -- SHA-256 of what makes the report this one and no other.
    identity bytea NOT NULL,
    delivery_id uuid NOT NULL,
    state text NOT NULL,
    words text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT delivery_report_pk PRIMARY KEY (workspace_id, identity),
    CONSTRAINT delivery_report_of_delivery FOREIGN KEY (workspace_id, delivery_id)
        REFERENCES delivery (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT delivery_report_state CHECK (state IN ('delivered', 'delayed', 'bounced', 'failed'))
);
REVOKE UPDATE, DELETE, TRUNCATE ON delivery_report FROM invoice_api, invoice_worker;

CREATE INDEX delivery_by_recipient ON delivery (workspace_id, lower(recipient), id DESC)
    WHERE recipient IS NOT NULL;

ALTER TABLE channel_setting DROP CONSTRAINT channel_setting_kind;
ALTER TABLE channel_setting ADD CONSTRAINT channel_setting_kind
    CHECK (kind IN ('smtp', 'twilio', 'storecove', 'mail', 'postmark', 'ses', 'mailgun'));

-- include: row_security_v1
