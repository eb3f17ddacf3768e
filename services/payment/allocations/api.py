"""HTTP in: allocations, named by their id or by their serial number."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, status
from pydantic import Field

from services.payment.allocations import operations
from services.payment.allocations import repository as allocations
from services.payment.payments.domain.payment import Allocation, allocation_snapshot
from services.payment.payments.domain.registration import Target
from services.payment.receivables.api.ask_owner import AskingRoute
from shared.events.payment import AllocationData
from shared.http.fields import Body, PositiveMinor
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1/allocations", route_class=AskingRoute, tags=["allocations"])
READ, WRITE = require("payments:read"), require("payments:write")
Serial = Annotated[int, Path(ge=1, lt=2**63)]


class NewAllocation(Body):
    """Unallocated money of a payment that is to settle an invoice."""

    payment_id: UUID
    invoice_id: UUID
    amount_minor: PositiveMinor | None = Field(
        None, description="In minor units; where not given, all that the payment has and the invoice takes."
    )


class AllocationChange(Body):
    """Another amount for an allocation."""

    amount_minor: PositiveMinor


class AllocationReply(AllocationData):
    """An allocation standing by itself, with the payment that it is a part of."""

    payment_id: UUID


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewAllocation, work: Work) -> AllocationReply:
    """Let unallocated money of a payment settle an invoice of its contact."""
    target = Target(body.invoice_id, body.amount_minor, "invoice_id")
    return _reply(await operations.allocate_payment(work, target, body.payment_id))


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    invoice_id: UUID | None = None,
    payment_id: UUID | None = None,
    reversed: Annotated[bool | None, Query(description="Only those taken back, or only the others.")] = None,
) -> Page[AllocationReply]:
    """List allocations, newest first."""
    filters = allocations.AllocationFilter(invoice_id=invoice_id, payment_id=payment_id, is_reversed=reversed)
    rows = await allocations.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, _reply)


@router.get("/{allocation_id}", dependencies=[READ])
async def get(allocation_id: UUID | Serial, work: Work) -> AllocationReply:
    """Get an allocation by its id or its serial."""
    return _reply(await allocations.get(work.tx, work.workspace_id, allocation_id))


@router.patch("/{allocation_id}", dependencies=[WRITE])
async def change(allocation_id: UUID | Serial, body: AllocationChange, work: Work) -> AllocationReply:
    """Give an allocation another amount; more comes from the payment's unallocated money."""
    return _reply(await operations.change_allocation(work, allocation_id, body.amount_minor))


@router.delete("/{allocation_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def reverse(allocation_id: UUID | Serial, work: Work) -> None:
    """Reverse an allocation: its invoice asks for the money again, which is unallocated; it stays with 0."""
    await operations.reverse_allocation(work, allocation_id)


def _reply(allocation: Allocation) -> AllocationReply:
    return AllocationReply(payment_id=allocation.payment_id, **dict(allocation_snapshot(allocation)))
