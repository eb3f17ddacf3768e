"""SQL of credit notes: each is heard once, and where its money went is kept."""

from collections.abc import Sequence
from uuid import UUID

from services.payment.receivables.domain.invoicing import CreditNote
from shared.postgres.pool import Connection


async def filter_known(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> set[UUID]:
    """Which of these (workspace, credit note) had their effect before."""
    rows = await tx.fetch(
        """SELECT id FROM credit_note
        JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, id) USING (workspace_id, id)""",
        *map(list, zip(*keys, strict=True)),
    )
    return {row["id"] for row in rows}


async def insert(tx: Connection, notes: Sequence[CreditNote]) -> None:
    """Store credit notes that were not known."""
    rows = [
        (
            n.workspace_id,
            n.id,
            n.invoice_id,
            n.number,
            n.total_minor,
            n.tax_minor,
            n.refunded_minor,
            n.out_of_band_minor,
            n.to_balance_minor,
            n.created_at,
        )
        for n in notes
    ]
    await tx.execute(
        """INSERT INTO credit_note (workspace_id, id, invoice_id, number, total_minor, tax_minor,
            refunded_minor, out_of_band_minor, to_balance_minor, created_at)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::bigint[], $9::bigint[], $10::timestamptz[])""",
        *map(list, zip(*rows, strict=True)),
    )
