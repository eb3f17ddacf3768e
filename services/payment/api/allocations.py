"""HTTP in: allocations, read by their id or by their serial number."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path

from services.payment.domain.payment import Allocation, allocation_snapshot
from services.payment.repository import allocations
from shared.events.payment import AllocationData
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/allocations", route_class=Route, tags=["allocations"])
READ = require("payments:read")
Serial = Annotated[int, Path(ge=1, lt=2**63)]


class AllocationReply(AllocationData):
    """An allocation standing by itself, with the payment that it is a part of."""

    payment_id: UUID


@router.get("", response_model=Page[AllocationReply], dependencies=[READ])
async def list_(
    part: Sliced, tx: Tx, who: Who, invoice_id: UUID | None = None, payment_id: UUID | None = None
) -> Any:
    """List allocations, newest first."""
    filters = {"invoice_id": invoice_id, "payment_id": payment_id, **part.rows()}
    found = await allocations.find(tx, who.workspace_id, filters)
    total = await allocations.count(tx, who.workspace_id, filters) if part.wants_total else None
    return part.page([_reply(allocation) for allocation in found], total)


@router.get("/{allocation_id}", response_model=AllocationReply, dependencies=[READ])
async def get(allocation_id: UUID | Serial, tx: Tx, who: Who) -> Any:
    """Get an allocation by its id or its serial."""
    return _reply(await allocations.get(tx, who.workspace_id, allocation_id))


def _reply(allocation: Allocation) -> AllocationReply:
    return AllocationReply(payment_id=allocation.payment_id, **dict(allocation_snapshot(allocation)))
