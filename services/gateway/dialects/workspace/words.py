"""The status words of this dialect, and what they are in ours."""

from collections.abc import Sequence

from services.gateway.dialects.common.dialect import Call, invalid

STATUSES = {
    "draft": "draft",
    "issued": "open",
    "paid": "paid",
    "void": "void",
    "uncollectible": "uncollectible",
}
_WORDS = {status: word for word, status in STATUSES.items()}


def word(status: str) -> str:
    """The word for a status of ours; one that the dialect has no word for stays as it is."""
    return _WORDS.get(status, status)


def read_statuses(call: Call) -> Sequence[str]:
    """The words that a list is filtered by, repeated or separated by commas; raises Invalid for others."""
    given = [text.strip() for value in call.query.get("status", ()) for text in value.split(",")]
    words = list(dict.fromkeys(text for text in given if text))
    for one in words:
        if one not in STATUSES:
            raise invalid("status", f"{one} is not one of {', '.join(STATUSES)}")
    return words
