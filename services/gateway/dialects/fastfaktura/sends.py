"""What is done with an invoice: its PDF, its sending, its timeline."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from services.gateway.dialects.common.dialect import (
    Ask,
    Body,
    Call,
    Operation,
    Reply,
    Translation,
    asked,
    reply_with,
)
from services.gateway.dialects.fastfaktura import invoices

PDF = "application/pdf"
PATH = invoices.PATH
# Where the client has no address for a channel.
_OF_CLIENT = {"/email": "/client/email", "/phone": "/client/phone"}


class Sending(Body):
    """How to send: at first, or as a reminder."""

    channels: list[Literal["email", "sms", "link"]] = Field(min_length=1)
    reminder: bool = False


class TimelineMeta(BaseModel):
    """How many there are."""

    total: int


class Timeline(BaseModel):
    """What happened to an invoice, oldest first."""

    data: list[invoices.Event]
    meta: TimelineMeta


def pdf(call: Call) -> Translation:
    """GET /invoices/{id}/pdf"""
    ours = yield Ask("GET", f"{PATH}/{call.id}/pdf")
    kept = {name: ours.headers[name] for name in ("content-disposition",) if name in ours.headers}
    return Reply(200, ours.body, {"content-type": PDF, **kept})


def send(call: Call) -> Translation:
    """POST /invoices/{id}/send: issues a draft first."""
    body: Sending = call.body
    fields: dict[str, Any] = {"channels": body.channels, "reminder": body.reminder}
    ask = Ask("POST", f"{PATH}/{call.id}/send", body=fields, headers=call.only("idempotency-key"))
    yield from asked(ask, lambda pointer: _OF_CLIENT.get(pointer, pointer))
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    return reply_with(invoices.to_reply(ours.body))


def timeline(call: Call) -> Translation:
    """GET /invoices/{id}/events"""
    ours = yield Ask("GET", f"{PATH}/{call.id}/events")
    events = invoices.events_of(ours.body["data"])
    return reply_with(Timeline(data=events, meta=TimelineMeta(total=len(events))))


OPERATIONS = (
    Operation(
        "getInvoicePdf", "GET", "/invoices/{id}/pdf", invoices.TAG, "PDF de la facture", pdf,
        replies={PDF: None},
    ),
    Operation(
        "sendInvoice", "POST", "/invoices/{id}/send", invoices.TAG,
        "Envoi (email / sms / lien), mode normal ou rappel", send,
        request=Sending, reply=invoices.Invoice, example={"channels": ["email", "sms"], "reminder": False},
    ),
    Operation(
        "listInvoiceEvents", "GET", "/invoices/{id}/events", invoices.TAG, "Timeline d'événements", timeline,
        reply=Timeline,
    ),
)  # fmt: skip
