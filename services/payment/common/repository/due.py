"""SQL of what falls due next in one workspace, and of waiting times that pass as its clock is moved."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from shared.postgres.pool import Connection

_CLOCK = """
WITH clock AS (
    SELECT coalesce(max(clock_offset_ms), 0) * interval '1 millisecond' AS ahead,
           coalesce(max(zone), 'Europe/Amsterdam') AS zone
    FROM workspace WHERE workspace_id = $1
)
"""
# Steps wait in the database's time: what is left of it is added to the workspace's clock. Events of providers
# and refunds that somebody works on show a later step meanwhile; collections stay due.
_STEP = f"""
{_CLOCK}
SELECT min(CASE WHEN at > clock_timestamp() + least_wait THEN at ELSE now() END + ahead) FROM clock, (
    SELECT next_step_at AS at, interval '0' AS least_wait FROM collection
    WHERE workspace_id = $1 AND next_step_at IS NOT NULL
    UNION ALL
    SELECT next_step_at, $2 FROM provider_event WHERE workspace_id = $1 AND next_step_at IS NOT NULL
    UNION ALL
    SELECT coalesce(s.next_step_at, now()), $2 FROM refund r
    JOIN collection c ON c.workspace_id = r.workspace_id AND c.payment_id = r.payment_id
    LEFT JOIN refund_sending s ON s.workspace_id = r.workspace_id AND s.refund_id = r.id
    WHERE r.workspace_id = $1 AND r.state = 'pending'
    UNION ALL
    SELECT now(), interval '0' FROM collection c JOIN receivable r USING (workspace_id, invoice_id)
    WHERE workspace_id = $1 AND cancel_reason IS NULL AND c.state IN ('pending', 'requires_action', 'unknown')
      AND c.amount_minor > CASE WHEN r.status = 'closed' THEN 0
          ELSE r.total_minor - r.paid_minor - r.credited_minor END
) AS step
"""
# As the worker sees them: a month before the last day in the workspace's zone, and a day after it in UTC.
_NOTICE = f"""
{_CLOCK}
SELECT min(CASE WHEN expiry_announced = exp_year || '-' || exp_month || ' soon'
           THEN ends AT TIME ZONE 'UTC' + interval '1 day'
           ELSE (ends - interval '31 days') AT TIME ZONE zone END)
FROM clock, payment_method, LATERAL (
    SELECT make_date(exp_year, exp_month, 1) + interval '1 month' AS ends
) AS month
WHERE workspace_id = $1 AND deleted_at IS NULL AND exp_year IS NOT NULL AND status = 'active'
  AND expiry_announced IS DISTINCT FROM exp_year || '-' || exp_month || ' over'
"""
_SHORTEN = """
WITH moved AS (
    SELECT w.workspace_id, (new.offset_ms - w.clock_offset_ms) * interval '1 millisecond' AS passed
    FROM workspace w
    JOIN unnest($1::uuid[], $2::bigint[]) AS new (workspace_id, offset_ms) USING (workspace_id)
    WHERE new.offset_ms > w.clock_offset_ms
), collections AS (
    UPDATE collection c SET next_step_at = next_step_at - passed, created_at = created_at - passed,
        expires_at = expires_at - passed
    FROM moved WHERE c.workspace_id = moved.workspace_id AND next_step_at IS NOT NULL
), events AS (
    UPDATE provider_event e SET next_step_at = next_step_at - passed
    FROM moved WHERE e.workspace_id = moved.workspace_id AND next_step_at IS NOT NULL
)
UPDATE refund_sending s SET next_step_at = next_step_at - passed
FROM moved WHERE s.workspace_id = moved.workspace_id
"""
IN_HAND = timedelta(minutes=2)
"""What is due within so long in real time may be in a worker's hand: the clock waits for it."""


async def next_due_at(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When a collection, refund or provider's event has its next step, or an expiry is to be announced."""
    step: datetime | None = await tx.fetchval(_STEP, workspace_id, IN_HAND)
    notice: datetime | None = await tx.fetchval(_NOTICE, workspace_id)
    return min(filter(None, (step, notice)), default=None)


async def let_pass(tx: Connection, offsets_ms: Mapping[UUID, int]) -> None:
    """Shorten the waiting times of these workspaces by what their clocks are about to be moved."""
    await tx.execute(_SHORTEN, list(offsets_ms), list(offsets_ms.values()))
