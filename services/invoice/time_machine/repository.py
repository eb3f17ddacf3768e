"""What falls due next in one workspace: the time machine stops there."""

from datetime import datetime
from uuid import UUID

from services.invoice.reminders.domain import reminders as reminder_rules
from services.invoice.reminders.repository import reminders
from services.invoice.reminders.repository import settings as reminder_settings
from services.invoice.sending.repository import due_deliveries
from shared.postgres.pool import Connection

# The day after in the workspace's zone, as mark_overdue and expire_quotes count it.
_NEXT = """
SELECT min((day + 1)::timestamp AT TIME ZONE coalesce(zone, 'Europe/Amsterdam')) FROM (
    SELECT due_date AS day FROM invoice
    WHERE workspace_id = $1 AND status = 'open' AND overdue_at IS NULL
      AND total_minor > amount_paid_minor + amount_credited_minor
    UNION ALL SELECT valid_until FROM quote WHERE workspace_id = $1 AND status = 'sent'
) AS late LEFT JOIN workspace ON workspace.workspace_id = $1
"""
_CLOCK = """
SELECT coalesce(zone, 'Europe/Amsterdam') AS zone,
    now() + make_interval(secs => coalesce(clock_offset_ms, 0) / 1000.0) AS now
FROM (SELECT $1::uuid AS workspace_id) AS one LEFT JOIN workspace USING (workspace_id)
"""


async def next_due_at(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When an invoice is late, a quote expires or a reminder goes out next, or what still is to be sent."""
    late: datetime | None = await tx.fetchval(_NEXT, workspace_id)
    reminder = await _reminder(tx, workspace_id)
    unsent = await due_deliveries.unsent_since(tx, workspace_id)
    return min((at for at in (late, reminder, unsent) if at), default=None)


async def _reminder(tx: Connection, workspace_id: UUID) -> datetime | None:
    settings = await reminder_settings.get(tx, workspace_id)
    if not settings.is_enabled:
        return None
    clock = await tx.fetchrow(_CLOCK, workspace_id)
    assert clock is not None
    day = await reminders.earliest(tx, settings, clock["zone"])
    return reminder_rules.due_at(settings, day, clock["zone"], clock["now"]) if day else None
