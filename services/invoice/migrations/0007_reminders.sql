-- Reminders of open invoices, by each workspace's schedule.
CREATE TABLE reminder_settings (
    workspace_id uuid NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    is_enabled boolean NOT NULL,
    preset text NOT NULL,
    -- [{"level": 1, "days_after_due": 3, "channels": ["email"], "fee": null}, …], by level
    levels jsonb NOT NULL,
    -- The day of the last change of the schedule: what would have been due before is not caught up on.
    counts_from date NOT NULL,
    quiet_from time,
    quiet_until time,
    is_business_days_only boolean NOT NULL,
    minimum_days_between integer NOT NULL,
    pauses_on_partial_payment boolean NOT NULL,
    pauses_on_dispute boolean NOT NULL,
    CONSTRAINT reminder_settings_pk PRIMARY KEY (workspace_id),
    CONSTRAINT reminder_settings_days_between CHECK (minimum_days_between >= 1),
    CONSTRAINT reminder_settings_quiet_hours CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)
        AND quiet_from <> quiet_until)
);

-- The highest level that is dealt with, 0 where none is, and when a reminder was sent last.
ALTER TABLE invoice
    ADD COLUMN reminder_level smallint NOT NULL DEFAULT 0,
    ADD COLUMN reminded_at timestamptz,
    -- What a person said: true stops reminders, false lets them go on whatever else would pause them.
    ADD COLUMN reminders_paused boolean;
-- Not validated: the column is new, so no row that is there can break it.
ALTER TABLE invoice ADD CONSTRAINT invoice_reminder_level CHECK (reminder_level BETWEEN 0 AND 4) NOT VALID;
-- No invoice was sent before the revisions that this one comes with: the index begins empty.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX invoice_to_remind ON invoice (workspace_id, reminder_level, due_date)
    WHERE status = 'open' AND collection_method = 'send_invoice' AND sent_at IS NOT NULL;

-- What became of each level of an invoice: once, whatever crashes.
CREATE TABLE reminder (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    level smallint NOT NULL,
    state text NOT NULL,
    is_by_hand boolean NOT NULL,
    decided_at timestamptz NOT NULL,
    -- Why a level was skipped.
    reason text,
    CONSTRAINT reminder_once_a_level PRIMARY KEY (workspace_id, invoice_id, level),
    CONSTRAINT reminder_of_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT reminder_level CHECK (level BETWEEN 1 AND 4),
    CONSTRAINT reminder_state CHECK (state IN ('sent', 'skipped', 'handed_over')),
    CONSTRAINT reminder_skipped_has_reason CHECK ((state = 'skipped') = (reason IS NOT NULL))
);

-- Payments because of which an invoice is not reminded: money is under way, or the payer's bank took it back.
-- A row without a reason holds nothing any more; it stays, so that an older event cannot bring it back.
CREATE TABLE reminder_hold (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    payment_id uuid NOT NULL,
    sequence bigint NOT NULL,
    reason text,
    CONSTRAINT reminder_hold_pk PRIMARY KEY (workspace_id, invoice_id, payment_id),
    CONSTRAINT reminder_hold_of_invoice FOREIGN KEY (workspace_id, invoice_id)
        REFERENCES invoice (workspace_id, id) ON DELETE NO ACTION,
    CONSTRAINT reminder_hold_reason CHECK (reason IN ('collection', 'dispute'))
);

-- include: row_security_v1
