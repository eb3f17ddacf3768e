"""HTTP in: refunds, made for a payment and read by themselves."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import Field

from services.payment.payments.api.bodies import Method, Reference
from services.payment.payments.repository import payments
from services.payment.refunds import operations
from services.payment.refunds.domain.refund import Refund, RefundRequest, snapshot
from services.payment.refunds.repository import refunds
from shared.events.fields import Instant
from shared.events.payment import RefundData, RefundState
from shared.http.fields import Body, LongText, PositiveMinor
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Slice, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1", route_class=Route, tags=["refunds"])
READ, WRITE = require("payments:read"), require("payments:write")


class NewRefund(Body):
    """Money of a payment that is to go back to the payer."""

    amount_minor: PositiveMinor | None = Field(None, description="Everything left where not given.")
    reason: LongText | None = None
    method: Method | None = Field(None, description="How it goes back; the payment's where not given.")
    external_reference: Reference | None = None


class RefundReply(RefundData):
    """A refund standing by itself; amounts in minor units of `currency`."""

    version: int
    updated_at: Instant
    payment_id: UUID
    contact_id: UUID
    currency: str
    method: str
    external_reference: str | None = None


@router.post(
    "/payments/{payment_id}/refunds",
    status_code=status.HTTP_201_CREATED,
    dependencies=[WRITE],
)
async def create(payment_id: UUID, body: NewRefund, work: Work) -> RefundReply:
    """Give money of a payment back: unallocated money first, then that of the newest allocations.

    Invoices that it settled ask for it again. Money registered by hand is refunded at once; what a provider
    collected is pending until the provider has sent it.
    """
    request = RefundRequest(body.amount_minor, body.reason, body.method, body.external_reference)
    return _reply(await operations.refund_payment(work, payment_id, request))


@router.get("/payments/{payment_id}/refunds", dependencies=[READ])
async def list_of_payment(payment_id: UUID, part: Sliced, work: Work) -> Page[RefundReply]:
    """List the refunds of a payment, newest first."""
    await payments.invoice_of(work.tx, work.workspace_id, payment_id)
    return await _page(work, part, refunds.RefundFilter(payment_id=payment_id))


@router.get("/refunds", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    payment_id: UUID | None = None,
    contact_id: UUID | None = None,
    state: RefundState | None = None,
    credit_note_id: Annotated[UUID | None, Query(description="Made for this credit note.")] = None,
) -> Page[RefundReply]:
    """List refunds, newest first."""
    filters = refunds.RefundFilter(
        payment_id=payment_id, contact_id=contact_id, state=state, credit_note_id=credit_note_id
    )
    return await _page(work, part, filters)


@router.get("/refunds/{refund_id}", dependencies=[READ])
async def get(refund_id: UUID, work: Work) -> RefundReply:
    """Get a refund."""
    return _reply(await refunds.get(work.tx, work.workspace_id, refund_id))


async def _page(work: Work, part: Slice, filters: refunds.RefundFilter) -> Page[RefundReply]:
    rows = await refunds.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, _reply)


def _reply(refund: Refund) -> RefundReply:
    return RefundReply(
        **dict(snapshot(refund)),
        version=refund.version,
        updated_at=refund.updated_at,
        payment_id=refund.payment_id,
        contact_id=refund.contact_id,
        currency=refund.currency,
        method=refund.method,
        external_reference=refund.external_reference,
    )
