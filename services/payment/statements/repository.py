"""SQL of bank statements: a whole batch in a few statements."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.payment.payments.domain.payment import Payment
from services.payment.payments.repository.new_payments import NAMES
from services.payment.receivables.domain.receivable import Receivable
from services.payment.receivables.repository.receivables import COLUMNS, to_receivable
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

# As the indexes receivable_by_number and receivable_by_reference spell it.
_KEY = "upper(regexp_replace({}, '[^A-Za-z0-9]', '', 'g'))"
_INSERT = Statement(f"""
INSERT INTO payment ({", ".join(NAMES)})
SELECT * FROM unnest(:workspace_id::uuid[], :id::uuid[], :version::bigint[], :created_at::timestamptz[],
    :updated_at::timestamptz[], :contact_id::uuid[], :state::text[], :amount_minor::bigint[],
    :unallocated_minor::bigint[], :currency::text[], :method::text[], :external_reference::text[],
    :paid_on::date[], :note::text[])
ON CONFLICT (workspace_id, external_reference, method) WHERE external_reference IS NOT NULL DO NOTHING
""")


async def lock_meant(
    tx: Connection, workspace_id: UUID, invoice_ids: Sequence[UUID], keys: Sequence[str]
) -> list[Receivable]:
    """The receivables of these invoices, or with such a number or reference, locked in the order of ids."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM receivable
        WHERE workspace_id = $1 AND invoice_id = ANY (
            SELECT unnest($2::uuid[])
            UNION SELECT invoice_id FROM receivable
                WHERE workspace_id = $1 AND {_KEY.format("number")} = ANY($3::text[])
            UNION SELECT invoice_id FROM receivable
                WHERE workspace_id = $1 AND reference IS NOT NULL
                    AND {_KEY.format("reference")} = ANY($3::text[]))
        ORDER BY invoice_id FOR NO KEY UPDATE""",
        workspace_id,
        invoice_ids,
        keys,
    )
    return [to_receivable(row) for row in rows]


async def earlier(
    tx: Connection, workspace_id: UUID, references: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], UUID]:
    """The payments that have these (external reference, method) already."""
    pairs = list(references)
    rows = await tx.fetch(
        """SELECT external_reference, method, id FROM payment
        JOIN unnest($2::text[], $3::text[]) AS wanted (external_reference, method)
            USING (external_reference, method)
        WHERE workspace_id = $1""",
        workspace_id,
        [reference for reference, _ in pairs],
        [method for _, method in pairs],
    )
    return {(row["external_reference"], row["method"]): row["id"] for row in rows}


async def insert(tx: Connection, payments: Sequence[Payment]) -> int:
    """Store new payments; how many: one whose reference came in at the same moment is left out."""
    done = await _INSERT.execute_many(tx, payments)
    return int(done.rpartition(" ")[2])
