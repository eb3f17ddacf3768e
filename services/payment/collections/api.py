"""HTTP in: collecting an invoice by hand, canceling a collection, deciding about one that needs review."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import Field

from services.payment.collections.operations import collect as operations
from services.payment.collections.operations.collect import CollectionRequest
from services.payment.common.api import WithTools
from services.payment.payments.domain import payment as payment_rules
from services.payment.receivables.api.ask_owner import AskingRoute
from shared.events.payment import PaymentData
from shared.http import etag
from shared.http.fields import Body
from shared.http.internal_auth import require
from shared.http.work import Work

# Of the payments; included before payments.py, whose /{payment_id} would take /collect for an id.
router = APIRouter(prefix="/v1/payments", route_class=AskingRoute, tags=["payments"])
WRITE = require("payments:write")


class CollectFields(Body):
    """What is to be collected."""

    invoice_id: UUID
    payment_method_id: UUID | None = Field(
        None, description="The invoice's or the contact's default where not given."
    )


class ResolveFields(Body):
    """A person's decision: `look_up` asks the provider once more, `failed` says that no money came."""

    outcome: Literal["look_up", "failed"]


@router.post(
    "/collect",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {"model": PaymentData, "description": "Credit balance settled it: nothing is collected."}
    },
    dependencies=[WRITE],
)
async def collect(body: CollectFields, response: Response, work: Work) -> PaymentData:
    """Collect what an invoice asks for now; the outcome comes as events and in the payment's `state`.

    The contact's credit balance in the invoice's currency settles it first; only the rest is collected. Where
    nothing is left, the answer is 200 with the payment whose money settled the invoice.
    """
    request = CollectionRequest(body.invoice_id, body.payment_method_id, is_automatic=False)
    payment = await operations.collect_by_hand(work, request)
    if payment.state == "succeeded":
        response.status_code = status.HTTP_200_OK
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)


@router.post("/{payment_id}/cancel", dependencies=[WRITE])
async def cancel(payment_id: UUID, response: Response, work: Work) -> PaymentData:
    """Cancel a collection on its way; where the provider was asked already, it is canceled there soon."""
    payment = await operations.cancel_collection(work, payment_id)
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)


@router.post("/{payment_id}/resolve", dependencies=[WRITE])
async def resolve(
    payment_id: UUID, body: ResolveFields, response: Response, work: Work, tools: WithTools
) -> PaymentData:
    """Decide about a payment in state `needs_review`; money that comes after all is never lost."""
    payment = await operations.resolve_collection(
        work,
        payment_id,
        has_failed=body.outcome == "failed",
        last_miss=len(tools.delays.lookups),
    )
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)
