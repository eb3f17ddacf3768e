"""SQL of invoices that are late."""

from collections.abc import Sequence
from uuid import UUID

from services.invoice.invoices.domain.invoice import Invoice
from shared.postgres.pool import Connection

_CLAIM = """
SELECT invoice.workspace_id, invoice.id FROM invoice LEFT JOIN workspace USING (workspace_id)
WHERE status = 'open' AND overdue_at IS NULL
  AND due_date < ((now() + make_interval(secs => coalesce(clock_offset_ms, 0) / 1000.0))
                  AT TIME ZONE coalesce(zone, 'Europe/Amsterdam'))::date
  AND total_minor > amount_paid_minor + amount_credited_minor
ORDER BY due_date, invoice.id LIMIT $1 FOR NO KEY UPDATE OF invoice SKIP LOCKED
"""


async def claim(tx: Connection, limit: int) -> list[tuple[UUID, UUID]]:
    """(workspace, invoice) ids of invoices that are late and not told of, locked; the latest first."""
    return [(row["workspace_id"], row["id"]) for row in await tx.fetch(_CLAIM, limit)]


async def mark(tx: Connection, late: Sequence[Invoice]) -> None:
    """Store that these were told of."""
    await tx.execute(
        """UPDATE invoice SET overdue_at = new.at, updated_at = new.at, version = new.version
        FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bigint[])
            AS new (workspace_id, id, at, version)
        WHERE invoice.workspace_id = new.workspace_id AND invoice.id = new.id""",
        [invoice.workspace_id for invoice in late],
        [invoice.id for invoice in late],
        [invoice.overdue_at for invoice in late],
        [invoice.version for invoice in late],
    )
