"""E-invoices, sent through the workspace's access point."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import Field, model_validator

from services.invoice import metrics
from services.invoice.common.domain import electronic_address as addresses
from services.invoice.common.domain.electronic_address import Participant
from services.invoice.e_invoices import repository as e_invoices
from services.invoice.e_invoices.domain import e_invoice as rules
from services.invoice.e_invoices.domain.e_invoice import EInvoice, EInvoiceInvalid
from services.invoice.e_invoices.operations import e_invoices as operations
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.operations.e_invoices import EInvoiceRequest
from services.invoice.e_invoices.repository import EInvoiceFilter
from shared.events.e_invoice import EInvoiceData, EInvoiceStatus, EInvoiceSyntax
from shared.http import etag
from shared.http.fields import Body, Day, ShortText
from shared.http.filters import words
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Invalid, naming

router = APIRouter(prefix="/v1/e-invoices", route_class=Route, tags=["e-invoices"])
READ, WRITE = require("invoices:read"), require("invoices:write")
DOCUMENT_REPLY: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/xml": {"schema": {"type": "string"}}, "application/pdf": {}},
        "description": "The bytes that are sent: XML, or a PDF that carries it.",
    }
}


class Receiver(Body):
    """An electronic address: a scheme of ISO 6523 or Peppol's EAS list, and the receiver's id in it."""

    scheme: ShortText = Field(description="Such as `0106`, the Dutch register of companies.")
    id: ShortText


class EInvoiceToSend(Body):
    """Which document to send as an e-invoice, and to whom."""

    invoice_id: UUID | None = Field(None, description="A draft is issued first.")
    credit_note_id: UUID | None = None
    receiver: Receiver | ShortText | None = Field(
        None, description="Or as text, `scheme:id`. Not given: the contact's own address or VAT number."
    )
    syntax: EInvoiceSyntax = Field(
        "ubl", description="`ubl` for Peppol BIS Billing 3, `cii` or `factur_x` for EN 16931 in CII."
    )

    @model_validator(mode="after")
    def _one_document(self) -> "EInvoiceToSend":
        if (self.invoice_id is None) == (self.credit_note_id is None):
            raise ValueError("give either invoice_id or credit_note_id")
        return self

    @property
    def address(self) -> Participant | None:
        """The receiver's address; raises NoSuchAddress."""
        if self.receiver is None:
            return None
        if isinstance(self.receiver, str):
            return addresses.parse(self.receiver, "receiver")
        return addresses.new_participant(self.receiver.scheme, self.receiver.id, "receiver")


async def prepare_rules(body: EInvoiceToSend, request: Request) -> None:
    """Have the rules compiled before the transaction begins: that takes a second or two the first time."""
    access_points: AccessPoints = request.app.state.access_points
    await access_points.validation.prepare(body.syntax)


@router.post(
    "/send",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[WRITE, Depends(prepare_rules)],
)
async def send(
    body: EInvoiceToSend, request: Request, response: Response, work: Work, who: Who
) -> EInvoiceData:
    """Validate the document and queue it to be sent; 422 names each rule that it breaks."""
    access_points: AccessPoints = request.app.state.access_points
    e_invoice_request = EInvoiceRequest(
        body.invoice_id, body.credit_note_id, body.address, body.syntax, is_live=who.mode != "sandbox"
    )
    field = "invoice_id" if body.invoice_id else "credit_note_id"
    try:
        with naming(field):
            return _reply(await operations.send_e_invoice(work, e_invoice_request, access_points), response)
    except EInvoiceInvalid:
        metrics.E_INVOICES_REFUSED.inc()
        raise


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    status: Annotated[list[str] | None, Query(description="One or several.")] = None,
    invoice_id: Annotated[
        UUID | None, Query(description="Its own e-invoices and those of its credit notes.")
    ] = None,
    credit_note_id: UUID | None = None,
    receiver: Annotated[str | None, Query(max_length=200, description="As `scheme:id`.")] = None,
    created_from: Annotated[Day | None, Query(description="A day in the workspace's zone.")] = None,
    created_to: Annotated[Day | None, Query(description="The last day, in the workspace's zone.")] = None,
) -> Page[EInvoiceData]:
    """List e-invoices, newest first."""
    zone = ZoneInfo(work.clock.zone)
    wanted = EInvoiceFilter(
        status=words(status, get_args(EInvoiceStatus)),
        invoice_id=invoice_id,
        credit_note_id=credit_note_id,
        receiver=receiver,
        created_from=_start(created_from, zone),
        created_before=_start(created_to and _next_day(created_to), zone),
    )
    page = await e_invoices.find(work.tx, work.workspace_id, wanted, part.window())
    return part.page(page, rules.to_snapshot)


@router.get("/{e_invoice_id}", dependencies=[READ])
async def get(e_invoice_id: UUID, response: Response, work: Work) -> EInvoiceData:
    """Get an e-invoice: where it stands, what was found in it, and every state that it was in."""
    return _reply(await e_invoices.get(work.tx, work.workspace_id, e_invoice_id), response)


@router.get(
    "/{e_invoice_id}/document", response_class=Response, responses=DOCUMENT_REPLY, dependencies=[READ]
)
async def document(e_invoice_id: UUID, work: Work) -> Response:
    """Get the document as it is sent."""
    e_invoice = await e_invoices.get(work.tx, work.workspace_id, e_invoice_id)
    content = await e_invoices.document(work.tx, work.workspace_id, e_invoice_id)
    kind: Literal["pdf", "xml"] = "pdf" if e_invoice.syntax == "factur_x" else "xml"
    headers = {
        "etag": f'"{e_invoice.document_sha256}"',
        "content-disposition": f'attachment; filename="{e_invoice.id}.{kind}"',
    }
    return Response(content, media_type=f"application/{kind}", headers=headers)


def _next_day(day: date) -> date:
    if day == date.max:
        raise Invalid("There is no later day.", field="created_to")
    return day + timedelta(days=1)


def _start(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


def _reply(e_invoice: EInvoice, response: Response) -> EInvoiceData:
    etag.tag(response, e_invoice.version)
    return rules.to_snapshot(e_invoice)
