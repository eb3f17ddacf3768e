"""What a channel tells later of a delivery: that it arrived, waits, bounced or failed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.invoice.sending.domain.delivery import Delivery, Outcome, Status, Step, Verdict, failed, moved
from shared.kernel.errors import Invalid

MAX_REPORTS = 100
"""Recipients that one report may tell of; ours go to one each."""


class State(StrEnum):
    """What is reported."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    FAILED = "failed"


_ALL = frozenset({Status.DELIVERED, Status.BOUNCED, Status.FAILED})
_NEWS: Mapping[Status, frozenset[Status]] = {
    # The report may come before the channel's own answer is stored.
    Status.SENDING: _ALL,
    Status.UNKNOWN: _ALL,
    Status.SENT: _ALL,
    # A server that took it may find later that nobody has this address.
    Status.DELIVERED: frozenset({Status.BOUNCED}),
}
_CODES = {State.BOUNCED: "recipient_refused", State.FAILED: "undeliverable"}


class ReportUnreadable(Invalid):
    """This is no report of a delivery that can be read."""

    code = "report_unreadable"


@dataclass(frozen=True, slots=True)
class Report:
    """A report of one delivery; found by its id, else by the channel's reference, else by its recipient.

    `identity` is what makes it this report and no other: the same again says nothing new.
    """

    state: State
    words: str
    identity: str
    delivery_id: UUID | None = None
    reference: str | None = None
    recipient: str | None = None

    @property
    def fingerprint(self) -> bytes:
        """The identity in a fixed length."""
        return hashlib.sha256(self.identity.encode("utf-8", "replace")).digest()


def reported(delivery: Delivery, report: Report, now: datetime) -> Step | None:
    """The delivery after the report; None where it says nothing new. No status ever goes back."""
    if report.state is State.DELAYED:
        is_under_way = delivery.status in (Status.SENT, Status.UNKNOWN)
        return (
            Step(replace(delivery, updated_at=now), None, ("delayed",), report.words)
            if is_under_way
            else None
        )
    status = Status(report.state.value)
    if status not in _NEWS.get(delivery.status, ()):
        return None
    if status is Status.DELIVERED:
        arrived = moved(
            delivery,
            status,
            now,
            sent_at=delivery.sent_at or now,
            provider_reference=delivery.provider_reference or report.reference,
            failure_code=None,
            failure_message=None,
        )
        was_known = delivery.status is Status.SENT
        return Step(arrived, None, ("delivered",) if was_known else ("sent", "delivered"), report.words)
    outcome = Outcome(Verdict(status.value), _CODES[report.state], report.words)
    return Step(failed(delivery, status, outcome, now), None, (status.value,), report.words)


def delivery_id_of(message_id: str) -> UUID | None:
    """Our delivery's id in a Message-ID that we gave; None for any other."""
    local = message_id.strip().removeprefix("<").partition("@")[0]
    try:
        return UUID(local)
    except ValueError:
        return None
