"""The status words of this dialect, and what they are in ours."""

from collections.abc import Mapping
from typing import Any

from shared.kernel.errors import Invalid

INVOICE_FILTERS: Mapping[str, list[tuple[str, str | int]]] = {
    "concept": [("status", "draft")],
    "verzonden": [("status", "open"), ("payment_status", "unpaid")],
    "deels_betaald": [("status", "open"), ("payment_status", "partially_paid")],
    "betaald": [("status", "paid")],
    "geannuleerd": [("status", "void")],
    "oninbaar": [("status", "uncollectible")],
    "vervallen": [("status", "open"), ("overdue", "true")],
}
"""A word of theirs as our query; `vervallen` is a filter only: lateness never changes an invoice's word."""

INVOICE_WORDS = tuple(word for word in INVOICE_FILTERS if word != "vervallen")
NEW_INVOICE_WORDS = {"concept": "draft", "verzonden": "open"}
QUOTES = {
    "concept": "draft",
    "verzonden": "sent",
    "geaccepteerd": "accepted",
    "afgewezen": "declined",
    "verlopen": "expired",
}
SUBSCRIPTIONS = {
    "proef": "trialing",
    "actief": "active",
    "gepauzeerd": "paused",
    "achterstallig": "past_due",
    "opgezegd": "canceled",
}
# A subscription that came to its end counts as cancelled.
_SAME_AS = {"ended": "canceled"}
_INVOICE_OF_STATUS = {
    "draft": "concept",
    "open": "verzonden",
    "paid": "betaald",
    "void": "geannuleerd",
    "uncollectible": "oninbaar",
}
_OF_PAYMENT_STATUS = {"unpaid": "verzonden", "partially_paid": "deels_betaald", "paid": "betaald"}


def filters(words: Mapping[str, str]) -> dict[str, list[tuple[str, str | int]]]:
    """Each word as our query."""
    also = {status: other for other, status in _SAME_AS.items()}
    return {
        word: [("status", one) for one in (status, also.get(status)) if one] for word, status in words.items()
    }


def invoice(status: str, payment_status: str) -> str:
    """The word for an invoice of ours."""
    if status == "open":
        return _OF_PAYMENT_STATUS[payment_status]
    return _INVOICE_OF_STATUS[status]


def invoice_of_status(status: str) -> str:
    """The word for a status of ours where nothing is said about payments; unknown ones stay as they are."""
    return _INVOICE_OF_STATUS.get(status, status)


def word_of_payment_status(payment_status: str) -> str:
    """The word for an issued invoice with this payment status."""
    return _OF_PAYMENT_STATUS[payment_status]


def word_of(words: Mapping[str, str], status: Any) -> str:
    """The word for a status of ours; one that the dialect has no word for stays as it is."""
    same = _SAME_AS.get(status, status)
    return next((word for word, ours in words.items() if ours == same), str(status))


def require(word: str, words: Mapping[str, Any]) -> Any:
    """What the word means; raises Invalid naming `status` and the words that there are."""
    if word not in words:
        raise Invalid(f"{word} is not one of {', '.join(words)}.", field="status")
    return words[word]
