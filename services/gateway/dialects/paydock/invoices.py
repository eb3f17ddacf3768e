"""Invoices: created as `concept` or `verzonden`; later their status, due date and note change."""

from collections.abc import Generator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import (
    Answer,
    Ask,
    Body,
    Call,
    Operation,
    Translation,
    asked,
    getting,
    reply_with,
)
from services.gateway.dialects.common.fields import Day, Instant, Number, Uuid, major, without_none
from services.gateway.dialects.paydock import contacts, words
from services.gateway.dialects.paydock.documents import FILTERS, listing
from services.gateway.dialects.paydock.fields import Page, status_parameter
from services.gateway.dialects.paydock.lines import Line, NewLine, line_of, ours_of, pointers
from shared.kernel.errors import Conflict, Invalid

TAG = "Invoices"
PATH = "/v1/invoices"
WAIT = {"prefer": "wait=2"}
REST_METHOD = "other"
EXAMPLE = {
    "contact_id": "01981a8e-7c00-7000-8000-000000000001",
    "status": "verzonden",
    "invoice_date": "2026-04-11",
    "due_date": "2026-05-11",
    "lines": [
        {
            "description": "Spont POS Licentie",
            "quantity": 1,
            "unit_price_incl": Decimal("89.00"),
            "tax_percentage": 21,
            "product_id": "01981a8e-7c00-7000-8000-000000000002",
        },
        {
            "description": "Installatie",
            "quantity": 2,
            "unit_price_incl": Decimal("125.00"),
            "tax_percentage": 21,
        },
        {"description": "Notitie: Levering binnen 5 werkdagen", "is_text_line": True},
    ],
}


class NewInvoice(Body):
    """An invoice to create; totals are calculated. `verzonden` issues it, `concept` is the default."""

    contact_id: UUID
    status: str = "concept"
    invoice_date: Day | None = None
    due_date: Day | None = None
    currency: str | None = None
    note: str | None = None
    reference: str | None = None
    lines: list[NewLine] = []


class InvoiceChanges(Body):
    """What of an invoice can be changed."""

    status: str | None = None
    due_date: Day | None = None
    note: str | None = None


class Invoice(BaseModel):
    """An invoice with its lines and the customer as it stands on it."""

    id: Uuid
    number: str | None
    status: str
    is_overdue: bool
    invoice_date: Day | None
    due_date: Day | None
    currency: str
    contact_id: Uuid
    contact: contacts.Contact
    lines: list[Line]
    subtotal: Number
    tax_amount: Number
    total: Number
    amount_paid: Number
    amount_due: Number
    note: str | None
    reference: str | None
    created_at: Instant
    updated_at: Instant


def create(call: Call) -> Translation:
    """POST /invoices"""
    body: NewInvoice = call.body
    fields = {
        "contact_id": str(body.contact_id),
        "status": words.require(body.status, words.NEW_INVOICE_WORDS),
        "issue_date": body.invoice_date,
        "due_date": body.due_date,
        "currency": body.currency,
        "notes": body.note,
        "reference": body.reference,
        "lines": [ours_of(line, index) for index, line in enumerate(body.lines)],
    }
    ask = Ask("POST", PATH, body=without_none(fields), headers=call.only("idempotency-key"))
    ours = yield from asked(ask, pointers(body.lines))
    return reply_with(to_reply(ours.body), 201)


def update(call: Call) -> Translation:
    """PATCH /invoices/{id}: first due date and note, then the status; each word is a move of ours."""
    body: InvoiceChanges = call.body
    path = f"{PATH}/{call.id}"
    changes = _changes(body)
    if body.status is not None:
        words.require(body.status, dict.fromkeys(words.INVOICE_WORDS))
    ours = yield Ask("GET", path)
    word = words.invoice(ours.body["status"], ours.body["payment_status"])
    wanted = word if body.status is None else body.status
    if wanted != word and (wanted == "verzonden" or (wanted == "betaald" and word == "concept")):
        changes["status"] = "open"
    if changes:
        ask = Ask("PATCH", path, body=changes, headers=call.only("if-match"))
        ours = yield from asked(ask, pointers())
    if wanted != word:
        ours = yield from _moved(wanted, path, ours)
    return reply_with(to_reply(ours.body))


