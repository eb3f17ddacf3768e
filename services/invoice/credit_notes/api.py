"""Credit notes, which take back part or all of an issued invoice: create, list, get."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field, model_validator

from services.invoice.credit_notes import operations
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain.credit_note import CreditNote, CreditRequest
from services.invoice.credit_notes.domain.crediting import LineCreditRequest
from services.invoice.credit_notes.repository import CreditNoteFilter
from services.invoice.invoices.api.named import InvoiceId
from services.invoice.invoices.api.replies import NextNumber
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.repository import invoices
from services.invoice.lines.api import MAX_LINES
from services.invoice.numbers import domain as numbering
from shared.events.credit_note import CreditNoteData
from shared.http import etag
from shared.http.fields import MAX_MINOR, Body, Day, LongText, Metadata, Minor, Name, Quantity, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Slice, Sliced
from shared.http.queries import searched
from shared.http.work import Work
from shared.postgres import search

router = APIRouter(prefix="/v1/credit-notes", route_class=Route, tags=["credit notes"])
of_invoices = APIRouter(
    prefix="/v1/invoices/{invoice_id}/credit-notes", route_class=Route, tags=["credit notes"]
)
READ, WRITE = require("invoices:read"), require("invoices:write")
Search = Annotated[
    str | None,
    Query(max_length=200, description=searched("number, invoice's number, reason or contact's name")),
]
GivenBack = Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)]


class CreditedLine(Body):
    """A row of the invoice to take back: a quantity, an amount, or all that is not credited yet."""

    invoice_line_id: UUID
    quantity: Quantity | None = None
    amount_minor: Minor | None = Field(
        None, description="In the row's own terms: with tax for an inclusive price, without for an exclusive."
    )

    @model_validator(mode="after")
    def _at_most_one(self) -> "CreditedLine":
        if self.quantity is not None and self.amount_minor is not None:
            raise ValueError("give either quantity or amount_minor")
        return self

    def request(self) -> LineCreditRequest:
        """What it asks for."""
        return LineCreditRequest(**self.model_dump())


class NewCreditNote(Body):
    """A credit note to issue; what is paid already goes to the credit balance unless it is given back."""

    lines: list[CreditedLine] | None = Field(
        None, min_length=1, max_length=MAX_LINES, description="Null: all that is not credited yet."
    )
    reason: ShortText | None = None
    notes: LongText | None = None
    issue_date: Day | None = Field(None, description="Today where not given.")
    external_id: Name | None = Field(None, description="The credit note's id in another system; unique.")
    metadata: Metadata = {}
    refund_minor: GivenBack = Field(0, description="Of what is paid already: back to the payer.")
    out_of_band_minor: GivenBack = Field(0, description="Of what is paid already: given back elsewhere.")

    def request(self, today: date) -> CreditRequest:
        """What it asks for; `today` is its date where none is given."""
        lines = None if self.lines is None else [line.request() for line in self.lines]
        fields = self.model_dump(exclude={"lines"}) | {"issue_date": self.issue_date or today}
        return CreditRequest(**fields, lines=lines)


@of_invoices.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(
    invoice_id: UUID, response: Response, work: Work, body: NewCreditNote | None = None
) -> CreditNoteData:
    """Take back lines of an issued invoice, or without `lines` all of it that is not credited yet."""
    request = (body or NewCreditNote()).request(work.clock.today())
    return _reply(await operations.credit_invoice(work, invoice_id, request), response)


@of_invoices.get("", dependencies=[READ])
async def list_of_invoice(invoice_id: InvoiceId, part: Sliced, work: Work) -> Page[CreditNoteData]:
    """List the credit notes of one invoice, newest first."""
    await invoices.get(work.tx, work.workspace_id, invoice_id)
    return await _page(work, part, CreditNoteFilter(invoice_id=invoice_id))


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    invoice_id: UUID | None = None,
    contact_id: UUID | None = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    issued_from: Day | None = None,
    issued_to: Day | None = None,
    q: Search = None,
) -> Page[CreditNoteData]:
    """List credit notes with their lines, newest first."""
    filters = CreditNoteFilter(
        invoice_id=invoice_id,
        contact_id=contact_id,
        external_id=external_id,
        issued_from=issued_from,
        issued_to=issued_to,
        **search.terms(q),
    )
    return await _page(work, part, filters)


@router.get("/next-number", dependencies=[READ])
async def next_number(work: Work, on: Annotated[Day | None, Query(alias="date")] = None) -> NextNumber:
    """The number that the next credit note of this date would get: a preview, never a reservation."""
    day = on or work.clock.today()
    return NextNumber(number=await issuing.preview_number(work, numbering.CREDIT_NOTES, day))


@router.get("/{credit_note_id}", dependencies=[READ])
async def get(credit_note_id: UUID, response: Response, work: Work) -> CreditNoteData:
    """Get a credit note with its lines."""
    return _reply(await credit_notes.get(work.tx, work.workspace_id, credit_note_id), response)


async def _page(work: Work, part: Slice, filters: CreditNoteFilter) -> Page[CreditNoteData]:
    rows = await credit_notes.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, credit_note_rules.to_snapshot)


def _reply(note: CreditNote, response: Response) -> CreditNoteData:
    etag.tag(response, note.version)
    return credit_note_rules.to_snapshot(note)
