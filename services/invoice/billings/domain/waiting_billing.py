"""Billings that no invoice could be made of yet: they wait until the workspace has mended the reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.events.event import decode
from shared.events.subscription import Billed
from shared.kernel.errors import BillingError

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Problem:
    """A billing, and why no invoice can be made of it as things are."""

    billed: Billed
    error: BillingError


@dataclass(frozen=True, slots=True)
class Claimed:
    """A billing whose turn has come again, and how often it was tried."""

    billed: Billed
    attempt_count: int


@dataclass(frozen=True, slots=True)
class WaitingBilling:
    """A billing that waits, with what was last in its way; times are real ones."""

    id: UUID
    subscription_id: UUID
    contact_id: UUID
    reason: str
    period_start: datetime
    period_end: datetime
    problem_code: str
    problem: str
    attempt_count: int
    first_attempt_at: datetime
    next_attempt_at: datetime


def claimed(event_type: str, event: bytes, attempt_count: int) -> Claimed:
    """A billing as it was kept; raises ValueError for an event of another kind."""
    billed = decode(event_type, event)
    if not isinstance(billed, Billed):
        raise ValueError(f"{event_type} bills nothing")
    return Claimed(billed, attempt_count)


def pause(attempt_count: int) -> timedelta:
    """How long to wait after so many attempts: doubling, from ten seconds to an hour."""
    doublings = min(max(attempt_count - 1, 0), 20)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))
