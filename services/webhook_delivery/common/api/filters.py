"""Filters that several lists have: what a message is about, and its type."""

from typing import Annotated

from fastapi import Query

from services.webhook_delivery.event_types.domain import event_filter
from shared.kernel.errors import Invalid

TYPE_PATTERN = f"^{event_filter.TYPE_FORM}$"
OfType = Annotated[
    str | None,
    Query(max_length=event_filter.MAX_TYPE_LENGTH, pattern=TYPE_PATTERN, description="Of this event type."),
]
OfSubject = Annotated[
    str | None,
    Query(
        min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$", description="About this resource, by its id."
    ),
]


def one_subject(subject: str | None, resource_id: str | None) -> str | None:
    """What is asked for by either name; raises Invalid where the two differ."""
    if subject and resource_id and subject.lower() != resource_id.lower():
        raise Invalid("subject and resource_id are two names for one thing.", field="resource_id")
    # Ids are stored in small letters.
    return (subject or resource_id or "").lower() or None
