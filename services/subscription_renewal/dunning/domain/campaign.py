"""Dunning: a schedule of retries for an invoice whose automatic collection failed, and how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import TypedDict
from uuid import UUID

from services.subscription_renewal.copies.domain.failed_collection import FailedCollection
from services.subscription_renewal.dunning.domain.settings import DunningSettings
from shared.events.dunning import DunningData, TerminalAction
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move

ANSWER_WITHIN = timedelta(days=14)
"""The last retry counts as failed when nothing is heard of it for so long; a direct debit takes days."""


class DunningState(StrEnum):
    """Where a campaign stands."""

    ACTIVE = "active"
    WAITING = "waiting_for_payment_method"
    RECOVERED = "recovered"
    EXHAUSTED = "exhausted"
    CANCELED = "canceled"


_OVER = frozenset({DunningState.RECOVERED, DunningState.EXHAUSTED, DunningState.CANCELED})
MOVES: Mapping[DunningState, frozenset[DunningState]] = {
    DunningState.ACTIVE: frozenset({DunningState.WAITING}) | _OVER,
    DunningState.WAITING: frozenset({DunningState.ACTIVE}) | _OVER,
    # Money that comes after the last retry is money all the same.
    DunningState.EXHAUSTED: frozenset({DunningState.RECOVERED}),
    DunningState.RECOVERED: frozenset(),
    DunningState.CANCELED: frozenset(),
}


class AttemptState(StrEnum):
    """What became of a row of the schedule."""

    PLANNED = "planned"
    ASKED = "asked"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of the schedule."""

    number: int
    due_at: datetime
    state: AttemptState = AttemptState.PLANNED
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dunning:
    """A campaign at one version. Its rows are all written at the first failure."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    invoice_id: UUID
    contact_id: UUID
    subscription_id: UUID | None
    status: DunningState
    attempt_count: int
    last_failed_at: datetime
    last_failure_code: str | None
    terminal_action: TerminalAction
    attempts: tuple[Attempt, ...]
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether something can still come of it."""
        return self.status not in _OVER

    @property
    def planned(self) -> tuple[Attempt, ...]:
        """The rows that are left."""
        return tuple(row for row in self.attempts if row.state is AttemptState.PLANNED)

    @property
    def next_step_at(self) -> datetime | None:
        """When the clock has something to do with it: a row falls due, or the last answer is overdue."""
        if not self.is_open:
            return None
        if self.planned:
            return self.planned[0].due_at
        asked = [row.asked_at for row in self.attempts if row.asked_at]
        return max(asked, default=self.last_failed_at) + ANSWER_WITHIN


def begin(failure: FailedCollection, settings: DunningSettings, now: datetime) -> Dunning:
    """A campaign from the first failure on."""
    days = accumulate(settings.intervals_days)
    rows = (failure.failed_at + timedelta(days=after) for after in days)
    return Dunning(
        workspace_id=failure.workspace_id,
        id=new_id(),
        version=1,
        created_at=failure.failed_at,
        updated_at=now,
        invoice_id=failure.invoice_id,
        contact_id=failure.contact_id,
        subscription_id=failure.subscription_id,
        status=_status_after(failure),
        attempt_count=0,
        last_failed_at=failure.failed_at,
        last_failure_code=failure.code,
        terminal_action=settings.terminal_action,
        attempts=tuple(Attempt(number, due_at) for number, due_at in enumerate(rows, 1)),
    )


def fail(dunning: Dunning, failure: FailedCollection, now: datetime) -> Dunning:
    """Another automatic attempt failed: it answers every row that was asked for. The last one exhausts it."""
    if not dunning.is_open or failure.failed_at < dunning.last_failed_at:
        return dunning
    failed = replace(
        dunning,
        **_next(dunning, now),
        status=_status_after(failure),
        last_failed_at=failure.failed_at,
        last_failure_code=failure.code,
        attempts=_with(dunning, {AttemptState.ASKED: AttemptState.FAILED}),
    )
    return _exhausted_without_rows(failed, now)


