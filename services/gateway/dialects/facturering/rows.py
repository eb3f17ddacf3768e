"""Invoice rows: the fields of a row, its parent and its children; amounts and rates are decimal strings."""

import re
from collections.abc import Generator, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from services.gateway.dialects.common.dialect import Answer, Ask, Call, Parameter, Reply, Translation, asked
from services.gateway.dialects.common.fields import Number, Uuid, as_given, minor, number, price, text_of
from services.gateway.dialects.facturering.hydra import (
    PAGING,
    Body,
    DecimalText,
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
from shared.kernel import money
from shared.kernel.errors import Invalid

PATH = "/v1/invoice-lines"
INVOICES = "/v1/invoices"
KIND = "InvoiceRow"
PRICE_DECIMALS = 4
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_NAMES = {
    "description": "productName",
    "unit_price": "netPrice",
    "tax_rate": "vatRate",
    "discount": "netDiscountAmount",
    "parent_line_id": "parentInvoiceRow",
    "invoice_id": "invoice",
}
_SAME = {
    "classification_number": "classification_number",
    "unit": "unit",
    "product_name": "description",
    "vat_rate": "tax_rate",
    "net_price": "unit_price",
    "project": "project",
}
EXAMPLE = {
    "invoice": "/facturering/invoices/01981a8e-7c00-7000-8000-000000000003",
    "classificationNumber": "62.01",
    "unit": "uur",
    "quantity": 2,
    "vatRate": "21.00",
    "netPrice": "125.00",
    "netDiscountAmount": "10.00",
    "productName": "Installatie",
    "project": "/projects/7",
    "parentInvoiceRow": None,
    "invoiceChildrenRows": [],
}
ROW_OF_INVOICE = {name: value for name, value in EXAMPLE.items() if name != "invoice"}
Relation = Annotated[Any, WithJsonSchema({"description": "An IRI, or an object with its `@id`."})]


class RowFields(Body):
    """What may be said of a row."""

    classification_number: str | None = None
    net_discount_amount: DecimalText | None = None
    project: str | None = Field(None, json_schema_extra={"format": "iri-reference"})
    parent_invoice_row: Relation = None


class RowOfInvoice(RowFields):
    """A row to create with what it belongs to."""

    unit: str | None
    quantity: Number
    vat_rate: DecimalText
    net_price: DecimalText
    product_name: str
    invoice_children_rows: list["RowOfInvoice"] = []


class NewRow(RowOfInvoice):
    """A row to add to a draft, at its end or below its parent."""

    invoice: str | None = Field(None, description="An IRI; not needed where the parent row says it.")


class RowChanges(RowFields):
    """What of a draft's row is to change; null clears what may be empty."""

    unit: str | None = None
    quantity: Number = Field(default_factory=Decimal)
    vat_rate: DecimalText = Field(default_factory=str)
    net_price: DecimalText = Field(default_factory=str)
    product_name: str = Field(default_factory=str)


class Row(Resource):
    """A row of an invoice."""

    id: Uuid
    invoice: Iri
    classification_number: str | None
    unit: str | None
    quantity: Number | None
    vat_rate: str | None
    net_price: str | None
    net_discount_amount: str
    product_name: str
    project: str | None
    parent_invoice_row: Iri | None
    invoice_children_rows: list[Iri]


def create(call: Call) -> Translation:
    """POST /invoice-rows"""
    body: NewRow = call.body
    invoice_id = yield from _invoice_of(body)
    invoice = (yield Ask("GET", f"{INVOICES}/{invoice_id}")).body
    if body.invoice_children_rows:
        made, invoice = yield from _add_family(call, body, invoice)
    else:
        fields = {"invoice_id": invoice_id, **_ours(body, invoice["currency"])}
        ask = Ask("POST", PATH, body=fields, headers=call.only("idempotency-key"))
        made = (yield from asked(ask, renaming(_NAMES))).body
    return reply_with(call, to_reply(call, made, invoice), 201)


def list_(call: Call) -> Translation:
    """GET /invoice-rows"""
    query = [*part_of_list(call), *filter_of(call, "invoice", "invoices")]
    ours = yield Ask("GET", PATH, query)
    invoices: dict[str, Any] = {}
    for line in ours.body["data"]:
        if line["invoice_id"] not in invoices:
            invoices[line["invoice_id"]] = (yield Ask("GET", f"{INVOICES}/{line['invoice_id']}")).body
    rows = [to_reply(call, line, invoices[line["invoice_id"]]) for line in ours.body["data"]]
    return listed(call, "/invoice-rows", KIND, rows, ours)


def get(call: Call) -> Translation:
    """GET /invoice-rows/{id}"""
    return (yield from _reply_with_row(call, (yield Ask("GET", f"{PATH}/{call.id}")).body))


def update(call: Call) -> Translation:
    """PATCH /invoice-rows/{id}"""
    body: RowChanges = call.body
    currency = ""
    if body.net_discount_amount is not None:
        line = (yield Ask("GET", f"{PATH}/{call.id}")).body
        currency = (yield Ask("GET", f"{INVOICES}/{line['invoice_id']}")).body["currency"]
    ask = Ask("PATCH", f"{PATH}/{call.id}", body=_ours(body, currency))
    ours = yield from asked(ask, renaming(_NAMES))
    return (yield from _reply_with_row(call, ours.body))


def lines_of(call: Call, rows: list[RowOfInvoice], currency: str) -> list[dict[str, Any]]:
    """Our rows for theirs, each parent followed by its children; raises Invalid naming the row."""
    made = []
    for index, row in enumerate(rows):
        made += _family(call, row, currency, f"invoiceRows.{index}.")
    return made


def to_reply(call: Call, ours: Mapping[str, Any], invoice: Mapping[str, Any]) -> Row:
    """Their row; `invoice` is the one that it belongs to."""
    parent, currency = ours["parent_line_id"], invoice["currency"]
    children = [line["id"] for line in invoice["lines"] if line["parent_line_id"] == ours["id"]]
    return Row(
        **named(call, KIND, "invoice-rows", ours["id"]),
        id=ours["id"],
        invoice=iri(call, "invoices", invoice["id"]),
        classification_number=ours["classification_number"],
        unit=ours["unit"],
        quantity=number(ours["quantity"]),
        vat_rate=ours["tax_rate"],
        net_price=_net_price(ours, currency),
        net_discount_amount=_discount(ours, currency),
        product_name=ours["description"],
        project=ours["project"],
        parent_invoice_row=iri(call, "invoice-rows", parent) if parent else None,
        invoice_children_rows=[iri(call, "invoice-rows", child) for child in children],
    )


def _reply_with_row(call: Call, ours: Mapping[str, Any]) -> Generator[Ask, Answer, Reply]:
    invoice = (yield Ask("GET", f"{INVOICES}/{ours['invoice_id']}")).body
    return reply_with(call, to_reply(call, ours, invoice))


def _invoice_of(body: NewRow) -> Generator[Ask, Answer, str]:
    if body.invoice is not None:
        return id_of(body.invoice, "invoices", "invoice")
    if body.parent_invoice_row is None:
        raise Invalid("Name the invoice, or a parent row of it.", field="invoice")
    parent = id_of(body.parent_invoice_row, "invoice-rows", "parentInvoiceRow")
    found: str = (yield Ask("GET", f"{PATH}/{parent}")).body["invoice_id"]
    return found


def _add_family(
    call: Call, body: NewRow, invoice: Mapping[str, Any]
) -> Generator[Ask, Answer, tuple[Any, Any]]:
    """A row and its children in one change: the draft with all its rows, as nobody changed it meanwhile."""
    lines = _family(call, body, invoice["currency"], "")
    whole = [*map(as_given, invoice["lines"]), *lines]
    ask = Ask(
        "PATCH",
        f"{INVOICES}/{invoice['id']}",
        body={"lines": whole},
        headers={"if-match": f'"{invoice["version"]}"'},
    )
    changed = (yield from asked(ask, renaming(_NAMES))).body
    return next(line for line in changed["lines"] if line["id"] == lines[0]["id"]), changed


def _family(call: Call, row: RowOfInvoice, currency: str, place: str) -> list[dict[str, Any]]:
    made = _ours(row, currency, place)
    if not row.invoice_children_rows:
        return [made]
    made["id"] = str(call.new_id())
    children = [
        _ours(child, currency, f"{place}invoiceChildrenRows.{index}.")
        for index, child in enumerate(row.invoice_children_rows)
    ]
    return [made, *({**child, "parent_line_id": made["id"]} for child in children)]


def _ours(row: RowFields, currency: str, place: str = "") -> dict[str, Any]:
    given = row.model_dump(exclude_unset=True)
    made: dict[str, Any] = {ours: given[theirs] for theirs, ours in _SAME.items() if theirs in given}
    if "quantity" in given:
        made["quantity"] = text_of(given["quantity"])
    if "net_price" in given:
        made["tax_behavior"] = "exclusive"
    if "net_discount_amount" in given:
        made["discount"] = _our_discount(row.net_discount_amount, currency, f"{place}netDiscountAmount")
    if "parent_invoice_row" in given:
        parent = row.parent_invoice_row
        made["parent_line_id"] = parent and id_of(parent, "invoice-rows", f"{place}parentInvoiceRow")
    return made


def _our_discount(text: str | None, currency: str, field: str) -> dict[str, int] | None:
    if text is None:
        return None
    if not _AMOUNT.fullmatch(text):
        raise Invalid("It must be a decimal number.", field=field)
    amount_minor = minor(Decimal(text), currency, field)
    return {"amount_minor": amount_minor} if amount_minor else None


def _discount(ours: Mapping[str, Any], currency: str) -> str:
    discount = ours["discount"] or {}
    if discount.get("percent") is not None:
        gross = money.EXACT.multiply(Decimal(ours["quantity"]), Decimal(_net_price(ours, currency) or 0))
        part = money.EXACT.multiply(gross, Decimal(discount["percent"]).scaleb(-2))
        return format(money.round_half_up(part, money.exponent(currency)), "f")
    return format(money.to_major(discount.get("amount_minor") or 0, currency), "f")


def _net_price(ours: Mapping[str, Any], currency: str) -> str | None:
    if ours["unit_price"] is None or ours["tax_behavior"] != "inclusive":
        return text_of(price(ours["unit_price"], currency))
    # Of a price that holds its tax, the net is shown rounded; the amounts stay exact.
    rate = 100 + Decimal(ours["tax_rate"])
    net = money.EXACT.divide(Decimal(ours["unit_price"]).scaleb(2), rate)
    return text_of(money.round_half_up(net, PRICE_DECIMALS))


_INVOICE = Parameter("invoice", {"type": "string", "format": "iri-reference"}, "Filter by invoice.")
OPERATIONS = operations(
    "Factuurregel",
    ("listInvoiceRows", "GET", "/invoice-rows", "Retrieves the collection of InvoiceRow resources.", list_,
     {"query": (_INVOICE, *PAGING), **many_of(Row)}),
    ("createInvoiceRow", "POST", "/invoice-rows", "Creates a InvoiceRow resource.", create,
     {"status": 201, **posting(NewRow, EXAMPLE), **one_of(Row)}),
    ("getInvoiceRow", "GET", "/invoice-rows/{id}", "Retrieves a InvoiceRow resource.", get, one_of(Row)),
    ("updateInvoiceRow", "PATCH", "/invoice-rows/{id}", "Updates the InvoiceRow resource.", update,
     {**patching(RowChanges, {"quantity": 3}), **one_of(Row)}),
    has_etag=False,
)  # fmt: skip
