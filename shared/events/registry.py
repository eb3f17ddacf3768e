"""Imports every event class, so that EVENTS is complete: topics, schemas and consumers are read off it."""

from shared.events import business, contact, invoice, payment, product, quote, workspace
from shared.events.event import EVENTS

__all__ = ["EVENTS", "TOPICS", "business", "contact", "invoice", "payment", "product", "quote", "workspace"]

TOPICS: tuple[str, ...] = tuple(sorted(EVENTS))
