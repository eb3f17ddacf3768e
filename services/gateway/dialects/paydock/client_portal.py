"""The client portal: everything about one customer in one request; amounts in the workspace's currency."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Ask, Call, Operation, Reply, Translation
from services.gateway.dialects.common.fields import Number, major
from services.gateway.dialects.paydock import contacts, invoices, payments, quotes, subscriptions


class Summary(BaseModel):
    """The customer in four figures; null where the part of the platform that knows did not answer."""

    open_invoice_count: int | None
    open_invoice_amount: Number | None
    active_subscriptions: int | None
    balance: Number | None


class ClientPortal(BaseModel):
    """Everything about one customer; a list is null where `unavailable` says so."""

    contact: contacts.FullContact
    summary: Summary
    invoices: list[invoices.Invoice] | None
    quotes: list[quotes.Quote] | None
    subscriptions: list[subscriptions.Subscription] | None
    recent_payments: list[payments.Payment] | None
    unavailable: list[str]


def get(call: Call) -> Translation:
    """GET /client-portal/{external_id}"""
    external_id = quote(call.parameters["external_id"], safe="")
    ours = (yield Ask("GET", f"/v1/client-portal/{external_id}")).body
    summary = ours["summary"]
    portal = ClientPortal(
        contact=contacts.full(ours["contact"]),
        summary=Summary(
            open_invoice_count=summary["open_invoice_count"],
            open_invoice_amount=_amount(summary["open_amounts"], call.currency),
            active_subscriptions=summary["active_subscriptions"],
            balance=_amount(summary["credit_balances"], call.currency),
        ),
        invoices=_each(invoices.to_reply, ours["invoices"]),
        quotes=_each(quotes.to_reply, ours["quotes"]),
        subscriptions=_each(subscriptions.to_reply, ours["subscriptions"]),
        recent_payments=_each(payments.to_reply, ours["recent_payments"]),
        unavailable=ours["unavailable"],
    )
    return Reply(200, portal.model_dump())


def _amount(amounts: Sequence[Mapping[str, Any]] | None, currency: str) -> Any:
    """What the amounts come to in this currency; other currencies do not add up with it."""
    if amounts is None:
        return None
    return major(sum(one["amount_minor"] for one in amounts if one["currency"] == currency), currency)


def _each(translate: Callable[[Any], Any], ours: Sequence[Any] | None) -> list[Any] | None:
    return None if ours is None else [translate(one) for one in ours]


OPERATIONS = (
    Operation(
        "getClientPortal", "GET", "/client-portal/{external_id}", "Client portal",
        "All data for a customer in one request", get, reply=ClientPortal,
    ),
)  # fmt: skip
