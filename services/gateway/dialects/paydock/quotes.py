"""Quotes: read, and moved on by their status."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Body, Operation, getting
from services.gateway.dialects.common.fields import Day, Instant, Number, Uuid, major
from services.gateway.dialects.paydock import contacts, words
from services.gateway.dialects.paydock.documents import FILTERS, listing, moving
from services.gateway.dialects.paydock.fields import Page, status_parameter
from services.gateway.dialects.paydock.lines import Line, line_of

TAG = "Quotes"
PATH = "/v1/quotes"
MOVES = {"verzonden": ("send", None), "geaccepteerd": ("accept", None), "afgewezen": ("decline", None)}


class QuoteChanges(Body):
    """The word that the quote is to have."""

    status: str


class Quote(BaseModel):
    """A quote with its lines and the customer as it stands on it."""

    id: Uuid
    number: str | None
    status: str
    quote_date: Day | None
    valid_until: Day | None
    currency: str
    contact_id: Uuid
    contact: contacts.Contact | None
    invoice_id: Uuid | None
    lines: list[Line]
    subtotal: Number
    tax_amount: Number
    total: Number
    note: str | None
    created_at: Instant
    updated_at: Instant


def to_reply(ours: Mapping[str, Any]) -> Quote:
    """Their quote."""
    same = ("id", "number", "currency", "contact_id", "created_at", "updated_at")
    contact = ours.get("contact")
    return Quote(
        **{name: ours[name] for name in same},
        status=words.word_of(words.QUOTES, ours["status"]),
        quote_date=ours.get("issue_date"),
        valid_until=ours.get("valid_until"),
        contact=contacts.Contact(**contacts.on_document(contact)) if contact else None,
        invoice_id=ours.get("invoice_id"),
        lines=[line_of(line, ours["currency"]) for line in ours["lines"]],
        subtotal=major(ours["subtotal_minor"], ours["currency"]),
        tax_amount=major(ours["tax_minor"], ours["currency"]),
        total=major(ours["total_minor"], ours["currency"]),
        note=ours.get("notes"),
    )


OPERATIONS = (
    Operation(
        "listQuotes", "GET", "/quotes", TAG, "List with filters",
        listing(PATH, to_reply, words.filters(words.QUOTES)),
        query=(status_parameter(tuple(words.QUOTES)), *FILTERS), reply=Page[Quote],
    ),
    Operation(
        "getQuote", "GET", "/quotes/{id}", TAG, "Quote with lines",
        getting(PATH, to_reply), reply=Quote,
    ),
    Operation(
        "updateQuote", "PATCH", "/quotes/{id}", TAG, "Update status",
        moving(PATH, to_reply, words.QUOTES, MOVES),
        request=QuoteChanges, reply=Quote, example={"status": "geaccepteerd"},
    ),
)  # fmt: skip
