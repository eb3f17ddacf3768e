"""Deliveries: a document on its way to its contact over one channel, and what becomes of each attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.invoice.documents.domain.print_model import Kind
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.json import JsonObject
from shared.kernel.moves import require_move

Channel = Literal["email", "sms", "link"]
RetryTo = Literal["present", "original"]
"""Whom another try goes to: the contact's address of now, or the one that it had."""
ADDRESS_FIELDS: Mapping[Channel, str] = {"email": "email", "sms": "phone"}
"""Where a contact's address for a channel stands."""
MAX_UNANSWERED = 2
"""Attempts of one e-mail that may end without an answer: the second repeats the first's Message-ID."""


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELED = "canceled"


_OUTCOMES = frozenset(
    {
        DeliveryStatus.QUEUED,
        DeliveryStatus.SENT,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.BOUNCED,
        DeliveryStatus.FAILED,
        DeliveryStatus.UNKNOWN,
        DeliveryStatus.CANCELED,
    }
)
MOVES: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    # Straight to an end where nothing leaves the house: simulated, canceled, or no connection to be had.
    DeliveryStatus.QUEUED: _OUTCOMES | {DeliveryStatus.SENDING},
    DeliveryStatus.SENDING: _OUTCOMES,
    DeliveryStatus.UNKNOWN: _OUTCOMES | {DeliveryStatus.SENDING},
    # What the channel reports later.
    DeliveryStatus.SENT: frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.BOUNCED, DeliveryStatus.FAILED}),
    DeliveryStatus.DELIVERED: frozenset({DeliveryStatus.BOUNCED}),
    # Somebody asked for another try.
    DeliveryStatus.BOUNCED: frozenset({DeliveryStatus.QUEUED}),
    DeliveryStatus.FAILED: frozenset({DeliveryStatus.QUEUED}),
    DeliveryStatus.CANCELED: frozenset(),
}


class Verdict(StrEnum):
    """What an attempt came to."""

    SENT = "sent"
    DELIVERED = "delivered"
    TEMPORARY = "temporary"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELED = "canceled"


class RecipientMissing(Invalid):
    """The contact has no address for this channel, and none was given."""

    code = "recipient_missing"


class RecipientRefused(Conflict):
    """This address refused what was sent there before: correct it, or send with `force`."""

    code = "recipient_refused"


class ChannelNotOffered(Invalid):
    """This document is not sent over this channel."""

    code = "channel_not_offered"


class DeliveryUnderWay(Conflict):
    """The delivery is under way, or arrived: only a failed or unknown one is tried again."""

    code = "delivery_not_retryable"


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """How a document is to be sent: over which channels, as what, and to whom.

    `level` is 0 for the document itself, 1 to 3 for a reminder: friendly, second, formal notice. The same
    `dedupe_key` for the same document, channel and level is the same delivery.
    """

    channels: Sequence[Channel]
    level: int = 0
    dedupe_key: str = ""
    email: str | None = None
    phone: str | None = None
    message: str | None = None
    is_forced: bool = False

    def recipient(self, channel: Channel) -> str | None:
        """The address that was given for the channel, if any."""
        return {"email": self.email, "sms": self.phone}.get(channel)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a channel says of an attempt; `code` is a word of ours, `message` the channel's own."""

    verdict: Verdict
    code: str | None = None
    message: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document's way to its contact over one channel, at one version."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: Kind
    document_id: UUID
    contact_id: UUID
    channel: Channel
    level: int
    dedupe_key: str
    recipient: str | None
    message: str | None = None
    status: DeliveryStatus = DeliveryStatus.QUEUED
    attempt_count: int = 0
    unknown_count: int = 0
    failure_code: str | None = None
    failure_message: str | None = None
    provider_reference: str | None = None
    sent_at: datetime | None = None
    next_attempt_at: datetime | None = None
    lease_token: UUID | None = None
    # Whoever sent it gave the address, so it is not the contact's and does not change with it.
    is_recipient_given: bool = False

    @property
    def is_of_invoice_itself(self) -> bool:
        """Whether it brings an invoice, and no reminder of it."""
        return self.kind == "invoice" and self.level == 0

    @property
    def is_resting(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.next_attempt_at is None


@dataclass(frozen=True, slots=True)
class DeliveryChange:
    """A delivery after something happened: how long until its next attempt, and what its timeline says."""

    delivery: Delivery
    delay: timedelta | None
    happened: tuple[str, ...]
    detail: str | None = None


def begin(delivery: Delivery, now: datetime) -> Delivery:
    """An attempt begins: stored before anything leaves, so that a crash cannot make it unheard of."""
    require_move(MOVES, delivery.status, DeliveryStatus.SENDING)
    return move(delivery, DeliveryStatus.SENDING, now, attempt_count=delivery.attempt_count + 1)


def outcome_of_interruption(delivery: Delivery) -> Outcome | None:
    """What is to be said of a delivery whose last attempt never told how it went; None for any other."""
    if delivery.status is not DeliveryStatus.SENDING:
        return None
    return Outcome(Verdict.UNKNOWN, "interrupted", "The attempt was cut off; it may have been sent.")


def conclude(
    delivery: Delivery, outcome: Outcome, now: datetime, delays: Sequence[timedelta]
) -> DeliveryChange:
    """The delivery after an attempt; `delays` are those between attempts that surely failed."""
    if delivery.status is not DeliveryStatus.SENDING and outcome.verdict is not Verdict.CANCELED:
        delivery = replace(delivery, attempt_count=delivery.attempt_count + 1)
    detail = outcome.message or outcome.code
    if outcome.verdict is Verdict.TEMPORARY:
        return _retry_later(delivery, outcome, now, delays)
    if outcome.verdict is Verdict.UNKNOWN:
        return _conclude_unanswered(delivery, outcome, now, delays)
    status = DeliveryStatus(outcome.verdict.value)
    if status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED):
        done = move(
            delivery,
            status,
            now,
            sent_at=delivery.sent_at or now,
            provider_reference=outcome.reference or delivery.provider_reference,
            failure_code=None,
            failure_message=None,
        )
        return DeliveryChange(
            done, None, ("sent", "delivered") if status is DeliveryStatus.DELIVERED else ("sent",)
        )
    return DeliveryChange(fail(delivery, status, outcome, now), None, (status.value,), detail)


