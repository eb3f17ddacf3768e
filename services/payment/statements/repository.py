"""SQL of bank statements: a whole batch in a few statements."""

from collections.abc import Sequence
from uuid import UUID

from services.payment.receivables.domain.receivable import Receivable
from services.payment.receivables.repository.receivables import COLUMNS, to_receivable
from shared.postgres.pool import Connection


async def lock_meant(
    tx: Connection, workspace_id: UUID, invoice_ids: Sequence[UUID], keys: Sequence[str]
) -> list[Receivable]:
    """The receivables of these invoices, or with such a number or reference, locked in the order of ids."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM receivable
        WHERE workspace_id = $1 AND invoice_id = ANY (
            SELECT unnest($2::uuid[])
            UNION SELECT invoice_id FROM receivable_key WHERE workspace_id = $1 AND key = ANY($3::text[]))
        ORDER BY invoice_id FOR NO KEY UPDATE""",
        workspace_id,
        invoice_ids,
        keys,
    )
    return [to_receivable(row) for row in rows]
