"""What a channel tells later of a delivery: that it arrived, waits, bounced or failed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.invoice.sending.domain.delivery import (
    Delivery,
    DeliveryChange,
    DeliveryStatus,
    Outcome,
    Verdict,
    fail,
    move,
)
from shared.kernel.errors import Invalid

MAX_REPORTS = 100
"""Recipients that one report may tell of; ours go to one each."""


class ReportedState(StrEnum):
    """What is reported."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    FAILED = "failed"


_ENDS = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.BOUNCED, DeliveryStatus.FAILED})
_REPORTABLE: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    # The report may come before the channel's own answer is stored.
    DeliveryStatus.SENDING: _ENDS,
    DeliveryStatus.UNKNOWN: _ENDS,
    DeliveryStatus.SENT: _ENDS,
    # A server that took it may find later that nobody has this address.
    DeliveryStatus.DELIVERED: frozenset({DeliveryStatus.BOUNCED}),
}
_CODES = {ReportedState.BOUNCED: "recipient_refused", ReportedState.FAILED: "undeliverable"}


class ReportUnreadable(Invalid):
    """This is no report of a delivery that can be read."""

    code = "report_unreadable"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A report of one delivery; found by its id, else by the channel's reference, else by its recipient.

    `identity` is what makes it this report and no other: the same again says nothing new.
    """

    state: ReportedState
    words: str
    identity: str
    delivery_id: UUID | None = None
    reference: str | None = None
    recipient: str | None = None

    @property
    def fingerprint(self) -> bytes:
        """The identity in a fixed length."""
        return hashlib.sha256(self.identity.encode("utf-8", "replace")).digest()


def apply_report(delivery: Delivery, report: DeliveryReport, now: datetime) -> DeliveryChange | None:
    """The delivery after the report; None where it says nothing new. No status ever goes back."""
    if report.state is ReportedState.DELAYED:
        is_under_way = delivery.status in (DeliveryStatus.SENT, DeliveryStatus.UNKNOWN)
        return (
            DeliveryChange(replace(delivery, updated_at=now), None, ("delayed",), report.words)
            if is_under_way
            else None
        )
    status = DeliveryStatus(report.state.value)
    if status not in _REPORTABLE.get(delivery.status, ()):
        return None
    if status is DeliveryStatus.DELIVERED:
        arrived = move(
            delivery,
            status,
            now,
            sent_at=delivery.sent_at or now,
            provider_reference=delivery.provider_reference or report.reference,
            failure_code=None,
            failure_message=None,
        )
        was_known = delivery.status is DeliveryStatus.SENT
        return DeliveryChange(
            arrived, None, ("delivered",) if was_known else ("sent", "delivered"), report.words
        )
    outcome = Outcome(Verdict(status.value), _CODES[report.state], report.words)
    return DeliveryChange(fail(delivery, status, outcome, now), None, (status.value,), report.words)


def delivery_id_of(message_id: str) -> UUID | None:
    """Our delivery's id in a Message-ID that we gave; None for any other."""
    local = message_id.strip().removeprefix("<").partition("@")[0]
    try:
        return UUID(local)
    except ValueError:
        return None
