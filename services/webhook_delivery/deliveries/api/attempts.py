"""An attempt as the API shows it: what was sent, what came back."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.webhook_delivery.common.api import cursors
from services.webhook_delivery.deliveries.domain.delivery import (
    AttemptKind,
    Fault,
    LastAttempt,
    Outcome,
    State,
)
from services.webhook_delivery.deliveries.repository.attempts import LoggedAttempt
from shared.events.fields import Instant
from shared.http.pagination import Meta, Page


class LastAttemptReply(BaseModel):
    """How the newest attempt went."""

    at: Instant
    endpoint_id: UUID
    status: int | None = Field(description="The receiver's HTTP status; null without an answer.")
    error: str | None = Field(description="Why there was no answer: timeout, connection, tls, dns, blocked …")
    reason: str | None = Field(description="What that was, in one word, such as certificate_expired.")

    @classmethod
    def of(cls, last: LastAttempt) -> Self:
        """What is shown of it."""
        return cls(
            at=last.at,
            endpoint_id=last.endpoint_id,
            status=last.status,
            error=word(last.fault),
            reason=last.reason,
        )


class AttemptReply(BaseModel):
    """One request to one endpoint, and its answer."""

    delivery_id: UUID
    endpoint_id: UUID
    number: int = Field(description="Counts from 1.")
    kind: str = Field(description="auto, manual or test.")
    at: Instant
    duration_ms: int
    status: int | None = Field(description="The receiver's HTTP status; null without an answer.")
    error: str | None = Field(
        description="Why there was no answer: timeout, connection, tls, dns, blocked, protocol."
    )
    reason: str | None = Field(
        None,
        description="What that was, in one word: certificate_expired, certificate_self_signed, "
        "name_not_found, connection_refused, connect_timeout, answer_timeout, blocked_address … "
        "Expect words that are new.",
    )
    state: State = Field(description="Where the delivery stood after this attempt.")
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    response_body: str

    @classmethod
    def of(cls, logged: LoggedAttempt) -> Self:
        """What the log holds of an attempt."""
        return cls(
            delivery_id=logged.delivery_id,
            endpoint_id=logged.endpoint_id,
            number=logged.number,
            kind=word(logged.kind) or "",
            at=logged.at,
            duration_ms=logged.duration_ms,
            status=logged.status,
            error=word(logged.fault),
            reason=logged.reason,
            state=logged.state or State.PENDING,
            request_headers=logged.request_headers,
            response_headers=logged.response_headers,
            response_body=logged.response_body.decode("utf-8", "replace"),
        )

    @classmethod
    def of_outcome(cls, outcome: Outcome) -> Self:
        """An attempt that was just made."""
        result, delivery = outcome.result, outcome.delivery
        return cls(
            delivery_id=delivery.id,
            endpoint_id=delivery.endpoint_id,
            number=outcome.attempt_number,
            kind=word(delivery.kind) or "",
            at=outcome.started_at,
            duration_ms=result.duration_ms,
            status=result.status,
            error=word(result.fault),
            reason=result.reason,
            state=outcome.verdict.state,
            request_headers=dict(outcome.request_headers),
            response_headers=dict(result.headers),
            response_body=result.body.decode("utf-8", "replace"),
        )


def attempt_page(rows: Sequence[LoggedAttempt], limit: int) -> Page[AttemptReply]:
    """A page of attempts, of which one more than the limit was read."""
    shown = rows[:limit]
    next_cursor = cursors.encode(shown[-1].at, shown[-1].delivery_id) if len(rows) > limit else None
    data = [AttemptReply.of(attempt) for attempt in shown]
    return Page(data=data, meta=Meta(limit=limit, next_cursor=next_cursor))


def word(member: Fault | AttemptKind | None) -> str | None:
    """How replies call a fault or a kind."""
    return None if member is None else member.name.lower()
