-- What a running period is charged for, piece by piece, so that a change may count from before the last one.
ALTER TABLE subscription ADD COLUMN segments jsonb NOT NULL DEFAULT '[]';
-- No change may count from before this; null: from before the period's start.
ALTER TABLE subscription ADD COLUMN changes_from_at timestamptz;

ALTER TABLE subscription NO FORCE ROW LEVEL SECURITY;
ALTER TABLE billing NO FORCE ROW LEVEL SECURITY;
-- What was changed before in the periods that run now is not known piece by piece.
UPDATE subscription s SET changes_from_at = updated_at
WHERE current_period_start IS NOT NULL AND status NOT IN ('canceled', 'ended') AND (
    pending_lines <> '[]' OR EXISTS (
        SELECT FROM billing b WHERE b.workspace_id = s.workspace_id AND b.subscription_id = s.id
            AND b.reason = 'change' AND b.billed_at >= s.current_period_start));
-- What was to end with its period and was paused never ended: from here on it does.
UPDATE subscription SET status = 'active', paused_at = NULL, next_billing_at = current_period_end
WHERE status = 'paused' AND cancel_at_period_end AND current_period_end IS NOT NULL;
ALTER TABLE subscription FORCE ROW LEVEL SECURITY;
ALTER TABLE billing FORCE ROW LEVEL SECURITY;

-- include: row_security_v1
