"""HTTP in: payments registered by mistake, voided or moved to another contact."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from services.payment.payments.api.bodies import MAX_ALLOCATIONS, AllocationFields
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain.registration import Target
from services.payment.payments.operations import undoing as operations
from services.payment.receivables.api.ask_owner import AskingRoute
from shared.events.payment import PaymentData
from shared.http import etag
from shared.http.fields import Body
from shared.http.internal_auth import require
from shared.http.work import Work

router = APIRouter(prefix="/v1/payments", route_class=AskingRoute, tags=["payments"])
WRITE = require("payments:write")
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class VoidFields(Body):
    """Why the payment is undone."""

    reason: Reason = Field(description="Kept on the payment as `void_reason`.")


class MoveFields(Body):
    """Whose money it is."""

    contact_id: UUID = Field(description="Who paid.")
    allocations: Annotated[list[AllocationFields], Field(max_length=MAX_ALLOCATIONS)] = Field(
        [],
        description="Which of the contact's invoices it settles; the rest is the contact's credit balance.",
    )

    def targets(self) -> list[Target]:
        """The same in the words of the domain."""
        return [
            Target(allocation.invoice_id, allocation.amount_minor, f"allocations.{index}.invoice_id")
            for index, allocation in enumerate(self.allocations)
        ]


@router.post("/{payment_id}/void", dependencies=[WRITE])
async def void(payment_id: UUID, body: VoidFields, response: Response, work: Work) -> PaymentData:
    """Undo a payment that was registered by hand by mistake: its money never came in.

    Every invoice that it settled, also from the credit balance meanwhile, asks for its money again; the
    ledger gets reversing entries of today, and `external_reference` may be used again. Voided already:
    nothing happens. 409 names what stands in the way: `payment_is_the_providers` (refund it),
    `payment_was_refunded`, `payment_not_succeeded`.
    """
    payment = await operations.void_payment(work, payment_id, body.reason)
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)


@router.post("/{payment_id}/move", dependencies=[WRITE])
async def move(payment_id: UUID, body: MoveFields, response: Response, work: Work) -> PaymentData:
    """Give a payment that was registered by hand to the contact whose money it is.

    It leaves every invoice and credit balance of the contact that had it, and settles the `allocations`; it
    keeps its id, `external_reference` and day. What was refunded of it before stays where it was.
    """
    payment = await operations.move_payment(work, payment_id, body.contact_id, body.targets())
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)
