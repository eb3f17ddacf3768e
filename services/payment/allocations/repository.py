"""SQL of allocations, read by themselves and changed; new_payments.py writes those of new payments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.payment.payments.domain.payment import Allocation
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_COLUMNS = """id, payment_id, invoice_id, amount_minor, live_minor, receivable_due_minor,
    receivable_paid_minor, receivable_version, serial, receivable_written_off_minor,
    receivable_write_off_version"""
_FILTERS = """workspace_id = $1
  AND ($2::uuid IS NULL OR invoice_id = $2)
  AND ($3::uuid IS NULL OR payment_id = $3)
  AND ($4::boolean IS NULL OR $4 = (live_minor = 0))"""


async def get(tx: Connection, workspace_id: UUID, key: UUID | int) -> Allocation:
    """The allocation with this id or serial; raises NotFound."""
    column = "serial" if isinstance(key, int) else "id"
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM allocation WHERE workspace_id = $1 AND {column} = $2", workspace_id, key
    )
    return Allocation(**row) if row else raise_not_found("allocation", key)


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Allocation]:
    """Allocations, newest first: `invoice_id`, `payment_id`, `reversed`, `after`, `limit`, `offset`."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM allocation WHERE {_FILTERS} AND ($5::uuid IS NULL OR id < $5)
        ORDER BY id DESC LIMIT $6 OFFSET $7""",
        workspace_id,
        filters["invoice_id"],
        filters["payment_id"],
        filters["reversed"],
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [Allocation(**row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many allocations the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM allocation WHERE {_FILTERS}",
        workspace_id,
        filters["invoice_id"],
        filters["payment_id"],
        filters["reversed"],
    )
    return found


async def serials(tx: Connection, count: int) -> list[int]:
    """As many serials for new allocations, ascending."""
    rows = await tx.fetch("SELECT nextval('allocation_serial') FROM generate_series(1, $1::int)", count)
    return sorted(row[0] for row in rows)


async def save(tx: Connection, allocations: Sequence[tuple[UUID, Allocation]]) -> None:
    """Store (workspace, allocation) that are new or changed."""
    columns = zip(
        *(
            (
                workspace_id,
                a.id,
                a.serial,
                a.payment_id,
                a.invoice_id,
                a.amount_minor,
                a.live_minor,
                a.receivable_due_minor,
                a.receivable_paid_minor,
                a.receivable_version,
                a.receivable_written_off_minor,
                a.receivable_write_off_version,
            )
            for workspace_id, a in allocations
        ),
        strict=True,
    )
    await tx.execute(
        """INSERT INTO allocation (workspace_id, id, serial, payment_id, invoice_id, amount_minor, live_minor,
            receivable_due_minor, receivable_paid_minor, receivable_version, receivable_written_off_minor,
            receivable_write_off_version)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::bigint[],
            $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
            $12::bigint[])
        ON CONFLICT (workspace_id, id) DO UPDATE SET amount_minor = excluded.amount_minor,
            live_minor = excluded.live_minor, receivable_due_minor = excluded.receivable_due_minor,
            receivable_paid_minor = excluded.receivable_paid_minor,
            receivable_version = excluded.receivable_version,
            receivable_written_off_minor = excluded.receivable_written_off_minor,
            receivable_write_off_version = excluded.receivable_write_off_version""",
        *map(list, columns),
    )
