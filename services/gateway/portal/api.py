"""The client portal: everything about one customer in one request, gathered from the services at once."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from services.gateway.canonical.api import routes as canonical
from services.gateway.edge.authentication import Caller
from services.gateway.edge.entry import authenticated
from services.gateway.edge.gateway import Gateway
from shared.events.contact import ContactData, CreditBalance
from shared.events.invoice import InvoiceData
from shared.events.payment import PaymentData
from shared.http.client import Answer
from shared.http.queries import Route
from shared.kernel.errors import BillingError, Forbidden, Invalid, NotFound, Unavailable
from shared.kernel.json import Json, JsonObject

router = APIRouter(prefix="/v1/client-portal", route_class=Route, tags=["client-portal"])
LIST_LIMIT = 100
RECENT_PAYMENTS = 20
PART_SECONDS = 5.0
"""A service that takes longer is shown as missing: the others are not to wait for it."""
ACTIVE = frozenset({"trialing", "active", "past_due"})
"""Statuses of subscriptions that go on being billed."""


class OpenAmount(BaseModel):
    """What is still to be paid in one currency, in minor units."""

    currency: str
    amount_minor: int


class Summary(BaseModel):
    """The customer in a few figures; null where the service that knows did not answer."""

    open_invoice_count: int | None
    open_amounts: list[OpenAmount] | None
    active_subscriptions: int | None
    credit_balances: list[CreditBalance] | None


class Portal(BaseModel):
    """Everything about one customer; a list is null where its service did not answer."""

    contact: ContactData
    summary: Summary
    invoices: list[InvoiceData] | None
    quotes: list[dict[str, Any]] | None
    subscriptions: list[dict[str, Any]] | None
    recent_payments: list[PaymentData] | None
    unavailable: list[str]


@router.get("/{external_id:path}", response_model=Portal)
async def client_portal(
    external_id: Annotated[str, Path(min_length=1, max_length=200, description="The contact's external_id.")],
    request: Request,
    caller: Annotated[Caller, Depends(authenticated)],
) -> Json:
    """Contact, summary, invoices, quotes, subscriptions and recent payments of one customer.

    `unavailable` names the services that did not answer; what they would have said is null.
    """
    return await gather(request.app.state.gateway, caller, external_id)


async def gather(gateway: Gateway, caller: Caller, external_id: str) -> JsonObject:
    """The portal of the contact with this external id.

    Raises NotFound without such a contact, Forbidden where the caller lacks a scope, Unavailable when the
    contact cannot be read.
    """
    contact = await _contact(gateway, caller, external_id)
    of_contact = {"contact_id": contact["id"]}
    many = {**of_contact, "limit": LIST_LIMIT}
    recent = {**of_contact, "limit": RECENT_PAYMENTS}
    asked = {
        "summary": _summary(gateway, caller, contact["id"]),
        "invoices": _list(gateway, caller, "invoices", many),
        "quotes": _list(gateway, caller, "quotes", many),
        "subscriptions": _list(gateway, caller, "subscriptions", many),
        "recent_payments": _list(gateway, caller, "payments", recent),
        "credit_balances": _list(gateway, caller, "credit-balances", of_contact),
    }
    parts = dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))
    missing = {part.service for part in parts.values() if isinstance(part, _Missing)}
    return _shape(contact, {name: _or_none(part) for name, part in parts.items()}, sorted(missing))


class _Missing:
    """Stands for what a service did not answer."""

    def __init__(self, service: str) -> None:
        self.service = service


def _or_none(part: Json) -> Json:
    return None if isinstance(part, _Missing) else part


def _shape(contact: Json, parts: JsonObject, unavailable: list[str]) -> JsonObject:
    summary = parts.pop("summary")
    balances = parts.pop("credit_balances")
    subscriptions = parts["subscriptions"]
    if parts["recent_payments"] is not None:
        # Undone by the workspace: for the customer it never was.
        parts["recent_payments"] = [one for one in parts["recent_payments"] if one["state"] != "voided"]
    return {
        "contact": contact,
        "summary": {
            "open_invoice_count": summary and summary["open_invoice_count"],
            "open_amounts": summary and summary["open_amounts"],
            "active_subscriptions": subscriptions
            if subscriptions is None
            else sum(subscription.get("status") in ACTIVE for subscription in subscriptions),
            "credit_balances": balances,
        },
        **parts,
        "unavailable": unavailable,
    }


async def _contact(gateway: Gateway, caller: Caller, external_id: str) -> Json:
    query = urlencode({"external_id": external_id, "limit": 1})
    answer = await canonical.ask(gateway, caller, "GET", f"/v1/contacts?{query}", {})
    # A text that no contact can have (a control character, a card number) is refused as one that none has.
    found = [] if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY else _read(answer)["data"]
    if not found:
        raise NotFound(f"There is no contact with the external_id {external_id} in this workspace.")
    return found[0]


async def _summary(gateway: Gateway, caller: Caller, contact_id: str) -> Json:
    headers = {"authorization": caller.authorization}
    path = f"/internal/contacts/{contact_id}/summary"
    try:
        async with asyncio.timeout(PART_SECONDS):
            answer = await gateway.upstreams["invoice"].ask("GET", path, headers)
        return _read(answer)
    except (Unavailable, TimeoutError):
        return _Missing("invoice")


async def _list(gateway: Gateway, caller: Caller, resource: str, query: JsonObject) -> Json:
    try:
        async with asyncio.timeout(PART_SECONDS):
            answer = await canonical.ask(gateway, caller, "GET", f"/v1/{resource}?{urlencode(query)}", {})
        return _read(answer)["data"]
    except NotFound:
        # The service does not have this resource, so there is nothing of it to show.
        return []
    except (Unavailable, TimeoutError):
        return _Missing(canonical.SERVICE_OF[resource])


def _read(answer: Answer) -> Json:
    """The answer's value; raises what a refusal means here."""
    if answer.is_success:
        return answer.json()
    try:
        detail = str(answer.json()["detail"])
    except (BillingError, KeyError, TypeError):
        detail = None
    meaning: dict[int, type[BillingError]] = {403: Forbidden, 404: NotFound, 422: Invalid}
    raise meaning.get(answer.status, Unavailable)(detail)
