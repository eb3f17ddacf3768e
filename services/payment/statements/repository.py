"""SQL of bank statements: a whole batch in a few statements."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.payment.payments.domain.payment import Payment
from services.payment.payments.repository.new_payments import payment_values
from services.payment.receivables.domain.receivable import Receivable
from services.payment.receivables.repository.receivables import COLUMNS, to_receivable
from shared.postgres.pool import Connection

# As the indexes receivable_by_number and receivable_by_reference spell it.
_KEY = "upper(regexp_replace({}, '[^A-Za-z0-9]', '', 'g'))"


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
    done = await tx.execute(
        """INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state,
            amount_minor, unallocated_minor, currency, method, external_reference, paid_on, note)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::timestamptz[],
            $6::uuid[], $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[],
            $13::date[], $14::text[])
        ON CONFLICT (workspace_id, external_reference, method) WHERE external_reference IS NOT NULL
            DO NOTHING""",
        *map(list, zip(*map(payment_values, payments), strict=True)),
    )
    return int(done.rpartition(" ")[2])
