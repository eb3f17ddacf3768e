"""SQL of allocations, read by themselves; payments.py writes them."""

from typing import Any
from uuid import UUID

from services.payment.domain.payment import Allocation
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_COLUMNS = """id, payment_id, invoice_id, amount_minor, live_minor, receivable_due_minor,
    receivable_paid_minor, receivable_version, serial"""
_FILTERS = """workspace_id = $1
  AND ($2::uuid IS NULL OR invoice_id = $2)
  AND ($3::uuid IS NULL OR payment_id = $3)"""


async def get(tx: Connection, workspace_id: UUID, key: UUID | int) -> Allocation:
    """The allocation with this id or serial; raises NotFound."""
    column = "serial" if isinstance(key, int) else "id"
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM allocation WHERE workspace_id = $1 AND {column} = $2", workspace_id, key
    )
    return Allocation(**row) if row else raise_not_found("allocation", key)


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Allocation]:
    """Allocations, newest first: `invoice_id`, `payment_id`, `after`, `limit`, `offset`."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM allocation WHERE {_FILTERS} AND ($4::uuid IS NULL OR id < $4)
        ORDER BY id DESC LIMIT $5 OFFSET $6""",
        workspace_id,
        filters["invoice_id"],
        filters["payment_id"],
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
    )
    return found
