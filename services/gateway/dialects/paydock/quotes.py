"""Quotes: read, and moved on by their status."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.dialect import Ask, Body, Call, Operation, Reply, Translation, asked
from services.gateway.dialects.paydock import contacts, words
from services.gateway.dialects.paydock.fields import (
    CONTACT_ID,
    LIMIT,
    OFFSET,
    Day,
    Instant,
    Number,
    Page,
    Uuid,
    major,
    page,
    part_of_list,
    status_parameter,
)
from services.gateway.dialects.paydock.lines import Line, line_of
from shared.kernel.errors import Invalid

TAG = "Quotes"
PATH = "/v1/quotes"
MOVES = {"verzonden": "send", "geaccepteerd": "accept", "afgewezen": "decline"}


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


def list_(call: Call) -> Translation:
    """GET /quotes"""
    query = part_of_list(call)
    if word := call.one("status"):
        query.append(("status", words.require(word, words.QUOTES)))
    if contact_id := call.one_id("contact_id"):
        query.append(("contact_id", contact_id))
    ours = yield Ask("GET", PATH, query)
    return page(call, ours, [theirs(quote) for quote in ours.body["data"]])


def get(call: Call) -> Translation:
    """GET /quotes/{id}"""
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    return Reply(200, theirs(ours.body).model_dump())


def update(call: Call) -> Translation:
    """PATCH /quotes/{id}: sends, accepts or declines; a quote expires by its date alone."""
    body: QuoteChanges = call.body
    path = f"{PATH}/{call.id}"
    status = words.require(body.status, words.QUOTES)
    ours = yield Ask("GET", path)
    if ours.body["status"] != status:
        if body.status not in MOVES:
            raise Invalid(f"A quote is not set to {body.status}.", field="status")
        ours = yield from asked(Ask("POST", f"{path}/{MOVES[body.status]}"), lambda pointer: "/status")
    return Reply(200, theirs(ours.body).model_dump())


def theirs(ours: Mapping[str, Any]) -> Quote:
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
        "listQuotes", "GET", "/quotes", TAG, "List with filters", list_,
        query=(status_parameter(tuple(words.QUOTES)), CONTACT_ID, LIMIT, OFFSET), reply=Page[Quote],
    ),
    Operation("getQuote", "GET", "/quotes/{id}", TAG, "Quote with lines", get, reply=Quote),
    Operation(
        "updateQuote", "PATCH", "/quotes/{id}", TAG, "Update status", update,
        request=QuoteChanges, reply=Quote, example={"status": "geaccepteerd"},
    ),
)  # fmt: skip
