"""Runs: the renewals of one workspace on one of its days, as something that can be watched and stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.kernel.errors import Conflict

Status = Literal["running", "completed", "paused"]


class RunIsPaused(Conflict):
    """The workspace's renewals are paused: resume the run first."""

    code = "renewal_run_is_paused"


class RunIsNotPaused(Conflict):
    """The run is not paused."""

    code = "renewal_run_is_not_paused"


class RunIsOver(Conflict):
    """A newer run has taken over: pause that one."""

    code = "renewal_run_is_over"


@dataclass(frozen=True, slots=True)
class DueWorkspace:
    """A workspace in which something is due at `as_of` on its clock, the oldest of it since `oldest_at`."""

    workspace_id: UUID
    as_of: datetime
    today: date
    is_sandbox: bool
    oldest_at: datetime
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a run is absurd: so many times the largest before it, from a least size on."""

    jump_factor: int = 20
    jump_minimum_count: int = 10_000
    check_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Run:
    """One day of one workspace: what was done, what is still due, and how fast it goes."""

    id: UUID
    run_on: date
    opened_at: datetime
    paused_at: datetime | None
    paused_reason: str | None
    renewed_count: int
    ended_count: int
    parked_count: int
    due_count: int
    as_of: datetime | None
    finished_at: datetime | None
    recent_count: int
    recent_seconds: float

    @property
    def status(self) -> Status:
        """Paused, running while something is due, else completed until something falls due that day."""
        if self.paused_at is not None:
            return "paused"
        return "running" if self.due_count else "completed"

    @property
    def done_count(self) -> int:
        """Subscriptions that it has dealt with."""
        return self.renewed_count + self.ended_count + self.parked_count

    @property
    def progress_percent(self) -> int:
        """How much of what was due is done, in whole percent."""
        whole = self.done_count + self.due_count
        return 100 if whole == 0 else self.done_count * 100 // whole

    @property
    def per_minute(self) -> int | None:
        """How many subscriptions its last minute of work dealt with, as a rate."""
        if self.recent_count == 0 or self.recent_seconds <= 0:
            return None
        return int(self.recent_count * 60 // self.recent_seconds)

    @property
    def seconds_left(self) -> int | None:
        """How long what is due will take at this rate; None where no rate is known or it is paused."""
        if self.status == "paused" or self.per_minute is None:
            return None
        return -(-self.due_count * 60 // self.per_minute) if self.per_minute else None


def absurdity(done: int, due: int, forerunners: Sequence[int], bounds: Bounds) -> str | None:
    """Why a run of this size is not to be believed; None where it is, or where nothing came before it."""
    size, largest = done + due, max(forerunners, default=0)
    if size < bounds.jump_minimum_count or largest == 0 or size <= largest * bounds.jump_factor:
        return None
    return f"{size} or more subscriptions are due in one run, at most {largest} were in any before it"
