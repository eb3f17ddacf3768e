"""HTTP in: credit notes, which take back part or all of an issued invoice."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field, model_validator

from services.invoice.credit_notes import operations
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain.credit_note import CreditNote
from services.invoice.invoices.api.replies import NextNumber
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.repository import invoices
from services.invoice.lines.api import MAX_LINES
from services.invoice.numbers import domain as numbering
from shared.events.credit_note import CreditNoteData
from shared.http import etag
from shared.http.fields import MAX_MINOR, Body, Day, LongText, Metadata, Minor, Name, Quantity, ShortText
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Who, require
from shared.http.pagination import Page, Slice, Sliced
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/credit-notes", route_class=Route, tags=["credit notes"])
of_invoices = APIRouter(
    prefix="/v1/invoices/{invoice_id}/credit-notes", route_class=Route, tags=["credit notes"]
)
READ, WRITE = require("invoices:read"), require("invoices:write")
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


@of_invoices.post(
    "", status_code=status.HTTP_201_CREATED, response_model=CreditNoteData, dependencies=[WRITE]
)
async def create(
    invoice_id: UUID, response: Response, tx: Tx, who: Who, clock: Now, body: NewCreditNote | None = None
) -> Any:
    """Take back lines of an issued invoice, or without `lines` all of it that is not credited yet."""
    given = body or NewCreditNote()
    lines = None if given.lines is None else [line.model_dump() for line in given.lines]
    fields = given.model_dump(exclude={"lines"})
    note = await operations.credit_invoice(tx, who.workspace_id, invoice_id, fields, lines, clock)
    return _reply(note, response)


@of_invoices.get("", response_model=Page[CreditNoteData], dependencies=[READ])
async def list_of_invoice(invoice_id: UUID, part: Sliced, tx: Tx, who: Who) -> Any:
    """List the credit notes of one invoice, newest first."""
    await invoices.get(tx, who.workspace_id, invoice_id)
    return await _page(tx, who.workspace_id, part, invoice_id=invoice_id)


@router.get("", response_model=Page[CreditNoteData], dependencies=[READ])
async def list_(
    part: Sliced,
    tx: Tx,
    who: Who,
    invoice_id: UUID | None = None,
    contact_id: UUID | None = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    issued_from: Day | None = None,
    issued_to: Day | None = None,
    q: Annotated[
        str | None, Query(max_length=200, description="Part of its or its invoice's number, reason or name.")
    ] = None,
) -> Any:
    """List credit notes with their lines, newest first."""
    filters = {
        "invoice_id": invoice_id,
        "contact_id": contact_id,
        "external_id": external_id,
        "issued_from": issued_from,
        "issued_to": issued_to,
        "q": q,
    }
    return await _page(tx, who.workspace_id, part, **filters)


@router.get("/next-number", response_model=NextNumber, dependencies=[READ])
async def next_number(
    tx: Tx, who: Who, clock: Now, on: Annotated[Day | None, Query(alias="date")] = None
) -> Any:
    """The number that the next credit note of this date would get: a preview, never a reservation."""
    day = on or clock.today()
    return NextNumber(number=await issuing.preview(tx, who.workspace_id, numbering.CREDIT_NOTES, day, clock))


@router.get("/{credit_note_id}", response_model=CreditNoteData, dependencies=[READ])
async def get(credit_note_id: UUID, response: Response, tx: Tx, who: Who) -> Any:
    """Get a credit note with its lines."""
    return _reply(await credit_notes.get(tx, who.workspace_id, credit_note_id), response)


async def _page(tx: Tx, workspace_id: UUID, part: Slice, **given: Any) -> Any:
    filters = {**dict.fromkeys(credit_notes.FILTERS), **given, **part.rows()}
    found = await credit_notes.find(tx, workspace_id, filters)
    total = await credit_notes.count(tx, workspace_id, filters) if part.wants_total else None
    return part.page([credit_note_rules.to_snapshot(note) for note in found], total)


def _reply(note: CreditNote, response: Response) -> CreditNoteData:
    etag.tag(response, note.version)
    return credit_note_rules.to_snapshot(note)
