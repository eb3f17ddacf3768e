"""HTTP in: receivables, what issued invoices still ask for."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from services.payment.receivables.domain.receivable import Receivable, ReceivableStatus
from services.payment.receivables.repository import receivables
from shared.events.invoice import PaymentStatus
from shared.http import etag
from shared.http.fields import Day
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1/receivables", route_class=Route, tags=["receivables"])
READ = require("payments:read")


class ReceivableReply(BaseModel):
    """What an issued invoice asks for; amounts in minor units of `currency`."""

    invoice_id: UUID
    version: int = Field(description="Grows with every change of the money on it.")
    contact_id: UUID
    number: str
    reference: str | None
    currency: str
    status: ReceivableStatus
    payment_status: PaymentStatus
    total_minor: int
    amount_paid_minor: int
    amount_credited_minor: int
    amount_written_off_minor: int
    amount_due_minor: int = Field(description="What can still be paid, written off or not.")
    issue_date: date
    due_date: date | None


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    contact_id: UUID | None = None,
    status: ReceivableStatus | None = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    number: Annotated[str | None, Query(max_length=200, description="As on the invoice.")] = None,
    due_from: Annotated[Day | None, Query(description="First due day, inclusive.")] = None,
    due_to: Annotated[Day | None, Query(description="Last due day, inclusive.")] = None,
) -> Page[ReceivableReply]:
    """List receivables, that of the newest invoice first."""
    filters = receivables.ReceivableFilter(
        contact_id=contact_id,
        status=status,
        currency=currency,
        number=number,
        due_from=due_from,
        due_to=due_to,
    )
    rows = await receivables.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, _reply, lambda reply: reply.invoice_id)


@router.get("/{invoice_id}", dependencies=[READ])
async def get(invoice_id: UUID, response: Response, work: Work) -> ReceivableReply:
    """Get what an invoice asks for."""
    receivable = await receivables.get(work.tx, work.workspace_id, invoice_id)
    etag.tag(response, receivable.version)
    return _reply(receivable)


def _reply(receivable: Receivable) -> ReceivableReply:
    return ReceivableReply(
        invoice_id=receivable.invoice_id,
        version=receivable.version,
        contact_id=receivable.contact_id,
        number=receivable.number,
        reference=receivable.reference,
        currency=receivable.currency,
        status=receivable.status,
        payment_status=receivable.payment_status,
        total_minor=receivable.total_minor,
        amount_paid_minor=receivable.paid_minor,
        amount_credited_minor=receivable.credited_minor,
        amount_written_off_minor=receivable.written_off_minor,
        amount_due_minor=receivable.due_minor,
        issue_date=receivable.issue_date,
        due_date=receivable.due_date,
    )
