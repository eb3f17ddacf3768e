"""Subscriptions: read, and moved on by their status."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.dialect import Ask, Body, Call, Operation, Reply, Translation, asked
from services.gateway.dialects.paydock import words
from services.gateway.dialects.paydock.fields import (
    CONTACT_ID,
    LIMIT,
    OFFSET,
    Instant,
    Number,
    Page,
    Uuid,
    number,
    page,
    part_of_list,
    status_parameter,
)
from services.gateway.dialects.paydock.products import prices
from shared.kernel.errors import Invalid

TAG = "Subscriptions"
PATH = "/v1/subscriptions"
MOVES: Mapping[str, tuple[str, Any]] = {
    "actief": ("resume", None),
    "gepauzeerd": ("pause", None),
    "opgezegd": ("cancel", {"at": "now"}),
}


class SubscriptionChanges(Body):
    """The word that the subscription is to have."""

    status: str


class SubscriptionLine(BaseModel):
    """What is charged each period."""

    description: str | None
    quantity: Number | None
    unit_price_incl: Number | None
    unit_price: Number | None
    tax_percentage: Number | None
    product_id: Uuid | None


class Subscription(BaseModel):
    """A subscription with its lines."""

    id: Uuid
    status: str
    contact_id: Uuid
    currency: str
    interval: str | None
    interval_count: int | None
    current_period_start: Instant | None
    current_period_end: Instant | None
    next_billing_at: Instant | None
    lines: list[SubscriptionLine]
    created_at: Instant
    updated_at: Instant


def list_(call: Call) -> Translation:
    """GET /subscriptions"""
    query = part_of_list(call)
    if word := call.one("status"):
        query.append(("status", words.require(word, words.SUBSCRIPTIONS)))
    if contact_id := call.one_id("contact_id"):
        query.append(("contact_id", contact_id))
    ours = yield Ask("GET", PATH, query)
    return page(call, ours, [theirs(subscription) for subscription in ours.body["data"]])


def get(call: Call) -> Translation:
    """GET /subscriptions/{id}"""
    ours = yield Ask("GET", f"{PATH}/{call.id}")
    return Reply(200, theirs(ours.body).model_dump())


def update(call: Call) -> Translation:
    """PATCH /subscriptions/{id}: pauses, resumes or cancels at once."""
    body: SubscriptionChanges = call.body
    path = f"{PATH}/{call.id}"
    status = words.require(body.status, words.SUBSCRIPTIONS)
    ours = yield Ask("GET", path)
    if ours.body["status"] != status:
        if body.status not in MOVES:
            raise Invalid(f"A subscription is not set to {body.status}.", field="status")
        verb, ours_body = MOVES[body.status]
        ours = yield from asked(Ask("POST", f"{path}/{verb}", body=ours_body), lambda pointer: "/status")
    return Reply(200, theirs(ours.body).model_dump())


def theirs(ours: Mapping[str, Any]) -> Subscription:
    """Their subscription."""
    same = ("id", "contact_id", "currency", "created_at", "updated_at")
    periods = ("interval", "interval_count", "current_period_start", "current_period_end", "next_billing_at")
    shown: dict[str, Any] = {name: ours[name] for name in same} | {name: ours.get(name) for name in periods}
    return Subscription(
        **shown,
        status=words.word_of(words.SUBSCRIPTIONS, ours["status"]),
        lines=[_line(line, ours["currency"]) for line in ours.get("lines", [])],
    )


def _line(ours: Mapping[str, Any], currency: str) -> SubscriptionLine:
    return SubscriptionLine(
        description=ours.get("description"),
        quantity=number(ours.get("quantity")),
        **prices(ours.get("unit_price"), ours.get("tax_behavior"), currency),
        tax_percentage=number(ours.get("tax_rate")),
        product_id=ours.get("product_id"),
    )


OPERATIONS = (
    Operation(
        "listSubscriptions", "GET", "/subscriptions", TAG, "List with filters", list_,
        query=(status_parameter(tuple(words.SUBSCRIPTIONS)), CONTACT_ID, LIMIT, OFFSET),
        reply=Page[Subscription],
    ),
    Operation(
        "getSubscription", "GET", "/subscriptions/{id}", TAG, "Subscription with lines", get,
        reply=Subscription,
    ),
    Operation(
        "updateSubscription", "PATCH", "/subscriptions/{id}", TAG, "Update status", update,
        request=SubscriptionChanges, reply=Subscription, example={"status": "gepauzeerd"},
    ),
)  # fmt: skip
