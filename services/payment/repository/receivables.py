"""SQL of receivables."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.payment.domain.receivable import Payables, Receivable, Status
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, invoice_id, contact_id, number, currency, status, total_minor, paid_minor,
    credited_minor, issue_date, due_date, invoice_sequence, version"""
_LOCK_ONE = f"""SELECT nextval('allocation_serial'), {_COLUMNS} FROM receivable
WHERE workspace_id = $1 AND invoice_id = $2 FOR NO KEY UPDATE"""
_LOCK = f"""SELECT nextval('allocation_serial'), {_COLUMNS} FROM receivable
WHERE workspace_id = $1 AND invoice_id = ANY($2::uuid[]) ORDER BY invoice_id FOR NO KEY UPDATE"""


async def get(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Receivable:
    """The receivable of this invoice; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM receivable WHERE workspace_id = $1 AND invoice_id = $2",
        workspace_id,
        invoice_id,
    )
    return _receivable(row) if row else raise_not_found("receivable", invoice_id)


async def lock_to_pay(tx: Connection, workspace_id: UUID, invoice_ids: Sequence[UUID]) -> Payables:
    """Those of these receivables that exist, locked in the order of their ids.

    Serials come along because a round trip for them would be the payment's dearest part.
    """
    if len(invoice_ids) == 1:
        # Most payments name one invoice, and its key alone has a plan that Postgres keeps.
        rows = await tx.fetch(_LOCK_ONE, workspace_id, invoice_ids[0])
    else:
        rows = await tx.fetch(_LOCK, workspace_id, invoice_ids)
    return Payables({row["invoice_id"]: _receivable(row[1:]) for row in rows}, sorted(row[0] for row in rows))


async def lock_not_closed(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> list[Receivable]:
    """Of these (workspace, invoice) the receivables that are not closed, locked in the order of their ids."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM receivable
        JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, invoice_id)
            USING (workspace_id, invoice_id)
        WHERE status <> 'closed' ORDER BY invoice_id FOR NO KEY UPDATE OF receivable""",
        *map(list, zip(*keys, strict=True)),
    )
    return [_receivable(row) for row in rows]


async def store(tx: Connection, receivables: Mapping[UUID, Receivable]) -> None:
    """Insert those that are new; of the others the newest snapshot of the invoice sets the due date."""
    rows = [receivables[invoice_id] for invoice_id in sorted(receivables)]
    await tx.execute(
        f"""INSERT INTO receivable ({_COLUMNS})
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
            $7::bigint[], $8::bigint[], $9::bigint[], $10::date[], $11::date[], $12::bigint[], $13::bigint[])
        ON CONFLICT (workspace_id, invoice_id) DO UPDATE
        SET due_date = excluded.due_date, invoice_sequence = excluded.invoice_sequence
        WHERE receivable.invoice_sequence < excluded.invoice_sequence""",
        *map(list, zip(*map(_values, rows), strict=True)),
    )


async def close(tx: Connection, closed: Sequence[Receivable]) -> None:
    """Store receivables that were closed."""
    rows = [(r.workspace_id, r.invoice_id, r.paid_minor, r.status, r.version) for r in closed]
    await tx.execute(
        """UPDATE receivable SET paid_minor = new.paid_minor, status = new.status, version = new.version
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[])
            AS new (workspace_id, invoice_id, paid_minor, status, version)
        WHERE receivable.workspace_id = new.workspace_id AND receivable.invoice_id = new.invoice_id""",
        *map(list, zip(*rows, strict=True)),
    )


def _values(r: Receivable) -> tuple[Any, ...]:
    return (
        r.workspace_id,
        r.invoice_id,
        r.contact_id,
        r.number,
        r.currency,
        r.status,
        r.total_minor,
        r.paid_minor,
        r.credited_minor,
        r.issue_date,
        r.due_date,
        r.invoice_sequence,
        r.version,
    )


def _receivable(row: Any) -> Receivable:
    workspace_id, invoice_id, contact_id, number, currency, status, *rest = row
    return Receivable(workspace_id, invoice_id, contact_id, number, currency, Status(status), *rest)
