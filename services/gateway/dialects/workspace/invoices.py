"""Invoices: issued when they are created unless told otherwise; drafts can be edited, issued and deleted."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.gateway.dialects.common.dialect import (
    Ask,
    Call,
    Operation,
    Parameter,
    Reply,
    Translation,
    asked,
    getting,
    reply_with,
)
from services.gateway.dialects.common.fields import Day, Instant, Number, Uuid, major, renamed, without_none
from services.gateway.dialects.workspace import customers, rows, words
from services.gateway.dialects.workspace.fields import PART, InvoicePage, page, part_of_list
from shared.kernel.errors import Conflict, Invalid

TAG = "Invoices"
PATH = "/v1/invoices"
SETTABLE = ("draft", "issued")
_NAMES = {"contact_id": "customer_id"}
_STATUS = Parameter(
    "status",
    {"type": "array", "items": {"type": "string"}},
    f"One or several of {', '.join(words.STATUSES)}; repeated or separated by commas.",
)
EXAMPLE = {
    "customer_id": "550e8400-e29b-41d4-a716-446655440000",
    "number": "INV-2048",
    "status": "draft",
    "lines": [
        {"description": "Consulting", "quantity": 2, "unit_price": 150, "tax_rate": 20},
        {"description": "Materials", "quantity": 1, "unit_price": Decimal("49.99"), "tax_rate": 0},
    ],
}
CHANGES = {
    "lines": [{"description": "Consulting", "quantity": 2, "unit_price": 175, "tax_rate": 20}],
    "status": "issued",
}


class InvoiceFields(rows.Rows):
    """What may be said of any invoice."""

    number: str | None = Field(None, description="Yours, unique; without it the gapless series gives one.")
    currency: str | None = None
    issue_date: Day | None = None
    due_date: Day | None = None
    notes: str | None = None


class NewInvoice(InvoiceFields):
    """An invoice to create, with `lines[]` or the single-line fields."""

    customer_id: UUID
    status: str = "issued"


class InvoiceChanges(InvoiceFields):
    """What of a draft is to change; `issued` finalizes it."""

    # A factory, since a default that is never used has no place in the description.
    customer_id: UUID = Field(default_factory=lambda: UUID(int=0))
    status: str | None = None


class Invoice(BaseModel):
    """An invoice with its rows and the customer as it stands on it."""

    id: Uuid
    number: str | None
    status: str
    customer_id: Uuid
    customer: customers.Customer
    currency: str
    issue_date: Day | None
    due_date: Day | None
    lines: list[rows.Line]
    subtotal: Number
    tax: Number
    total: Number
    amount_paid: Number
    amount_due: Number
    notes: str | None
    created_at: Instant
    updated_at: Instant


def create(call: Call) -> Translation:
    """POST /invoices"""
    body: NewInvoice = call.body
    fields = {
        **_ours(body),
        "status": _settable(body.status),
        "lines": rows.new(body),
    }
    ask = Ask("POST", PATH, body=without_none(fields), headers=call.only("idempotency-key"))
    ours = yield from asked(ask, lambda pointer: _pointer(body, pointer))
    return reply_with(to_reply(ours.body), 201)


def list_(call: Call) -> Translation:
    """GET /invoices"""
    wanted = list(words.read_statuses(call))
    filters = [("status", words.STATUSES[word]) for word in wanted]
    ours = yield Ask("GET", PATH, [*part_of_list(call), *filters])
    echoed = {"status": wanted} if wanted else {}
    return page(call, ours, [to_reply(invoice) for invoice in ours.body["data"]], **echoed)


def update(call: Call) -> Translation:
    """PATCH /invoices/{id}: fields, rows and the issuing are one change."""
    body: InvoiceChanges = call.body
    path = f"{PATH}/{call.id}"
    changes, headers = _ours(body), call.only("if-match")
    if body.status is not None:
        changes["status"] = _settable(body.status)
    if body.is_single or body.status == "draft":
        now = (yield Ask("GET", path)).body
        if now["status"] != "draft":
            raise Conflict(
                f"The invoice is {words.word(now['status'])}: only a draft is edited.", field="status"
            )
        # Whoever changes the row meanwhile is not overwritten.
        headers = {"if-match": f'"{now["version"]}"', **headers}
        if body.is_single:
            changes["lines"] = rows.adjusted(body, now["lines"])
    if body.lines is not None:
        changes["lines"] = rows.new(body)
    ask = Ask("PATCH", path, body=changes, headers=headers)
    ours = yield from asked(ask, lambda pointer: _pointer(body, pointer))
    return reply_with(to_reply(ours.body))


def delete(call: Call) -> Translation:
    """DELETE /invoices/{id}: of a draft only."""
    yield Ask("DELETE", f"{PATH}/{call.id}")
    return Reply(204)


def to_reply(ours: Mapping[str, Any]) -> Invoice:
    """Their invoice."""
    same = ("id", "number", "currency", "issue_date", "due_date", "notes", "created_at", "updated_at")
    amounts = {
        "subtotal": "subtotal_minor",
        "tax": "tax_minor",
        "total": "total_minor",
        "amount_paid": "amount_paid_minor",
        "amount_due": "amount_due_minor",
    }
    currency = ours["currency"]
    fields: dict[str, Any] = {name: ours[name] for name in same}
    fields |= {name: major(ours[minor], currency) for name, minor in amounts.items()}
    return Invoice(
        **fields,
        status=words.word(ours["status"]),
        customer_id=ours["contact_id"],
        customer=customers.on_invoice(ours["contact"]),
        lines=[rows.line_of(line, currency) for line in ours["lines"]],
    )


def _ours(body: InvoiceFields) -> dict[str, Any]:
    """What was given, but for the status and the rows; null clears what may be empty."""
    names = ("customer_id", "number", "currency", "issue_date", "due_date", "notes")
    given = body.model_dump(mode="json", exclude_unset=True, include=set(names))
    if "customer_id" in given:
        given["contact_id"] = given.pop("customer_id")
    return given


def _settable(word: str) -> str:
    if word not in SETTABLE:
        raise Invalid(f"{word} is not one of {', '.join(SETTABLE)}.", field="status")
    return words.STATUSES[word]


def _pointer(body: InvoiceFields, pointer: str) -> str:
    return rows.pointer_of(body, renamed(_NAMES, pointer))


OPERATIONS = (
    Operation(
        "listInvoices", "GET", "/invoices", TAG, "List invoices", list_,
        query=(_STATUS, *PART), reply=InvoicePage[Invoice],
    ),
    Operation(
        "createInvoice", "POST", "/invoices", TAG, "Create an invoice (issued by default)", create,
        status=201, request=NewInvoice, reply=Invoice, example=EXAMPLE,
    ),
    Operation(
        "getInvoice", "GET", "/invoices/{id}", TAG, "Fetch one invoice with rows and customer snapshot",
        getting(PATH, to_reply), reply=Invoice,
    ),
    Operation(
        "updateInvoice", "PATCH", "/invoices/{id}", TAG, "Edit a draft, replace its rows, or issue it",
        update, request=InvoiceChanges, reply=Invoice, example=CHANGES,
    ),
    Operation("deleteInvoice", "DELETE", "/invoices/{id}", TAG, "Delete a draft", delete, status=204),
)  # fmt: skip
