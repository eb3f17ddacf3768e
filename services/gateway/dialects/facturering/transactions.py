"""Invoice transactions: what of a payment settles one invoice; their ids are whole numbers."""

import re
from collections.abc import Generator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field

from services.gateway.dialects.common.dialect import Answer, Ask, Call, Parameter, Reply, Translation, asked
from services.gateway.dialects.common.fields import Instant, Number, major, minor
from services.gateway.dialects.facturering.hydra import (
    PAGING,
    Body,
    Iri,
    Resource,
    filter_of,
    id_of,
    iri,
    listed,
    many_of,
    named,
    one_of,
    operations,
    part_of_list,
    patching,
    posting,
    renaming,
    reply_with,
)
from shared.kernel.errors import Conflict, NotFound

PATH = "/v1/allocations"
PAYMENTS = "/v1/payments"
KIND = "InvoiceTransaction"
WAIT = {"prefer": "wait=2"}
OWN = "Registered as an invoice transaction."
"""The note of a payment that was made for its transaction alone, and follows it."""
_NAMES = {
    "invoice_id": "invoice",
    "payment_id": "transaction",
    "amount_minor": "amount",
    "paid_on": "date",
    "allocations": "",
}
EXAMPLE = {
    "invoice": "/facturering/invoices/01981a8e-7c00-7000-8000-000000000003",
    "transaction": None,
    "amount": Decimal("100.00"),
    "date": "2026-04-11T09:30:00+02:00",
}


class NewTransaction(Body):
    """Money for an invoice: of a transaction that is known, or without one money that came in now."""

    invoice: str
    transaction: str | None = None
    amount: Number | None = Field(None, description="In major units; what is open where not given.")
    date: str = Field(json_schema_extra={"format": "date-time"})


class TransactionChanges(Body):
    """A new amount; the invoice, the transaction and the date stay what they are."""

    invoice: str | None = None
    transaction: str | None = None
    amount: Number = Field(default_factory=Decimal)
    date: str | None = None


class Transaction(Resource):
    """What of a payment settles one invoice; `amount` is in major units of the invoice's currency."""

    id: int
    invoice: Iri
    transaction: Iri | None
    amount: Number | None
    date: Instant
    created_at: Instant
    updated_at: Instant


def create(call: Call) -> Translation:
    """POST /invoice-transactions"""
    body: NewTransaction = call.body
    invoice_id = id_of(body.invoice, "invoices", "invoice")
    if body.transaction is not None:
        payment_id = id_of(body.transaction, "transactions", "transaction")
        return (yield from _allocated(call, invoice_id, payment_id))
    invoice = (yield Ask("GET", f"/v1/invoices/{invoice_id}")).body
    part = {"invoice_id": invoice_id, "amount_minor": _amount_minor(body, invoice)}
    fields = {"allocations": [part], "paid_on": _day(body.date), "note": OWN}
    ask = Ask("POST", PAYMENTS, body=fields, headers={**WAIT, **call.only("idempotency-key", "prefer")})
    payment = (yield from asked(ask, _pointer)).body
    return reply_with(call, to_reply(call, _only(payment), payment), 201)


def list_(call: Call) -> Translation:
    """GET /invoice-transactions"""
    live = ("reversed", "false")
    ours = yield Ask("GET", PATH, [*part_of_list(call), live, *filter_of(call, "invoice", "invoices")])
    payments: dict[str, Any] = {}
    for allocation in ours.body["data"]:
        if allocation["payment_id"] not in payments:
            payments[allocation["payment_id"]] = yield from _payment(allocation)
    found = [to_reply(call, one, payments[one["payment_id"]]) for one in ours.body["data"]]
    return listed(call, "/invoice-transactions", KIND, found, ours)


def get(call: Call) -> Translation:
    """GET /invoice-transactions/{id}"""
    allocation = yield from _allocation(call)
    return reply_with(call, to_reply(call, allocation, (yield from _payment(allocation))))


def update(call: Call) -> Translation:
    """PATCH /invoice-transactions/{id}: a payment made for it alone becomes smaller, too."""
    body: TransactionChanges = call.body
    before = yield from _allocation(call)
    payment = yield from _payment(before)
    _require_same(body, before, payment)
    if "amount" not in body.model_fields_set:
        return reply_with(call, to_reply(call, before, payment))
    fields = {"amount_minor": minor(body.amount, payment["currency"], "amount")}
    ask = Ask("PATCH", f"{PATH}/{_serial(call)}", body=fields, headers=call.only("if-match"))
    after = (yield from asked(ask, _pointer)).body
    less = before["amount_minor"] - after["amount_minor"]
    if payment["note"] == OWN and less > 0:
        yield from _give_back(payment, less)
    return reply_with(call, to_reply(call, after, (yield from _payment(after))))


def delete(call: Call) -> Translation:
    """DELETE /invoice-transactions/{id}: the invoice asks for the money again; its own payment is undone."""
    allocation = (yield Ask("GET", f"{PATH}/{_serial(call)}")).body
    yield Ask("DELETE", f"{PATH}/{_serial(call)}")
    payment = yield from _payment(allocation)
    # A repetition finishes what an interrupted one began.
    if payment["note"] == OWN and payment["unallocated_minor"] > 0:
        yield from _give_back(payment, payment["unallocated_minor"])
    return Reply(204)


