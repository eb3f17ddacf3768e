"""SQL of jobs that send again in bulk."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.jobs.domain import Job, JobCursor, JobKind, JobRunning, JobStatus
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection, Row

_NAMES = (
    "workspace_id id version endpoint_id kind status since until states only_missing cursor_at cursor_id "
    "cursor_position total_count seen_count queued_count created_at updated_at finished_at"
).split()
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"INSERT INTO job ({_COLUMNS}) VALUES ({places(_NAMES)})")
_SAVE = Statement("""
UPDATE job SET version = :version, status = :status, cursor_at = :cursor_at, cursor_id = :cursor_id,
    cursor_position = :cursor_position, total_count = :total_count, seen_count = :seen_count,
    queued_count = :queued_count, updated_at = :updated_at, finished_at = :finished_at
WHERE workspace_id = :workspace_id AND id = :id
""")
_GET = f"SELECT {_COLUMNS} FROM job WHERE workspace_id = $1 AND endpoint_id = $2 AND id = $3"
# Whoever waited longest; those that another worker has in hand are passed over.
_NEXT = f"""
SELECT {_COLUMNS} FROM job WHERE status = 'running' AND updated_at < now() - make_interval(secs => $1)
ORDER BY updated_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs: an endpoint's."""

    endpoint_id: Annotated[UUID, in_order("endpoint_id = :endpoint_id")]


_LIST = Listing(JobFilter, "job", _COLUMNS)


async def insert(tx: Connection, job: Job) -> None:
    """Store a new job; raises JobRunning when the endpoint has another that runs."""
    states = [state.value for state in job.states]
    try:
        await _INSERT.execute(tx, job, states=states, **_cursor_of(job))
    except asyncpg.UniqueViolationError as error:
        raise JobRunning from error


async def save(tx: Connection, job: Job) -> None:
    """Store how far it is."""
    await _SAVE.execute(tx, job, **_cursor_of(job))


async def get(tx: Connection, workspace_id: UUID, endpoint_id: UUID, job_id: UUID) -> Job:
    """The job; raises NotFound."""
    row = await tx.fetchrow(_GET, workspace_id, endpoint_id, job_id)
    return _to_job(row) if row else raise_not_found("job", job_id)


async def lock(tx: Connection, workspace_id: UUID, endpoint_id: UUID, job_id: UUID) -> Job:
    """The job, its row locked until the transaction ends; raises NotFound."""
    row = await tx.fetchrow(_GET + " FOR UPDATE", workspace_id, endpoint_id, job_id)
    return _to_job(row) if row else raise_not_found("job", job_id)


async def find_page(tx: Connection, workspace_id: UUID, wanted: JobFilter, window: Window) -> Found[Job]:
    """The endpoint's jobs, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, _to_job)


async def lock_next(tx: Connection, rest_seconds: float) -> Job | None:
    """The running job of any workspace that has rested longest, at least so long; locked."""
    row = await tx.fetchrow(_NEXT, rest_seconds)
    return _to_job(row) if row else None


def _cursor_of(job: Job) -> dict[str, object]:
    return {
        "cursor_at": job.cursor.at,
        "cursor_id": job.cursor.id,
        "cursor_position": job.cursor.position,
    }


def _to_job(row: Row) -> Job:
    values = dict(row)
    cursor = JobCursor(values.pop("cursor_at"), values.pop("cursor_id"), values.pop("cursor_position"))
    typed = {
        "kind": JobKind(row["kind"]),
        "status": JobStatus(row["status"]),
        "states": tuple(State(text) for text in row["states"]),
        "cursor": cursor,
    }
    return Job(**values | typed)