def retry(delivery: Delivery, recipient: str | None, now: datetime) -> DeliveryChange:
    """Somebody wants another try, to this address; raises DeliveryUnderWay unless it did not arrive."""
    is_over = (
        delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.UNKNOWN)
        and delivery.is_resting
    )
    if not is_over:
        raise DeliveryUnderWay(field="status", status_now=delivery.status.value)
    queued = move(delivery, DeliveryStatus.QUEUED, now, attempt_count=0, unknown_count=0, recipient=recipient)
    detail = f"to {recipient} instead of {delivery.recipient}" if recipient != delivery.recipient else None
    return DeliveryChange(queued, timedelta(0), ("queued",), detail)


def _retry_later(
    delivery: Delivery, outcome: Outcome, now: datetime, delays: Sequence[timedelta]
) -> DeliveryChange:
    detail = outcome.message or outcome.code
    if delivery.attempt_count > len(delays):
        return DeliveryChange(fail(delivery, DeliveryStatus.FAILED, outcome, now), None, ("failed",), detail)
    delay = delays[delivery.attempt_count - 1]
    return DeliveryChange(fail(delivery, DeliveryStatus.QUEUED, outcome, now), delay, ("delayed",), detail)


def _conclude_unanswered(
    delivery: Delivery, outcome: Outcome, now: datetime, delays: Sequence[timedelta]
) -> DeliveryChange:
    detail = outcome.message or outcome.code
    unknown = replace(
        fail(delivery, DeliveryStatus.UNKNOWN, outcome, now),
        unknown_count=delivery.unknown_count + 1,
        provider_reference=outcome.reference or delivery.provider_reference,
    )
    # A mail server that has it already knows it by its Message-ID; a text message would be sent twice.
    is_last = delivery.channel != "email" or unknown.unknown_count >= MAX_UNANSWERED or not delays
    return DeliveryChange(unknown, None if is_last else delays[0], ("unknown",), detail)


def fail(delivery: Delivery, status: DeliveryStatus, outcome: Outcome, now: datetime) -> Delivery:
    """The delivery in this status, with why."""
    return move(
        delivery,
        status,
        now,
        failure_code=outcome.code,
        failure_message=(outcome.message or "")[:500] or None,
    )


def move(delivery: Delivery, status: DeliveryStatus, now: datetime, **fields: object) -> Delivery:
    """The delivery in this status, at rest; raises IllegalMove."""
    if status is not delivery.status:
        require_move(MOVES, delivery.status, status)
    # When it is due next is the database's to say, on its own clock.
    changes: JsonObject = {"next_attempt_at": None, **fields, "status": status, "updated_at": now}
    return replace(delivery, **changes, version=delivery.version + 1)
