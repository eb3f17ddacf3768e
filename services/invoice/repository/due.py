"""SQL of what falls due next in one workspace: the time machine stops there."""

from datetime import datetime
from uuid import UUID

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


async def next_due_at(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When an invoice is late or a quote expires next."""
    found: datetime | None = await tx.fetchval(_NEXT, workspace_id)
    return found
