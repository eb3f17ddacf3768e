"""SQL of allocations, read by themselves and changed; new_payments.py writes those of new payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.payment.payments.domain.payment import Allocation
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order, where_by
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_COLUMNS = """id, payment_id, invoice_id, amount_minor, live_minor, receivable_due_minor,
    receivable_paid_minor, receivable_version, serial, receivable_written_off_minor,
    receivable_write_off_version"""

_SAVE = Statement("""
INSERT INTO allocation (workspace_id, id, serial, payment_id, invoice_id, amount_minor, live_minor,
    receivable_due_minor, receivable_paid_minor, receivable_version, receivable_written_off_minor,
    receivable_write_off_version)
SELECT * FROM unnest(:workspace_id::uuid[], :id::uuid[], :serial::bigint[], :payment_id::uuid[],
    :invoice_id::uuid[], :amount_minor::bigint[], :live_minor::bigint[], :receivable_due_minor::bigint[],
    :receivable_paid_minor::bigint[], :receivable_version::bigint[],
    :receivable_written_off_minor::bigint[], :receivable_write_off_version::bigint[])
ON CONFLICT (workspace_id, id) DO UPDATE SET amount_minor = excluded.amount_minor,
    live_minor = excluded.live_minor, receivable_due_minor = excluded.receivable_due_minor,
    receivable_paid_minor = excluded.receivable_paid_minor,
    receivable_version = excluded.receivable_version,
    receivable_written_off_minor = excluded.receivable_written_off_minor,
    receivable_write_off_version = excluded.receivable_write_off_version
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationFilter:
    """Which allocations."""

    invoice_id: Annotated[UUID | None, in_order("invoice_id = :invoice_id")] = None
    payment_id: Annotated[UUID | None, in_order("payment_id = :payment_id")] = None
    is_reversed: Annotated[bool | None, where_by({True: "live_minor = 0", False: "live_minor <> 0"})] = None


_LIST = Listing(AllocationFilter, "allocation", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, key: UUID | int) -> Allocation:
    """The allocation with this id or serial; raises NotFound."""
    column = "serial" if isinstance(key, int) else "id"
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM allocation WHERE workspace_id = $1 AND {column} = $2", workspace_id, key
    )
    return Allocation(**row) if row else raise_not_found("allocation", key)


async def find(
    tx: Connection, workspace_id: UUID, filters: AllocationFilter, window: Window
) -> Found[Allocation]:
    """Allocations, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, lambda row: Allocation(**row))


async def serials(tx: Connection, count: int) -> list[int]:
    """As many serials for new allocations, ascending."""
    rows = await tx.fetch("SELECT nextval('allocation_serial') FROM generate_series(1, $1::int)", count)
    return sorted(row[0] for row in rows)


async def save(tx: Connection, allocations: Sequence[tuple[UUID, Allocation]]) -> None:
    """Store (workspace, allocation) that are new or changed."""
    workspace_ids = [workspace_id for workspace_id, _ in allocations]
    rows = [allocation for _, allocation in allocations]
    await _SAVE.execute_many(tx, rows, workspace_id=workspace_ids)
