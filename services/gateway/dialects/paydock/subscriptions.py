"""Subscriptions: read, and moved on by their status."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Body, Operation, getting
from services.gateway.dialects.common.fields import Instant, Number, Uuid, number
from services.gateway.dialects.paydock import words
from services.gateway.dialects.paydock.documents import FILTERS, listing, moving
from services.gateway.dialects.paydock.fields import Page, status_parameter
from services.gateway.dialects.paydock.products import prices

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


def to_reply(ours: Mapping[str, Any]) -> Subscription:
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
        "listSubscriptions", "GET", "/subscriptions", TAG, "List with filters",
        listing(PATH, to_reply, words.filters(words.SUBSCRIPTIONS)),
        query=(status_parameter(tuple(words.SUBSCRIPTIONS)), *FILTERS),
        reply=Page[Subscription],
    ),
    Operation(
        "getSubscription", "GET", "/subscriptions/{id}", TAG, "Subscription with lines",
        getting(PATH, to_reply), reply=Subscription,
    ),
    Operation(
        "updateSubscription", "PATCH", "/subscriptions/{id}", TAG, "Update status",
        moving(PATH, to_reply, words.SUBSCRIPTIONS, MOVES),
        request=SubscriptionChanges, reply=Subscription, example={"status": "gepauzeerd"},
    ),
)  # fmt: skip
