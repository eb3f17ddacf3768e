"""Invoices: drafts until they are sent; amounts are whole cents."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.gateway.dialects.common.dialect import (
    Ask,
    Body,
    Call,
    Operation,
    Parameter,
    Translation,
    asked,
    reply_with,
)
from services.gateway.dialects.common.fields import (
    Day,
    Instant,
    Number,
    Uuid,
    number,
    renamed,
    text_of,
    without_none,
)
from services.gateway.dialects.fastfaktura import words
from services.gateway.dialects.fastfaktura.fields import PAGE, Currency, Page, page, part_of_list
from shared.kernel import money

TAG = "Invoices"
PATH = "/v1/invoices"
MAX_CENTS = 10**15
_NAMES = {"contact_id": "client_id", "unit_price": "unit_price_cents"}
_STATUS = Parameter("status", {"type": "string", "enum": list(words.INVOICE_FILTERS)}, "")
_AMOUNTS = ("subtotal", "tax", "total", "amount_paid", "amount_due")
EXAMPLE = {
    "client_id": "01981a8e-7c00-7000-8000-000000000001",
    "currency": "EUR",
    "lines": [{"description": "Consulting", "quantity": 1, "unit_price_cents": 50000, "tax_rate": 20}],
}


class NewLine(Body):
    """A line: the price of one without tax in cents, and its tax in percent."""

    description: str
    quantity: Number
    unit_price_cents: Annotated[int, Field(strict=True, ge=-MAX_CENTS, le=MAX_CENTS)] = Field(
        description="Centimes"
    )
    tax_rate: Number = Field(description="Pourcentage (ex. 20)")


class NewInvoice(Body):
    """An invoice to create: a draft, until it is sent."""

    client_id: UUID
    currency: Currency
    due_date: Day | None = None
    notes: str | None = None
    lines: list[NewLine]


class Line(BaseModel):
    """A line; a text has a description alone."""

    id: Uuid
    description: str
    quantity: Number | None
    unit_price_cents: int | None
    tax_rate: Number | None


class Invoice(BaseModel):
    """An invoice with its lines."""

    id: Uuid
    number: str | None
    client_id: Uuid
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    amount_paid_cents: int
    amount_due_cents: int
    status: str
    issue_date: Day | None
    due_date: Day | None
    notes: str | None
    public_url: str | None
    lines: list[Line]
    created_at: Instant
    updated_at: Instant


class Event(BaseModel):
    """Something that happened to an invoice."""

    type: str
    actor: str
    occurred_at: Instant
    channel: str | None = Field(None, description="email, sms or link, where it was sent that way.")
    recipient: str | None = None
    reminder: bool = Field(False, description="Whether it is about a reminder, not the invoice itself.")
    detail: str | None = Field(None, description="Why it did not arrive.")


class InvoiceDetail(Invoice):
    """An invoice with its lines and what happened to it, oldest first."""

    events: list[Event]


def create(call: Call) -> Translation:
    """POST /invoices"""
    body: NewInvoice = call.body
    fields = {
        "contact_id": str(body.client_id),
        "status": "draft",
        "currency": body.currency,
        "due_date": body.due_date,
        "notes": body.notes,
        "lines": [_our_line(line, body.currency) for line in body.lines],
    }
    ask = Ask("POST", PATH, body=without_none(fields), headers=call.only("idempotency-key"))
    ours = yield from asked(ask, lambda pointer: renamed(_NAMES, pointer))
    return reply_with(to_reply(ours.body), 201)


def list_(call: Call) -> Translation:
    """GET /invoices"""
    ours = yield Ask("GET", PATH, [*part_of_list(call), *words.filter_of(call.one("status"))])
    return page(call, ours, [to_reply(invoice) for invoice in ours.body["data"]])


def get(call: Call) -> Translation:
    """GET /invoices/{id}"""
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    happened = yield Ask("GET", f"{PATH}/{call.id}/events")
    events = events_of(happened.body["data"])
    return reply_with(InvoiceDetail(**dict(to_reply(ours.body)), events=events))


def to_reply(ours: Mapping[str, Any]) -> Invoice:
    """Their invoice."""
    same = ("id", "number", "currency", "issue_date", "due_date", "notes", "created_at", "updated_at")
    return Invoice(
        **{name: ours[name] for name in same},
        **{f"{name}_cents": ours[f"{name}_minor"] for name in _AMOUNTS},
        client_id=ours["contact_id"],
        status=words.invoice(ours),
        public_url=ours.get("public_url"),
        lines=[_line(line, ours["currency"]) for line in ours["lines"]],
    )


def events_of(timeline: Sequence[Mapping[str, Any]]) -> list[Event]:
    """Their events; that the invoice went out is told by each channel that it went out by."""
    return [_event(ours) for ours in timeline if ours["type"] != "invoice.sent"]


def _event(ours: Mapping[str, Any]) -> Event:
    same = ("actor", "occurred_at", "channel", "recipient", "detail")
    fields: dict[str, Any] = {name: ours.get(name) for name in same}
    return Event(type=words.event(ours["type"]), reminder=bool(ours.get("level")), **fields)


def _our_line(line: NewLine, currency: str) -> dict[str, Any]:
    return {
        "type": "item",
        "description": line.description,
        "quantity": text_of(line.quantity),
        "unit_price": text_of(money.to_major(line.unit_price_cents, currency)),
        "tax_rate": text_of(line.tax_rate),
    }


def _line(ours: Mapping[str, Any], currency: str) -> Line:
    return Line(
        id=ours["id"],
        description=ours["description"],
        quantity=number(ours["quantity"]),
        unit_price_cents=_cents(ours["unit_price"], currency),
        tax_rate=number(ours["tax_rate"]),
    )


def _cents(price: str | None, currency: str) -> int | None:
    # A finer price can only come from elsewhere: it is shown rounded, the amounts stay exact.
    if price is None:
        return None
    return money.to_minor(money.round_half_up(Decimal(price), money.exponent(currency)), currency)


OPERATIONS = (
    Operation(
        "listInvoices", "GET", "/invoices", TAG, "Liste des factures", list_,
        query=(PAGE, _STATUS), reply=Page[Invoice],
    ),
    Operation(
        "createInvoice", "POST", "/invoices", TAG, "Création facture (avec lignes)", create,
        status=201, request=NewInvoice, reply=Invoice, example=EXAMPLE,
    ),
    Operation(
        "getInvoice", "GET", "/invoices/{id}", TAG, "Détail facture + lignes + événements", get,
        reply=InvoiceDetail,
    ),
)  # fmt: skip