def _moved(wanted: str, path: str, ours: Answer) -> Generator[Ask, Answer, Answer]:
    if wanted == "verzonden":
        return ours
    if wanted == "geannuleerd":
        return (yield from asked(Ask("POST", f"{path}/void"), pointers()))
    if wanted == "betaald":
        yield from _pay_the_rest(ours.body)
        return (yield Ask("GET", path))
    if wanted == "deels_betaald":
        raise Invalid("Register a payment instead: the status follows from it.", field="status")
    raise Conflict(f"An issued invoice does not become {wanted}.", field="status")


def _pay_the_rest(ours: Mapping[str, Any]) -> Generator[Ask, Answer, None]:
    # A payment that the invoice does not show yet counts too.
    newest = yield Ask("GET", "/v1/payments", [("invoice_id", ours["id"]), ("limit", 1)])
    rest = min([ours["amount_due_minor"], *_asked_for(newest.body["data"], ours["id"])])
    if rest <= 0:
        return
    body = {"invoice_id": ours["id"], "amount_minor": rest, "method": REST_METHOD}
    # Two such requests at once, or one repeated, register one payment: they name the same version.
    key = f"paydock-betaald-{ours['id']}-{ours['version']}"
    ask = Ask("POST", "/v1/payments", body=body, headers={**WAIT, "idempotency-key": key})
    yield from asked(ask, lambda pointer: "/status")


def _asked_for(payments: list[dict[str, Any]], invoice_id: str) -> list[int]:
    allocations = [allocation for payment in payments for allocation in payment["allocations"]]
    return [one["amount_due_minor"] for one in allocations if one["invoice_id"] == invoice_id]


def to_reply(ours: Mapping[str, Any]) -> Invoice:
    """Their invoice."""
    same = ("id", "number", "is_overdue", "due_date", "currency", "contact_id", "reference")
    amounts = {
        "subtotal": "subtotal_minor",
        "tax_amount": "tax_minor",
        "total": "total_minor",
        "amount_paid": "amount_paid_minor",
        "amount_due": "amount_due_minor",
    }
    shown: dict[str, Any] = {name: ours[name] for name in same}
    shown |= {name: major(ours[minor], ours["currency"]) for name, minor in amounts.items()}
    return Invoice(
        **shown,
        status=words.invoice(ours["status"], ours["payment_status"]),
        invoice_date=ours["issue_date"],
        note=ours["notes"],
        contact=contacts.Contact(**contacts.on_document(ours["contact"])),
        lines=[line_of(line, ours["currency"]) for line in ours["lines"]],
        created_at=ours["created_at"],
        updated_at=ours["updated_at"],
    )


def _changes(body: InvoiceChanges) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude={"status"})
    if "note" in given:
        given["notes"] = given.pop("note")
    return given


OPERATIONS = (
    Operation(
        "createInvoice", "POST", "/invoices", TAG, "Create invoice with lines (auto calculation)", create,
        status=201, request=NewInvoice, reply=Invoice, example=EXAMPLE,
    ),
    Operation(
        "listInvoices", "GET", "/invoices", TAG, "List with filters",
        listing(PATH, to_reply, words.INVOICE_FILTERS),
        query=(status_parameter(tuple(words.INVOICE_FILTERS)), *FILTERS),
        reply=Page[Invoice],
    ),
    Operation(
        "getInvoice", "GET", "/invoices/{id}", TAG, "Invoice with lines and contact data",
        getting(PATH, to_reply), reply=Invoice,
    ),
    Operation(
        "updateInvoice", "PATCH", "/invoices/{id}", TAG, "Update status, due date or note", update,
        request=InvoiceChanges, reply=Invoice, example={"status": "betaald"},
    ),
)  # fmt: skip
