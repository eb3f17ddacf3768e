"""A job that sends again in bulk: what was not delivered (recover), or messages anew (replay)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import State
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move

RECOVERABLE = (State.EXHAUSTED, State.HELD)


class JobRunning(Conflict):
    """A job of this webhook endpoint is running; wait for it or cancel it."""

    code = "job_running"


class JobKind(StrEnum):
    """What is sent again."""

    RECOVER = "recover"
    REPLAY = "replay"


class JobStatus(StrEnum):
    """Whether there is more to do."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


MOVES: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.RUNNING: frozenset({JobStatus.DONE, JobStatus.CANCELLED}),
    JobStatus.DONE: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class JobCursor:
    """How far a job is: the last end of a delivery that it saw, or the last place in the feed."""

    at: datetime | None = None
    id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Of messages accepted from `since` until before `until`; counts are of deliveries or messages."""

    workspace_id: UUID
    id: UUID
    version: int
    endpoint_id: UUID
    kind: JobKind
    status: JobStatus
    since: datetime
    until: datetime
    states: Sequence[State]
    only_missing: bool
    cursor: JobCursor
    total_count: int
    seen_count: int
    queued_count: int
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What somebody asked for."""

    kind: JobKind
    since: datetime
    until: datetime | None = None
    states: Sequence[State] = ()
    only_missing: bool = False


@dataclass(frozen=True, slots=True)
class JobBatch:
    """What a batch did: where it ended (None: there was nothing left), what it looked at and queued."""

    cursor: JobCursor | None
    seen_count: int
    queued_count: int


def begin(workspace_id: UUID, endpoint_id: UUID, request: JobRequest, now: datetime) -> Job:
    """A new job; raises Invalid when its time is empty. It never looks at what comes after it began."""
    until = min(request.until or now, now)
    if request.since >= until:
        raise Invalid("It must lie before `until` and before now.", field="since")
    return Job(
        workspace_id=workspace_id,
        id=new_id(),
        version=1,
        endpoint_id=endpoint_id,
        kind=request.kind,
        status=JobStatus.RUNNING,
        since=request.since,
        until=until,
        states=tuple(dict.fromkeys(request.states)),
        only_missing=request.only_missing,
        cursor=JobCursor(),
        total_count=0,
        seen_count=0,
        queued_count=0,
        created_at=now,
        updated_at=now,
        finished_at=None,
    )


def advance(job: Job, batch: JobBatch, now: datetime) -> Job:
    """The job after another batch; without a cursor there was nothing left."""
    if batch.cursor is None:
        return end(job, JobStatus.DONE, now)
    seen_count = job.seen_count + batch.seen_count
    return replace(
        job,
        version=job.version + 1,
        cursor=batch.cursor,
        seen_count=seen_count,
        queued_count=job.queued_count + batch.queued_count,
        total_count=max(job.total_count, seen_count),
        updated_at=now,
    )


def end(job: Job, status: JobStatus, now: datetime) -> Job:
    """Done or cancelled; what it queued already is sent. Raises IllegalMove when it has ended."""
    require_move(MOVES, job.status, status)
    return replace(job, version=job.version + 1, status=status, updated_at=now, finished_at=now)
