"""Quotes: create, list, get, change, delete, and what the customer says to them."""

from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import Field

from services.invoice.lines.api import MAX_LINES, LineFields, SupplyFields, to_discount
from services.invoice.lines.domain.line import LineEdit
from services.invoice.quotes import domain as quote_rules
from services.invoice.quotes import operations
from services.invoice.quotes import repository as quotes
from services.invoice.quotes.domain import Quote, QuoteEdit
from services.invoice.quotes.repository import QuoteFilter
from shared.events.quote import QuoteData, QuoteStatus
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body, Currency, Day, LongText, Metadata, Name, ShortText, optional
from shared.http.filters import words
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.lines import DiscountFields
from shared.http.pagination import Page, Sliced
from shared.http.queries import searched
from shared.http.work import Work
from shared.kernel.unset import edit_of
from shared.postgres import search

router = APIRouter(prefix="/v1/quotes", route_class=Route, tags=["quotes"])
READ, WRITE = require("quotes:read"), require("quotes:write")
Search = Annotated[
    str | None, Query(max_length=200, description=searched("number, reference or the contact's name"))
]


class QuoteFields(SupplyFields):
    """What may be said of a quote."""

    issue_date: Day | None = None
    valid_until: Day | None = Field(None, description="The last day on which it can be accepted.")
    notes: LongText | None = None
    reference: ShortText | None = None
    external_id: Name | None = None
    discount: DiscountFields | None = None
    metadata: Metadata = {}
    lines: list[LineFields] = Field([], max_length=MAX_LINES)

    def edit(self) -> QuoteEdit:
        """The fields that were sent, but for the lines."""
        if "discount" in self.model_fields_set:
            return edit_of(QuoteEdit, self, but={"lines"}, discount=to_discount(self.discount))
        return edit_of(QuoteEdit, self, but={"lines"})

    def line_edits(self) -> list[LineEdit] | None:
        """All lines, where they were sent."""
        return [line.edit() for line in self.lines] if "lines" in self.model_fields_set else None


class NewQuote(QuoteFields):
    """A quote to create, as a draft."""

    contact_id: UUID
    currency: Currency | None = Field(None, description="ISO 4217; the business's where not given.")


class QuoteChanges(QuoteFields):
    """The fields to change of a draft; `lines` replaces all of them."""

    contact_id: UUID = optional()
    currency: Currency = optional()


class Acceptance(Body):
    """How the invoice is made."""

    invoice_status: Literal["draft", "open"] = "draft"


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewQuote, response: Response, work: Work, who: Who) -> QuoteData:
    """Create a draft; totals are computed."""
    quote = await operations.create_quote(work, body.edit(), body.line_edits() or [], who.currency)
    return _reply(quote, response)


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    status: Annotated[list[str] | None, Query(description="One or several.")] = None,
    contact_id: UUID | None = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    q: Search = None,
) -> Page[QuoteData]:
    """List quotes with their lines, newest first."""
    filters = QuoteFilter(
        status=words(status, get_args(QuoteStatus)),
        contact_id=contact_id,
        external_id=external_id,
        **search.terms(q),
    )
    rows = await quotes.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, quote_rules.to_snapshot)


@router.get("/{quote_id}", dependencies=[READ])
async def get(quote_id: UUID, response: Response, work: Work) -> QuoteData:
    """Get a quote with its lines."""
    return _reply(await quotes.get(work.tx, work.workspace_id, quote_id), response)


@router.patch("/{quote_id}", dependencies=[WRITE])
async def change(
    quote_id: UUID, body: QuoteChanges, response: Response, expected: IfMatch, work: Work
) -> QuoteData:
    """Change a draft; a quote that was sent stays as it is."""
    quote = await operations.change_quote(work, quote_id, body.edit(), body.line_edits(), expected)
    return _reply(quote, response)


@router.delete("/{quote_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(quote_id: UUID, work: Work) -> Response:
    """Delete a draft."""
    await operations.delete_quote(work, quote_id)
    return Response(status_code=204)


@router.post("/{quote_id}/accept", dependencies=[WRITE])
async def accept(quote_id: UUID, response: Response, work: Work, body: Acceptance | None = None) -> QuoteData:
    """The customer said yes: the invoice is made in the same transaction, as a draft or issued."""
    is_open = body is not None and body.invoice_status == "open"
    return _reply(await operations.accept_quote(work, quote_id, is_open=is_open), response)


@router.post("/{quote_id}/decline", dependencies=[WRITE])
async def decline(quote_id: UUID, response: Response, work: Work) -> QuoteData:
    """The customer said no."""
    return _reply(await operations.decline_quote(work, quote_id), response)


def _reply(quote: Quote, response: Response) -> QuoteData:
    etag.tag(response, quote.version)
    return quote_rules.to_snapshot(quote)
