"""Sending: one invoice, many, or one as an e-invoice; each draft is issued by being sent."""

from collections.abc import Generator, Mapping
from typing import Any, Literal

from pydantic import Field

from services.gateway.dialects.common.dialect import Answer, Ask, Call, Translation, asked
from services.gateway.dialects.common.fields import Instant, without_none
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
    reply_with,
)

TRANSMISSIONS = "/v1/e-invoices"
MAX_INVOICES = 100
_NAMES = {"invoice_id": "invoice", "invoice_ids": "invoices"}
# Where the contact has no address for a channel.
_OF_CONTACT = {"/email": "/contact/email", "/phone": "/contact/phone"}
EXAMPLE = {"channels": ["email"], "reminder": False}
INVOICE = "/facturering/invoices/01981a8e-7c00-7000-8000-000000000003"


class Sending(Body):
    """How to send; by e-mail where nothing is said."""

    channels: list[Literal["email", "sms", "link"]] = Field(["email"], min_length=1, max_length=3)
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
    channel: str
    status: str
    reminder: bool = Field(description="Whether a reminder of the invoice, not the invoice itself.")
    recipient: str | None
    public_url: str | None = Field(description="Of a delivery by link: what to hand over.")
    created_at: Instant
    sent_at: Instant | None


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
    name: str = Field(description="The invoice's number.")
    status: str
    receiver: str
    created_at: Instant


def get(call: Call) -> Translation:
    """GET /invoices/{id}/send"""
    invoice = (yield Ask("GET", f"{invoices.PATH}/{call.id}")).body
    return reply_with(call, (yield from _with_deliveries(call, invoice)))


def send(call: Call) -> Translation:
    """POST /invoices/{id}/send"""
    body: Sending = call.body or Sending()
    path, headers = f"{invoices.PATH}/{call.id}", call.only("idempotency-key")
    yield from asked(Ask("POST", f"{path}/send", body=_how(body), headers=headers), _pointed)
    invoice = (yield Ask("GET", path)).body
    return reply_with(call, (yield from _with_deliveries(call, invoice)), 201)


def send_many(call: Call) -> Translation:
    """POST /invoices/send: each has its own result."""
    body: SendingMany = call.body
    wanted = [id_of(one, "invoices", f"invoices.{index}") for index, one in enumerate(body.invoices)]
    fields = {"invoice_ids": list(dict.fromkeys(wanted)), **_how(body)}
    ask = Ask("POST", f"{invoices.PATH}/send", body=fields, headers=call.only("idempotency-key"))
    ours = yield from asked(ask, renaming(_NAMES))
    results = [_result(call, one) for one in ours.body["data"]]
    return listed(call, "/invoices/send", "SendResult", results, None, status=201)


def send_e_invoice(call: Call) -> Translation:
    """POST /e-invoices/send"""
    body: EInvoice = call.body
    fields = {"invoice_id": id_of(body.invoice, "invoices", "invoice"), "receiver": body.receiver}
    headers = call.only("idempotency-key")
    ask = Ask("POST", f"{TRANSMISSIONS}/send", body=without_none(fields), headers=headers)
    ours = (yield from asked(ask, renaming(_NAMES))).body
    return reply_with(call, _transmission(call, ours), 201)


def _with_deliveries(call: Call, invoice: Mapping[str, Any]) -> Generator[Ask, Answer, SentInvoice]:
    ours = yield Ask("GET", f"{invoices.PATH}/{invoice['id']}/deliveries")
    deliveries = [_delivery(call, one) for one in ours.body["data"]]
    return SentInvoice(**invoices.fields_of(call, invoice), deliveries=deliveries)


def _pointed(pointer: str) -> str:
    return _OF_CONTACT.get(pointer) or renaming(_NAMES)(pointer)


def _how(body: Sending) -> dict[str, Any]:
    return {"channels": body.channels, "reminder": body.reminder}


def _result(call: Call, ours: Mapping[str, Any]) -> SendResult:
    """What came of one of many: sent, or in a sentence why not."""
    refused = ours.get("error")
    return SendResult(
        **named(call, "SendResult", "invoices", f"{ours['invoice_id']}/send"),
        invoice=iri(call, "invoices", ours["invoice_id"]),
        sent=refused is None,
        detail=errors.to_reply(ours["status"], refused).body["detail"] if refused else None,
    )


def _delivery(call: Call, ours: Mapping[str, Any]) -> Delivery:
    same = ("id", "channel", "status", "recipient", "public_url", "created_at", "sent_at")
    return Delivery(
        **named(call, "Delivery", "deliveries", ours["id"]),
        **{name: ours[name] for name in same},
        reminder=ours["level"] > 0,
    )


def _transmission(call: Call, ours: Mapping[str, Any]) -> Transmission:
    return Transmission(
        **named(call, "EInvoice", "e-invoices", ours["id"]),
        id=ours["id"],
        invoice=iri(call, "invoices", ours["invoice_id"]),
        name=ours["number"],
        status=ours["status"],
        receiver=ours["receiver"],
        created_at=ours["created_at"],
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
