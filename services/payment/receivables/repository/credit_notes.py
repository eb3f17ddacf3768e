"""SQL of credit notes: each is heard once, and where its money went is kept."""

from collections.abc import Sequence
from uuid import UUID

from services.payment.receivables.domain.invoicing import CreditNote
from shared.postgres.named import Statement
from shared.postgres.pool import Connection


async def filter_known(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> set[UUID]:
    """Which of these (workspace, credit note) had their effect before."""
    rows = await tx.fetch(
        """SELECT id FROM credit_note
        JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, id) USING (workspace_id, id)""",
        *map(list, zip(*keys, strict=True)),
    )
    return {row["id"] for row in rows}


_INSERT = Statement("""
INSERT INTO credit_note (workspace_id, id, invoice_id, number, total_minor, tax_minor, refunded_minor,
    out_of_band_minor, to_balance_minor, created_at)
SELECT * FROM unnest(:workspace_id::uuid[], :id::uuid[], :invoice_id::uuid[], :number::text[],
    :total_minor::bigint[], :tax_minor::bigint[], :refunded_minor::bigint[], :out_of_band_minor::bigint[],
    :to_balance_minor::bigint[], :created_at::timestamptz[])
""")


async def insert(tx: Connection, notes: Sequence[CreditNote]) -> None:
    """Store credit notes that were not known."""
    await _INSERT.execute_many(tx, notes)
