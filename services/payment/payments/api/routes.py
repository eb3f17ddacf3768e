"""HTTP in: money that came in is registered by hand, listed and read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from services.payment.metrics import PAYMENTS_REGISTERED
from services.payment.payments.api.bodies import NewPayment
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.operations import payments as operations
from services.payment.payments.repository import payments
from services.payment.receivables.api.ask_owner import AskingRoute
from shared.events.payment import PaymentData, PaymentState
from shared.http import etag
from shared.http.fields import Day
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1/payments", route_class=AskingRoute, tags=["payments"])
READ, WRITE = require("payments:read"), require("payments:write")


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def register(body: NewPayment, response: Response, work: Work, who: Who) -> PaymentData:
    """Register money that came in; what the invoices do not ask for becomes credit balance."""
    payment = await operations.register_payment(work, body.registration(), who.currency)
    PAYMENTS_REGISTERED.labels(body.kind()).inc()
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)


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
    total = await payments.count(work.tx, work.workspace_id, filters) if part.wants_total else None
    return part.page([payment_rules.snapshot(payment) for payment in rows], total)


@router.get("/{payment_id}", dependencies=[READ])
async def get(payment_id: UUID, response: Response, work: Work) -> PaymentData:
    """Get a payment with its allocations."""
    payment = await payments.get(work.tx, work.workspace_id, payment_id)
    etag.tag(response, payment.version)
    return payment_rules.snapshot(payment)