def to_reply(call: Call, ours: Mapping[str, Any], payment: Mapping[str, Any]) -> Transaction:
    """Their transaction for an allocation of ours and its payment."""
    return Transaction(
        **named(call, KIND, "invoice-transactions", ours["serial"]),
        id=ours["serial"],
        invoice=iri(call, "invoices", ours["invoice_id"]),
        transaction=iri(call, "transactions", payment["id"]),
        amount=major(ours["amount_minor"], payment["currency"]),
        date=f"{payment['paid_on']}T00:00:00Z",
        created_at=payment["created_at"],
        updated_at=payment["updated_at"],
    )


def _allocated(call: Call, invoice_id: str, payment_id: str) -> Generator[Ask, Answer, Reply]:
    """Money of a payment that is known; without an amount all that it has and the invoice takes."""
    fields: dict[str, Any] = {"payment_id": payment_id, "invoice_id": invoice_id}
    if call.body.amount is not None:
        known = (yield Ask("GET", f"{PAYMENTS}/{payment_id}")).body
        fields["amount_minor"] = minor(call.body.amount, known["currency"], "amount")
    ask = Ask("POST", PATH, body=fields, headers=call.only("idempotency-key"))
    allocation = (yield from asked(ask, _pointer)).body
    return reply_with(call, to_reply(call, allocation, (yield from _payment(allocation))), 201)


def _payment(allocation: Mapping[str, Any]) -> Generator[Ask, Answer, Any]:
    return (yield Ask("GET", f"{PAYMENTS}/{allocation['payment_id']}")).body


def _allocation(call: Call) -> Generator[Ask, Answer, Any]:
    found = (yield Ask("GET", f"{PATH}/{_serial(call)}")).body
    if not found["amount_minor"]:
        raise NotFound
    return found


def _give_back(payment: Mapping[str, Any], amount_minor: int) -> Generator[Ask, Answer, None]:
    body = {"amount_minor": amount_minor, "reason": "The invoice transaction was changed."}
    # Two such requests at once give back once: they saw the same version.
    key = f"facturering-{payment['id']}-{payment['version']}"
    yield Ask("POST", f"{PAYMENTS}/{payment['id']}/refunds", body=body, headers={"idempotency-key": key})


def _serial(call: Call) -> str:
    text = call.parameters["id"]
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise NotFound
    return text


def _amount_minor(body: NewTransaction, invoice: Mapping[str, Any]) -> int:
    if body.amount is not None:
        return minor(body.amount, invoice["currency"], "amount")
    if invoice["amount_due_minor"] <= 0:
        raise Conflict("Nothing of the invoice is open.", field="amount")
    due: int = invoice["amount_due_minor"]
    return due


def _only(payment: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the payment settles; nothing where the invoice was paid meanwhile."""
    if not payment["allocations"]:
        raise Conflict(
            "Nothing of the invoice was open: the contact has the money as credit.", field="invoice"
        )
    only: Mapping[str, Any] = payment["allocations"][0]
    return only


def _require_same(
    body: TransactionChanges, allocation: Mapping[str, Any], payment: Mapping[str, Any]
) -> None:
    """Raise Conflict where something else than the amount would change."""
    given = (
        ("invoice", body.invoice and id_of(body.invoice, "invoices", "invoice"), allocation["invoice_id"]),
        (
            "transaction",
            body.transaction and id_of(body.transaction, "transactions", "transaction"),
            payment["id"],
        ),
        ("date", body.date and _day(body.date), payment["paid_on"]),
    )
    for name, wanted, now in given:
        if wanted is not None and wanted != now:
            raise Conflict("It stays what it is: delete this one and create another.", field=name)


def _day(instant: str) -> str:
    # The day that it is written with, whatever its offset: a value date has no time.
    return instant.partition("T")[0]


def _pointer(pointer: str) -> str:
    # Ours has the invoice and the amount in a list of one.
    return renaming(_NAMES)(pointer.removeprefix("/allocations/0"))


_INVOICE = Parameter("invoice", {"type": "string", "format": "iri-reference"}, "Filter by invoice.")
_ID = {"parameters": {"id": {"type": "integer", "minimum": 1}}}
OPERATIONS = operations(
    "Factuurtransactie",
    ("listInvoiceTransactions", "GET", "/invoice-transactions",
     "Retrieves the collection of InvoiceTransaction resources.", list_,
     {"query": (_INVOICE, *PAGING), **many_of(Transaction)}),
    ("createInvoiceTransaction", "POST", "/invoice-transactions", "Creates a InvoiceTransaction resource.",
     create, {"status": 201, **posting(NewTransaction, EXAMPLE), **one_of(Transaction)}),
    ("getInvoiceTransaction", "GET", "/invoice-transactions/{id}",
     "Retrieves a InvoiceTransaction resource.", get, {**_ID, **one_of(Transaction)}),
    ("updateInvoiceTransaction", "PATCH", "/invoice-transactions/{id}",
     "Updates the InvoiceTransaction resource.", update,
     {**_ID, **patching(TransactionChanges, {"amount": Decimal("50.00")}), **one_of(Transaction)}),
    ("deleteInvoiceTransaction", "DELETE", "/invoice-transactions/{id}",
     "Removes the InvoiceTransaction resource.", delete, {"status": 204, **_ID}),
    has_etag=False,
)  # fmt: skip
