"""SQL of payments that were registered before; new_payments.py writes the others."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.payment.domain.payment import Allocation, Payment
from services.payment.domain.receivable import Receivable
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_COLUMNS = """workspace_id, id, version, created_at, updated_at, contact_id, state, amount_minor,
    unallocated_minor, currency, method, external_reference, paid_on, note"""
_ALLOCATION_COLUMNS = """id, payment_id, invoice_id, amount_minor, live_minor, receivable_due_minor,
    receivable_paid_minor, receivable_version, serial"""
_FILTERS = """workspace_id = $1
  AND ($2::uuid IS NULL OR EXISTS (SELECT FROM allocation a WHERE a.workspace_id = $1
       AND a.payment_id = payment.id AND a.invoice_id = $2))
  AND ($3::uuid IS NULL OR contact_id = $3)
  AND ($4::text IS NULL OR state = $4)
  AND ($5::text IS NULL OR external_reference = $5)
  AND ($6::text IS NULL OR method = $6)
  AND ($7::date IS NULL OR paid_on >= $7)
  AND ($8::date IS NULL OR paid_on <= $8)"""
_FILTER_NAMES = "invoice_id contact_id state external_reference method paid_from paid_to".split()


async def get(tx: Connection, workspace_id: UUID, payment_id: UUID) -> Payment:
    """The payment with its allocations; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM payment WHERE workspace_id = $1 AND id = $2", workspace_id, payment_id
    )
    return (await _with_allocations(tx, [row]))[0] if row else raise_not_found("payment", payment_id)


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Payment]:
    """Payments with their allocations, newest first, by any of the filters; `after`, `limit`, `offset`."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM payment WHERE {_FILTERS} AND ($9::uuid IS NULL OR id < $9)
        ORDER BY id DESC LIMIT $10 OFFSET $11""",
        workspace_id,
        *(filters[name] for name in _FILTER_NAMES),
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return await _with_allocations(tx, rows)


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many payments the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM payment WHERE {_FILTERS}",
        workspace_id,
        *(filters[name] for name in _FILTER_NAMES),
    )
    return found


async def lock_allocated_to(tx: Connection, receivables: Sequence[Receivable]) -> list[Payment]:
    """The payments of which these receivables hold money, locked in the order of their ids."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM payment WHERE (workspace_id, id) IN (
            SELECT a.workspace_id, a.payment_id FROM allocation a
            JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, invoice_id)
                USING (workspace_id, invoice_id)
            WHERE a.live_minor > 0)
        ORDER BY id FOR NO KEY UPDATE""",
        [r.workspace_id for r in receivables],
        [r.invoice_id for r in receivables],
    )
    return await _with_allocations(tx, rows)


async def release(tx: Connection, payments: Sequence[Payment]) -> None:
    """Store payments of which money was taken back, with their allocations."""
    allocations = [(p.workspace_id, a) for p in payments for a in p.allocations]
    await tx.execute(
        """WITH freed AS (
            UPDATE payment SET unallocated_minor = new.unallocated_minor, version = new.version,
                updated_at = new.updated_at
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::timestamptz[])
                AS new (workspace_id, id, unallocated_minor, version, updated_at)
            WHERE payment.workspace_id = new.workspace_id AND payment.id = new.id
        )
        UPDATE allocation SET live_minor = new.live, receivable_due_minor = new.due,
            receivable_paid_minor = new.paid, receivable_version = new.version
        FROM unnest($6::uuid[], $7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
            AS new (workspace_id, id, live, due, paid, version)
        WHERE allocation.workspace_id = new.workspace_id AND allocation.id = new.id""",
        [p.workspace_id for p in payments],
        [p.id for p in payments],
        [p.unallocated_minor for p in payments],
        [p.version for p in payments],
        [p.updated_at for p in payments],
        [workspace_id for workspace_id, _ in allocations],
        [a.id for _, a in allocations],
        [a.live_minor for _, a in allocations],
        [a.receivable_due_minor for _, a in allocations],
        [a.receivable_paid_minor for _, a in allocations],
        [a.receivable_version for _, a in allocations],
    )


async def _with_allocations(tx: Connection, rows: Sequence[Any]) -> list[Payment]:
    if not rows:
        return []
    found = await tx.fetch(
        f"""SELECT {_ALLOCATION_COLUMNS} FROM allocation
        JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (workspace_id, payment_id)
            USING (workspace_id, payment_id)
        ORDER BY serial""",
        [row["workspace_id"] for row in rows],
        [row["id"] for row in rows],
    )
    allocations: dict[UUID, list[Allocation]] = {}
    for row in found:
        allocations.setdefault(row["payment_id"], []).append(Allocation(**row))
    return [Payment(**row, allocations=tuple(allocations.get(row["id"], ()))) for row in rows]
