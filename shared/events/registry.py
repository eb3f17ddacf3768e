"""Imports every event class, so that EVENTS is complete: topics, schemas and consumers are read off it."""

from shared.events import (
    business,
    contact,
    credit_note,
    delivery,
    dunning,
    e_invoice,
    invoice,
    meter,
    payment,
    payment_method,
    product,
    quote,
    subscription,
    webhook_endpoint,
    workspace,
)
from shared.events.event import EVENTS

__all__ = [
    "EVENTS",
    "JOURNAL",
    "TOPICS",
    "business",
    "contact",
    "credit_note",
    "delivery",
    "dunning",
    "e_invoice",
    "invoice",
    "meter",
    "payment",
    "payment_method",
    "product",
    "quote",
    "subscription",
    "webhook_endpoint",
    "workspace",
]

TOPICS: tuple[str, ...] = tuple(sorted(EVENTS))
JOURNAL = "events.journal"
"""The topic of all events: those of one object stand in it in the order in which they were made."""
