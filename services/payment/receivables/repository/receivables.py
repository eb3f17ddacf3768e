"""SQL of receivables: read, locked in the order of their ids, and changed many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from asyncpg import Record

from services.payment.receivables.domain.receivable import Payables, Receivable, ReceivableStatus
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

COLUMNS = """workspace_id, invoice_id, contact_id, number, currency, status, total_minor, paid_minor,
    credited_minor, issue_date, due_date, invoice_sequence, version, tax_minor, credited_tax_minor,
    written_off_minor, is_written_off, reference, write_off_version"""
_COLUMN_COUNT = COLUMNS.count(",") + 1
# What more money than this many invoices take would settle stays as credit balance.
_REACHED_AT_MOST = 1_000
_LOCK_ONE = f"""SELECT {COLUMNS}, nextval('allocation_serial') AS serial FROM receivable
WHERE workspace_id = $1 AND invoice_id = $2 FOR NO KEY UPDATE"""
_LOCK = f"""SELECT {COLUMNS}, nextval('allocation_serial') AS serial FROM receivable
WHERE workspace_id = $1 AND invoice_id = ANY($2::uuid[]) ORDER BY invoice_id FOR NO KEY UPDATE"""

_INSERT = Statement(f"""
INSERT INTO receivable ({COLUMNS})
SELECT * FROM unnest(:workspace_id::uuid[], :invoice_id::uuid[], :contact_id::uuid[], :number::text[],
    :currency::text[], :status::text[], :total_minor::bigint[], :paid_minor::bigint[],
    :credited_minor::bigint[], :issue_date::date[], :due_date::date[], :invoice_sequence::bigint[],
    :version::bigint[], :tax_minor::bigint[], :credited_tax_minor::bigint[], :written_off_minor::bigint[],
    :is_written_off::boolean[], :reference::text[], :write_off_version::bigint[])
ON CONFLICT (workspace_id, invoice_id) DO NOTHING RETURNING invoice_id
""")
_FOLLOW = Statement(f"""
WITH new AS (
    SELECT * FROM unnest(:workspace_id::uuid[], :invoice_id::uuid[], :due_date::date[], :reference::text[],
        :invoice_sequence::bigint[], :tax_minor::bigint[])
        AS new (workspace_id, invoice_id, new_due_date, new_reference, sequence, new_tax_minor)
), known AS (
    SELECT workspace_id, invoice_id, new_due_date, new_reference, sequence, new_tax_minor,
        invoice_sequence < sequence AS is_newer, tax_minor IS NULL AS learns_tax
    FROM receivable JOIN new USING (workspace_id, invoice_id)
    WHERE invoice_sequence < sequence OR (tax_minor IS NULL AND new_tax_minor IS NOT NULL)
    ORDER BY invoice_id FOR NO KEY UPDATE OF receivable
), updated AS (
    UPDATE receivable SET
        due_date = CASE WHEN is_newer THEN new_due_date ELSE due_date END,
        reference = CASE WHEN is_newer THEN new_reference ELSE reference END,
        invoice_sequence = greatest(invoice_sequence, sequence),
        tax_minor = coalesce(tax_minor, new_tax_minor)
    FROM known
    WHERE receivable.workspace_id = known.workspace_id AND receivable.invoice_id = known.invoice_id
    RETURNING known.learns_tax, receivable.*
)
SELECT {COLUMNS} FROM updated WHERE learns_tax AND tax_minor IS NOT NULL
""")
_SAVE = Statement("""
UPDATE receivable SET status = new.status, paid_minor = new.paid_minor,
    credited_minor = new.credited_minor, credited_tax_minor = new.credited_tax_minor,
    written_off_minor = new.written_off_minor, is_written_off = new.is_written_off,
    version = new.version, write_off_version = new.write_off_version
FROM unnest(:workspace_id::uuid[], :invoice_id::uuid[], :status::text[], :paid_minor::bigint[],
    :credited_minor::bigint[], :credited_tax_minor::bigint[], :written_off_minor::bigint[],
    :is_written_off::boolean[], :version::bigint[], :write_off_version::bigint[]) AS new (workspace_id,
    invoice_id, status, paid_minor, credited_minor, credited_tax_minor, written_off_minor, is_written_off,
    version, write_off_version)
WHERE receivable.workspace_id = new.workspace_id AND receivable.invoice_id = new.invoice_id
""")


# Numbers and references as bank statements spell them: with other spaces, dashes and cases.
KEY = "receivable_key_of({})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivableFilter:
    """Which receivables; days are inclusive."""

    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    status: Annotated[ReceivableStatus | None, where("status = :status")] = None
    currency: Annotated[str | None, where("currency = :currency")] = None
    number: Annotated[
        str | None,
        where(
            f"{KEY.format('number')} = {KEY.format(':number')}",
            found_in=f"""SELECT invoice_id FROM receivable_key
                WHERE workspace_id = :workspace_id AND key = {KEY.format(":number")}""",
        ),
    ] = None
    due_from: Annotated[date | None, where("due_date >= :due_from")] = None
    due_to: Annotated[date | None, where("due_date <= :due_to")] = None


_LIST = Listing(ReceivableFilter, "receivable", COLUMNS, key="invoice_id")


async def get(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Receivable:
    """The receivable of this invoice; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM receivable WHERE workspace_id = $1 AND invoice_id = $2",
        workspace_id,
        invoice_id,
    )
    return to_receivable(row) if row else raise_not_found("receivable", invoice_id)


