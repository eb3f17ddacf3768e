"""Payments: registering one waits until its invoice shows it; the reply tells the invoice's new status."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import (
    Ask,
    Body,
    Call,
    Operation,
    Parameter,
    Translation,
    asked,
    getting,
    reply_with,
)
from services.gateway.dialects.common.fields import (
    Day,
    Instant,
    Number,
    Uuid,
    major,
    renamed,
    text_of,
    without_none,
)
from services.gateway.dialects.paydock import words
from services.gateway.dialects.paydock.fields import CONTACT_ID, LIMIT, OFFSET, Page, page, part_of_list

TAG = "Payments"
PATH = "/v1/payments"
DEFAULT_WAIT = "wait=2"
_NAMES = {"paid_on": "payment_date", "method": "external_method", "amount_minor": "amount"}
_INVOICE_ID = Parameter("invoice_id", {"type": "string", "format": "uuid"}, "Filter by invoice.")
EXAMPLE = {
    "invoice_id": "01981a8e-7c00-7000-8000-000000000003",
    "amount": Decimal("339.00"),
    "payment_date": "2026-04-11",
    "external_method": "bank_transfer",
    "external_reference": "TXN-12345",
    "note": "Betaling ontvangen via extern systeem",
}


class NewPayment(Body):
    """Money that came in for an invoice."""

    invoice_id: UUID
    amount: Number
    payment_date: Day | None = None
    external_method: str | None = None
    external_reference: str | None = None
    note: str | None = None


class Payment(BaseModel):
    """A payment; the invoice's status and amounts are those right after it."""

    id: Uuid
    invoice_id: Uuid | None
    invoice_status: str | None
    invoice_amount_paid: Number | None
    invoice_amount_due: Number | None
    contact_id: Uuid
    amount: Number
    amount_unallocated: Number
    currency: str
    payment_date: Day
    external_method: str
    external_reference: str | None
    note: str | None
    created_at: Instant


def create(call: Call) -> Translation:
    """POST /payments"""
    body: NewPayment = call.body
    fields = {
        "invoice_id": str(body.invoice_id),
        "amount": text_of(body.amount),
        "paid_on": body.payment_date,
        "method": body.external_method,
        "external_reference": body.external_reference,
        "note": body.note,
    }
    headers = {"prefer": DEFAULT_WAIT, **call.only("idempotency-key", "prefer")}
    ask = Ask("POST", PATH, body=without_none(fields), headers=headers)
    ours = yield from asked(ask, lambda pointer: renamed(_NAMES, pointer))
    return reply_with(to_reply(ours.body), 201)


def list_(call: Call) -> Translation:
    """GET /payments"""
    query = part_of_list(call)
    for name in ("contact_id", "invoice_id"):
        if value := call.one_id(name):
            query.append((name, value))
    ours = yield Ask("GET", PATH, query)
    return page(call, ours, [to_reply(payment) for payment in ours.body["data"]])


def to_reply(ours: Mapping[str, Any]) -> Payment:
    """Their payment; it names the first invoice where it settles several, a voided one brought nothing."""
    same = ("id", "contact_id", "currency", "external_reference", "note", "created_at")
    currency = ours["currency"]
    return Payment(
        **{name: ours[name] for name in same},
        **_invoice(ours["allocations"], currency),
        amount=major(0 if ours["state"] == "voided" else ours["amount_minor"], currency),
        amount_unallocated=major(ours["unallocated_minor"], currency),
        payment_date=ours["paid_on"],
        external_method=ours["method"],
    )


def _invoice(allocations: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    if not allocations:
        names = ("invoice_id", "invoice_status", "invoice_amount_paid", "invoice_amount_due")
        return dict.fromkeys(names)
    first = allocations[0]
    return {
        "invoice_id": first["invoice_id"],
        "invoice_status": words.word_of_payment_status(first["invoice_payment_status"]),
        "invoice_amount_paid": major(first["invoice_amount_paid_minor"], currency),
        "invoice_amount_due": major(first["amount_due_minor"], currency),
    }


OPERATIONS = (
    Operation(
        "listPayments", "GET", "/payments", TAG, "List payments", list_,
        query=(CONTACT_ID, _INVOICE_ID, LIMIT, OFFSET), reply=Page[Payment],
    ),
    Operation(
        "createPayment", "POST", "/payments", TAG, "Register payment (updates invoice amount_paid)", create,
        status=201, request=NewPayment, reply=Payment, example=EXAMPLE,
    ),
    Operation(
        "getPayment", "GET", "/payments/{id}", TAG, "Get payment",
        getting(PATH, to_reply), reply=Payment,
    ),
)  # fmt: skip
