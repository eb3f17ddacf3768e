"""HTTP in: money that came in is registered by hand, listed and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic_core import to_json

from services.payment.metrics import PAYMENTS_REGISTERED
from services.payment.payments.api.bodies import NewPayment
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain.registration import NotKnownHere, Registration
from services.payment.payments.operations import payments as operations
from services.payment.payments.operations import together
from services.payment.payments.operations.together import Asked
from services.payment.payments.repository import payments
from services.payment.receivables.api.ask_owner import AskingRoute
from shared.events.payment import PaymentData, PaymentState
from shared.http import etag
from shared.http.fields import Day
from shared.http.gathered import Call, GatheredPost, LeftToRoute
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import BillingError
from shared.messaging.work import Unit

router = APIRouter(prefix="/v1/payments", route_class=AskingRoute, tags=["payments"])
READ, WRITE = require("payments:read"), require("payments:write")


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def register(body: NewPayment, response: Response, work: Work, who: Who) -> PaymentData:
    """Register money that came in; what the invoices do not ask for becomes credit balance."""
    payment = await operations.register_payment(work, body.registration(), who.currency)
    PAYMENTS_REGISTERED.labels(body.kind()).inc()
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)


@dataclass(frozen=True, slots=True)
class _New:
    """A payment that is to be registered with others; the currency is the workspace's."""

    registration: Registration
    currency: str
    kind: str


def gathered() -> GatheredPost[NewPayment, _New]:
    """The route of `register` for those that come together."""
    return GatheredPost(
        "/v1/payments",
        NewPayment,
        scope="payments:write",
        prepare=_to_new,
        write=_register_gathered,
        is_audited=True,
    )


def _to_new(who: Principal, body: NewPayment) -> _New:
    if body.allocate:
        # Which invoices it locks is known by looking for them: `register` does it.
        raise LeftToRoute
    return _New(body.registration(), who.currency, body.kind())


async def _register_gathered(unit: Unit, calls: Sequence[Call[_New]]) -> list[Response | Exception]:
    work = calls[0].work(unit)
    if len(calls) == 1:
        [call] = calls
        return [_to_reply(call.asked.kind, await _register_alone(work, call.asked))]
    asked = [Asked(call.asked.registration, call.asked.currency, call.context) for call in calls]
    results = await together.register_payments(work, asked)
    return [_to_reply(call.asked.kind, result) for call, result in zip(calls, results, strict=True)]


async def _register_alone(work: Work, new: _New) -> PaymentData | NotKnownHere:
    try:
        return payment_rules.snapshot(await operations.register_payment(work, new.registration, new.currency))
    except NotKnownHere as missing:
        return missing


def _to_reply(kind: str, result: PaymentData | BillingError | NotKnownHere) -> Response | Exception:
    if isinstance(result, NotKnownHere):
        # Its owner is asked: by `register`.
        return LeftToRoute()
    if isinstance(result, BillingError):
        return result
    PAYMENTS_REGISTERED.labels(kind).inc()
    response = Response(to_json(result), status.HTTP_201_CREATED, media_type="application/json")
    etag.tag(response, result.version)
    return response


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    invoice_id: UUID | None = None,
    contact_id: UUID | None = None,
    state: PaymentState | None = None,
    external_reference: Annotated[str | None, Query(max_length=200)] = None,
    method: Annotated[str | None, Query(max_length=50)] = None,
    paid_from: Annotated[Day | None, Query(description="First day, inclusive.")] = None,
    paid_to: Annotated[Day | None, Query(description="Last day, inclusive.")] = None,
) -> Page[PaymentData]:
    """List payments with their allocations, newest first."""
    filters = payments.PaymentFilter(
        invoice_id=invoice_id,
        contact_id=contact_id,
        state=state,
        external_reference=external_reference,
        method=method,
        paid_from=paid_from,
        paid_to=paid_to,
    )
    rows = await payments.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, payment_rules.snapshot)


@router.get("/{payment_id}", dependencies=[READ])
async def get(payment_id: UUID, response: Response, work: Work) -> PaymentData:
    """Get a payment with its allocations."""
    payment = await payments.get(work.tx, work.workspace_id, payment_id)
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)