async def find(
    tx: Connection, workspace_id: UUID, filters: ReceivableFilter, window: Window
) -> Found[Receivable]:
    """Receivables, that of the newest invoice first."""
    return await _LIST.find(tx, workspace_id, filters, window, to_receivable)


async def lock_to_pay(tx: Connection, workspace_id: UUID, invoice_ids: Sequence[UUID]) -> Payables:
    """Those of these receivables that exist, locked in the order of their ids.

    Serials come along because a round trip for them would be the payment's dearest part.
    """
    if len(invoice_ids) == 1:
        # Most payments name one invoice, and its key alone has a plan that Postgres keeps.
        rows = await tx.fetch(_LOCK_ONE, workspace_id, invoice_ids[0])
    else:
        rows = await tx.fetch(_LOCK, workspace_id, invoice_ids)
    return _payables(rows)


async def lock_open(tx: Connection, workspace_id: UUID, contact_id: UUID, currency: str) -> Payables:
    """The contact's open receivables, of very many those due first, locked in the order of their ids.

    Which of them money reaches is chosen afterwards: what was chosen before the wait for a lock may be
    settled by then.
    """
    rows = await tx.fetch(
        f"""SELECT {COLUMNS}, nextval('allocation_serial') AS serial FROM receivable
        WHERE workspace_id = $1 AND status = 'open' AND invoice_id IN (
            SELECT invoice_id FROM receivable
            WHERE workspace_id = $1 AND contact_id = $2 AND currency = $3 AND status = 'open'
            ORDER BY due_date NULLS LAST, issue_date, number, invoice_id LIMIT $4)
        ORDER BY invoice_id FOR NO KEY UPDATE""",
        workspace_id,
        contact_id,
        currency,
        _REACHED_AT_MOST,
    )
    return _payables(rows)


async def lock(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> list[Receivable]:
    """Of these (workspace, invoice) the receivables that exist, locked in the order of their ids."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM receivable
        JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, invoice_id)
            USING (workspace_id, invoice_id)
        ORDER BY invoice_id FOR NO KEY UPDATE OF receivable""",
        *map(list, zip(*keys, strict=True)),
    )
    return [to_receivable(row) for row in rows]


async def lock_held(
    tx: Connection, workspace_id: UUID, payment_id: UUID, others: Sequence[UUID] = (), *, waits: bool = True
) -> list[Receivable]:
    """The receivables that hold money of this payment, and others, locked in the order of their ids.

    Without waiting, a lock that another transaction holds is an error that passes.
    """
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM receivable WHERE workspace_id = $1 AND invoice_id IN (
            SELECT invoice_id FROM allocation
            WHERE workspace_id = $1 AND payment_id = $2 AND live_minor > 0
            UNION SELECT unnest($3::uuid[]))
        ORDER BY invoice_id FOR NO KEY UPDATE {"" if waits else "NOWAIT"}""",
        workspace_id,
        payment_id,
        list(others),
    )
    return [to_receivable(row) for row in rows]


async def insert_new(tx: Connection, receivables: Sequence[Receivable]) -> set[UUID]:
    """Insert those that are new, in the order of their ids; the invoices of which they are."""
    rows = await _INSERT.fetch_many(tx, _in_order(receivables))
    return {row["invoice_id"] for row in rows}


async def note_openings(tx: Connection, opened: Sequence[Receivable]) -> None:
    """Remember what credit settled of receivables that this transaction opens: their documents say it."""
    await tx.execute(
        """UPDATE receivable SET settled_at_opening_minor = new.settled_minor
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS new (workspace_id, invoice_id, settled_minor)
        WHERE receivable.workspace_id = new.workspace_id AND receivable.invoice_id = new.invoice_id""",
        [receivable.workspace_id for receivable in opened],
        [receivable.invoice_id for receivable in opened],
        [receivable.paid_minor for receivable in opened],
    )


async def settled_at_opening(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> int:
    """How much credit settled when the receivable was opened, in minor units; raises NotFound until then."""
    settled_minor: int | None = await tx.fetchval(
        """SELECT settled_at_opening_minor FROM receivable WHERE workspace_id = $1 AND invoice_id = $2""",
        workspace_id,
        invoice_id,
    )
    return settled_minor if settled_minor is not None else raise_not_found("receivable", invoice_id)


async def follow(tx: Connection, receivables: Sequence[Receivable]) -> list[Receivable]:
    """Of receivables that there are, the newest snapshot of the invoice sets due date and reference.

    Tax that was not known is set too; those of which it was are given back.
    """
    return [to_receivable(row) for row in await _FOLLOW.fetch_many(tx, _in_order(receivables))]


async def save(tx: Connection, receivables: Sequence[Receivable]) -> None:
    """Store what money does to receivables that were there before."""
    await _SAVE.execute_many(tx, receivables)


def _in_order(receivables: Sequence[Receivable]) -> list[Receivable]:
    """As every transaction locks them."""
    return sorted(receivables, key=lambda receivable: receivable.invoice_id)


def _payables(rows: Sequence[Record]) -> Payables:
    locked = {row["invoice_id"]: to_receivable(row) for row in rows}
    return Payables(locked, sorted(row["serial"] for row in rows))


def to_receivable(row: Record) -> Receivable:
    """The receivable in a row that begins with COLUMNS."""
    workspace_id, invoice_id, contact_id, number, currency, status, *rest = row[:_COLUMN_COUNT]
    return Receivable(workspace_id, invoice_id, contact_id, number, currency, ReceivableStatus(status), *rest)
