"""Invoices: drafts until they are sent; their number is their `name`, amounts are decimal strings."""

from collections.abc import Mapping
from typing import Any

from services.gateway.dialects.common.dialect import Ask, Call, Reply, Translation, asked
from services.gateway.dialects.common.fields import Day, Instant, Uuid, without_none
from services.gateway.dialects.facturering.hydra import (
    PAGING,
    Body,
    Iri,
    Resource,
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
from services.gateway.dialects.facturering.rows import ROW_OF_INVOICE, RowOfInvoice, lines_of
from shared.kernel import money

PATH = "/v1/invoices"
KIND = "Invoice"
_NAMES = {
    "contact_id": "contact",
    "issue_date": "date",
    "lines": "invoiceRows",
    "description": "productName",
    "unit_price": "netPrice",
    "tax_rate": "vatRate",
    "discount": "netDiscountAmount",
    "parent_line_id": "parentInvoiceRow",
}
_AMOUNTS = {
    "net_amount": "subtotal_minor",
    "vat_amount": "tax_minor",
    "total_amount": "total_minor",
    "paid_amount": "amount_paid_minor",
    "open_amount": "amount_due_minor",
}
EXAMPLE = {
    "contact": "/facturering/contacts/01981a8e-7c00-7000-8000-000000000001",
    "currency": "EUR",
    "date": "2026-04-11",
    "dueDate": "2026-05-11",
    "reference": "PO-7",
    "invoiceRows": [ROW_OF_INVOICE],
}


class InvoiceChanges(Body):
    """What of an invoice is to change; null clears what may be empty."""

    contact: str | None = None
    currency: str | None = None
    date: Day | None = None
    due_date: Day | None = None
    reference: str | None = None


class NewInvoice(InvoiceChanges):
    """An invoice to create: a draft, until it is sent."""

    contact: str
    invoice_rows: list[RowOfInvoice] = []


class Invoice(Resource):
    """An invoice; its rows are named by their IRIs."""

    id: Uuid
    name: str | None
    contact: Iri
    currency: str
    date: Day | None
    due_date: Day | None
    reference: str | None
    status: str
    payment_status: str
    overdue: bool
    net_amount: str
    vat_amount: str
    total_amount: str
    paid_amount: str
    open_amount: str
    invoice_rows: list[Iri]
    created_at: Instant
    updated_at: Instant


class InvoiceName(Resource):
    """The number that the next invoice of a date would get; it is not reserved."""

    name: str
    date: Day


def create(call: Call) -> Translation:
    """POST /invoices"""
    body: NewInvoice = call.body
    currency = body.currency or call.currency
    fields = {
        **without_none(_ours(body)),
        "status": "draft",
        "lines": lines_of(call, body.invoice_rows, currency),
    }
    # The rows' discounts were counted in this currency.
    fields["currency"] = currency
    ask = Ask("POST", PATH, body=fields, headers=call.only("idempotency-key"))
    ours = yield from asked(ask, renaming(_NAMES))
    return reply_with(call, to_reply(call, ours.body), 201)


def list_(call: Call) -> Translation:
    """GET /invoices"""
    ours = yield Ask("GET", PATH, part_of_list(call))
    return listed(call, "/invoices", KIND, [to_reply(call, one) for one in ours.body["data"]], ours)


def drafts(call: Call) -> Translation:
    """GET /invoices/draft"""
    ours = yield Ask("GET", PATH, [*part_of_list(call), ("status", "draft")])
    return listed(call, "/invoices/draft", KIND, [to_reply(call, one) for one in ours.body["data"]], ours)


def get(call: Call) -> Translation:
    """GET /invoices/{id}"""
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    return reply_with(call, to_reply(call, ours.body))


def next_name(call: Call) -> Translation:
    """GET /invoices/name/{date}"""
    on = call.parameters["date"]
    ours = yield from asked(Ask("GET", f"{PATH}/next-number", [("date", on)]), str)
    where = named(call, "InvoiceName", "invoices/name", on)
    return reply_with(call, InvoiceName(**where, name=ours.body["number"], date=on))


def update(call: Call) -> Translation:
    """PATCH /invoices/{id}"""
    ask = Ask("PATCH", f"{PATH}/{call.id}", body=_ours(call.body), headers=call.only("if-match"))
    ours = yield from asked(ask, renaming(_NAMES))
    return reply_with(call, to_reply(call, ours.body))


def delete(call: Call) -> Translation:
    """DELETE /invoices/{id}: of a draft only."""
    yield Ask("DELETE", f"{PATH}/{call.id}")
    return Reply(204)


def to_reply(call: Call, ours: Mapping[str, Any]) -> Invoice:
    """Their invoice."""
    return Invoice(**fields_of(call, ours))


def fields_of(call: Call, ours: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of their invoice."""
    same = ("id", "currency", "due_date", "reference", "status", "payment_status", "created_at", "updated_at")
    currency = ours["currency"]
    return {
        **named(call, KIND, "invoices", ours["id"]),
        **{name: ours[name] for name in same},
        **{name: format(money.to_major(ours[minor], currency), "f") for name, minor in _AMOUNTS.items()},
        "name": ours["number"],
        "contact": iri(call, "contacts", ours["contact_id"]),
        "date": ours["issue_date"],
        "overdue": ours["is_overdue"],
        "invoice_rows": [iri(call, "invoice-rows", line["id"]) for line in ours["lines"]],
    }


def _ours(body: InvoiceChanges) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude={"invoice_rows"})
    made: dict[str, Any] = {name: given[name] for name in ("currency", "reference") if name in given}
    if given.get("contact") is not None:
        made["contact_id"] = id_of(given["contact"], "contacts", "contact")
    for name, ours in (("date", "issue_date"), ("due_date", "due_date")):
        if name in given:
            # An instant counts as the day that it is written with.
            made[ours] = given[name] and given[name].partition("T")[0]
    return made


OPERATIONS = operations(
    "Factuur",
    ("listInvoices", "GET", "/invoices", "Retrieves the collection of Invoice resources.", list_,
     {"query": PAGING, **many_of(Invoice)}),
    ("createInvoice", "POST", "/invoices", "Creates a Invoice resource.", create,
     {"status": 201, **posting(NewInvoice, EXAMPLE), **one_of(Invoice)}),
    ("listDraftInvoices", "GET", "/invoices/draft", "Retrieves the drafts.", drafts,
     {"query": PAGING, **many_of(Invoice)}),
    ("getNextInvoiceName", "GET", "/invoices/name/{date}", "Previews the next invoice's number.", next_name,
     {"parameters": {"date": {"type": "string", "format": "date"}}, **one_of(InvoiceName)}),
    ("getInvoice", "GET", "/invoices/{id}", "Retrieves a Invoice resource.", get, one_of(Invoice)),
    ("updateInvoice", "PATCH", "/invoices/{id}", "Updates the Invoice resource.", update,
     {**patching(InvoiceChanges, {"dueDate": "2026-05-25"}), **one_of(Invoice)}),
    ("deleteInvoice", "DELETE", "/invoices/{id}", "Removes the Invoice resource.", delete, {"status": 204}),
)  # fmt: skip
