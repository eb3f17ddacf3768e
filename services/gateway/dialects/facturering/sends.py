"""Sending: one invoice, many, or one as an e-invoice; each draft is issued by being sent."""

from collections.abc import Generator, Mapping
from typing import Any

from pydantic import Field

from services.gateway.dialects.dialect import Answer, Ask, Call, Refused, Translation, asked
from services.gateway.dialects.facturering import errors, invoices
from services.gateway.dialects.facturering.hydra import (
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
    posting,
    renaming,
    shown,
)
from services.gateway.dialects.fields import Instant, without_none

TRANSMISSIONS = "/v1/e-invoices"
MAX_INVOICES = 100
_NAMES = {"invoice_id": "invoice"}
EXAMPLE = {"channels": ["email"], "reminder": False}
INVOICE = "/facturering/invoices/01981a8e-7c00-7000-8000-000000000003"


class Sending(Body):
    """How to send; by e-mail where nothing is said."""

    channels: list[str] = ["email"]
    reminder: bool = False


class SendingMany(Sending):
    """Which invoices to send, and how."""

    invoices: list[str] = Field(min_length=1, max_length=MAX_INVOICES)


class EInvoice(Body):
    """Which invoice to hand to the access point, and to whom."""

    invoice: str
    receiver: str | None = Field(None, description="The receiver's id, such as `0106:12345678`.")


class Delivery(Resource):
    """One way that the invoice was sent."""

    id: str
    channel: str | None
    status: str | None
    recipient: str | None
    created_at: Instant | None


class SentInvoice(invoices.Invoice):
    """An invoice with its deliveries."""

    deliveries: list[Delivery]


class SendResult(Resource):
    """What came of one of many."""

    invoice: Iri
    sent: bool
    detail: str | None


class Transmission(Resource):
    """An e-invoice on its way."""

    id: str
    invoice: Iri
    status: str | None
    receiver: str | None
    created_at: Instant | None


def get(call: Call) -> Translation:
    """GET /invoices/{id}/send"""
    invoice = (yield Ask("GET", f"{invoices.PATH}/{call.id}")).body
    return shown(call, (yield from _with_deliveries(call, invoice)))


def send(call: Call) -> Translation:
    """POST /invoices/{id}/send"""
    yield from _send(call, call.id, call.body or Sending(), call.only("idempotency-key"))
    invoice = (yield Ask("GET", f"{invoices.PATH}/{call.id}")).body
    return shown(call, (yield from _with_deliveries(call, invoice)), 201)


def send_many(call: Call) -> Translation:
    """POST /invoices/send: each has its own result."""
    body: SendingMany = call.body
    wanted = [id_of(one, "invoices", f"invoices.{index}") for index, one in enumerate(body.invoices)]
    results = []
    for invoice_id in dict.fromkeys(wanted):
        detail = yield from _tried(call, invoice_id, body)
        where = named(call, "SendResult", "invoices", f"{invoice_id}/send")
        invoice = iri(call, "invoices", invoice_id)
        results.append(SendResult(**where, invoice=invoice, sent=detail is None, detail=detail))
    return listed(call, "/invoices/send", "SendResult", results, None, 201)


def send_e_invoice(call: Call) -> Translation:
    """POST /e-invoices/send"""
    body: EInvoice = call.body
    fields = {"invoice_id": id_of(body.invoice, "invoices", "invoice"), "receiver": body.receiver}
    headers = call.only("idempotency-key")
    ask = Ask("POST", f"{TRANSMISSIONS}/send", body=without_none(fields), headers=headers)
    ours = (yield from asked(ask, renaming(_NAMES))).body
    return shown(call, _transmission(call, ours), 201)


def _with_deliveries(call: Call, invoice: Mapping[str, Any]) -> Generator[Ask, Answer, SentInvoice]:
    ours = yield Ask("GET", f"{invoices.PATH}/{invoice['id']}/deliveries")
    deliveries = [_delivery(call, one) for one in ours.body["data"]]
    return SentInvoice(**invoices.fields_of(call, invoice), deliveries=deliveries)


def _tried(call: Call, invoice_id: str, body: Sending) -> Generator[Ask, Answer, str | None]:
    """None, or why it was not sent."""
    key = call.headers.get("idempotency-key")
    headers = {"idempotency-key": f"{key[:200]}-{invoice_id}"} if key else {}
    try:
        yield from _send(call, invoice_id, body, headers)
    except Refused as refused:
        return str(errors.theirs(refused.status, refused.problem).body["detail"])
    return None


def _send(
    call: Call, invoice_id: str, body: Sending, headers: Mapping[str, str]
) -> Generator[Ask, Answer, Answer]:
    fields = {"channels": body.channels, "reminder": body.reminder}
    ask = Ask("POST", f"{invoices.PATH}/{invoice_id}/send", body=fields, headers=headers)
    return (yield from asked(ask, renaming(_NAMES)))


def _delivery(call: Call, ours: Mapping[str, Any]) -> Delivery:
    same = ("id", "channel", "status", "recipient", "created_at")
    fields: dict[str, Any] = {name: ours.get(name) for name in same}
    where = named(call, "Delivery", "deliveries", ours["id"])
    return Delivery(**where, **fields)


def _transmission(call: Call, ours: Mapping[str, Any]) -> Transmission:
    return Transmission(
        **named(call, "EInvoice", "e-invoices", ours["id"]),
        id=ours["id"],
        invoice=iri(call, "invoices", ours["invoice_id"]),
        status=ours.get("status"),
        receiver=ours.get("receiver"),
        created_at=ours.get("created_at"),
    )


OPERATIONS = operations(
    "Factuur",
    ("sendEInvoice", "POST", "/e-invoices/send", "Creates a Invoice resource.", send_e_invoice,
     {"status": 201, **posting(EInvoice, {"invoice": INVOICE}), **one_of(Transmission)}),
    ("getSentInvoice", "GET", "/invoices/{id}/send", "Retrieves a Invoice resource.", get,
     one_of(SentInvoice)),
    ("sendInvoice", "POST", "/invoices/{id}/send", "Creates a Invoice resource.", send,
     {"status": 201, "is_body_optional": True, **posting(Sending, EXAMPLE), **one_of(SentInvoice)}),
    ("sendInvoices", "POST", "/invoices/send", "Creates a Invoice resource.", send_many,
     {"status": 201, **posting(SendingMany, {"invoices": [INVOICE]}),
      **many_of(SendResult)}),
    has_etag=False,
)  # fmt: skip
