"""The status words of this dialect, and what they are in ours."""

from collections.abc import Mapping
from typing import Any

from services.gateway.dialects.common.dialect import invalid

_OPEN: tuple[str, str | int] = ("status", "open")
INVOICE_FILTERS: Mapping[str, list[tuple[str, str | int]]] = {
    "draft": [("status", "draft")],
    "sent": [_OPEN, ("overdue", "false"), ("opened", "false")],
    "opened": [_OPEN, ("overdue", "false"), ("opened", "true")],
    "paid": [("status", "paid")],
    "overdue": [_OPEN, ("overdue", "true")],
    "cancelled": [("status", "void"), ("status", "uncollectible")],
}
"""A word of theirs as our query."""

_WORDS = {
    "draft": "draft",
    "open": "sent",
    "paid": "paid",
    "void": "cancelled",
    "uncollectible": "cancelled",
}
_EVENTS = {"voided": "cancelled"}


def word(status: str) -> str:
    """The word for a status of ours; one that the dialect has no word for stays as it is."""
    return _WORDS.get(status, status)


def invoice(ours: Mapping[str, Any]) -> str:
    """The word for an invoice of ours: lateness counts before having been opened."""
    if ours["status"] == "open" and ours["is_overdue"]:
        return "overdue"
    if ours["status"] == "open" and ours["opened_at"]:
        return "opened"
    return word(ours["status"])


def event(type_: str) -> str:
    """The word for what happened to an invoice: ours without its first part."""
    name = type_.removeprefix("invoice.").removeprefix("delivery.")
    return _EVENTS.get(name, name)


def filter_of(asked: str | None) -> list[tuple[str, str | int]]:
    """Our query for a word; raises Invalid naming the words that there are."""
    if asked is None:
        return []
    if asked not in INVOICE_FILTERS:
        raise invalid("status", f"must be one of {', '.join(INVOICE_FILTERS)}")
    return INVOICE_FILTERS[asked]