def take_due(dunning: Dunning, now: datetime) -> Dunning:
    """What the clock does: the newest row that is due is asked for; while it waits, rows pass by.

    Of several rows that are due (the service was down) only one is asked for: a burst is no schedule.
    """
    due = [row.number for row in dunning.planned if row.due_at <= now]
    if not dunning.is_open or (dunning.next_step_at or now) > now:
        return dunning
    if not due:
        # Nobody answered the last retry.
        failed = _with(dunning, {AttemptState.ASKED: AttemptState.FAILED})
        return _exhausted_without_rows(replace(dunning, **_next(dunning, now), attempts=failed), now)
    if dunning.status is DunningState.WAITING:
        passed = tuple(_skipped(row) if row.number in due else row for row in dunning.attempts)
        return _exhausted_without_rows(replace(dunning, **_next(dunning, now), attempts=passed), now)
    return _asked(dunning, due[-1], now)


def new_payment_method(dunning: Dunning, usable_since: datetime, now: datetime) -> Dunning:
    """A payment method that the last failure did not know of: the next row is asked for at once."""
    if dunning.status is not DunningState.WAITING or usable_since <= dunning.last_failed_at:
        return dunning
    return _asked(replace(dunning, status=DunningState.ACTIVE), dunning.planned[0].number, now)


def settle(dunning: Dunning, is_paid: bool, settled_at: datetime, now: datetime) -> Dunning:
    """Nothing is to be collected any more: the money came, or the invoice was taken back."""
    status = DunningState.RECOVERED if is_paid else DunningState.CANCELED
    if status not in MOVES[dunning.status]:
        return dunning
    ended_at = dunning.ended_at or max(settled_at, dunning.created_at)
    return replace(dunning, **_next(dunning, now), status=status, ended_at=ended_at)


def stop(dunning: Dunning, now: datetime) -> Dunning:
    """End it by hand; raises IllegalMove when it is over already."""
    require_move(MOVES, dunning.status, DunningState.CANCELED)
    return replace(dunning, **_next(dunning, now), status=DunningState.CANCELED, ended_at=now)


def has_just_asked(before: Dunning | None, after: Dunning) -> bool:
    """Whether this change asks for a retry."""
    return before is not None and after.attempt_count > before.attempt_count


def has_just_ended(before: Dunning | None, after: Dunning) -> bool:
    """Whether this change ends the campaign."""
    return not after.is_open and (before is None or before.is_open)


def snapshot(dunning: Dunning) -> DunningData:
    """The campaign as the public API and events show it."""
    left = [row.due_at for row in dunning.planned] if dunning.is_open else []
    return DunningData(
        id=dunning.id,
        version=dunning.version,
        created_at=dunning.created_at,
        updated_at=dunning.updated_at,
        invoice_id=dunning.invoice_id,
        contact_id=dunning.contact_id,
        subscription_id=dunning.subscription_id,
        status=dunning.status.value,
        attempt_count=dunning.attempt_count,
        next_attempt_at=left[0] if left and dunning.status is DunningState.ACTIVE else None,
        remaining_attempts=left,
        last_failure_code=dunning.last_failure_code,
        terminal_action=dunning.terminal_action,
        ended_at=dunning.ended_at,
    )


def _status_after(failure: FailedCollection) -> DunningState:
    return DunningState.WAITING if failure.is_hard else DunningState.ACTIVE


def _asked(dunning: Dunning, number: int, now: datetime) -> Dunning:
    def moved(row: Attempt) -> Attempt:
        if row.number == number:
            return replace(row, state=AttemptState.ASKED, asked_at=now)
        is_passed = row.number < number and row.state is AttemptState.PLANNED
        return _skipped(row) if is_passed else row

    attempts = tuple(map(moved, dunning.attempts))
    return replace(dunning, **_next(dunning, now), attempts=attempts, attempt_count=dunning.attempt_count + 1)


def _exhausted_without_rows(dunning: Dunning, now: datetime) -> Dunning:
    if dunning.planned:
        return dunning
    return replace(dunning, status=DunningState.EXHAUSTED, ended_at=max(now, dunning.created_at))


def _with(dunning: Dunning, states: Mapping[AttemptState, AttemptState]) -> tuple[Attempt, ...]:
    return tuple(replace(row, state=states.get(row.state, row.state)) for row in dunning.attempts)


def _skipped(row: Attempt) -> Attempt:
    return replace(row, state=AttemptState.SKIPPED)


class _NextVersion(TypedDict):
    version: int
    updated_at: datetime


def _next(dunning: Dunning, now: datetime) -> _NextVersion:
    """What every change of it changes."""
    return {"version": dunning.version + 1, "updated_at": now}
