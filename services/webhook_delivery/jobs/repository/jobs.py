"""SQL of jobs that send again in bulk."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.jobs.domain import Job, JobCursor, JobKind, JobRunning, JobStatus
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection, Row

_COLUMNS = (
    "workspace_id, id, version, endpoint_id, kind, status, since, until, states, only_missing, cursor_at, "
    "cursor_id, cursor_position, total_count, seen_count, queued_count, created_at, updated_at, finished_at"
)
_INSERT = f"""
INSERT INTO job ({_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
"""
_SAVE = """
UPDATE job SET version = $3, status = $4, cursor_at = $5, cursor_id = $6, cursor_position = $7,
    total_count = $8, seen_count = $9, queued_count = $10, updated_at = $11, finished_at = $12
WHERE workspace_id = $1 AND id = $2
"""
_GET = f"SELECT {_COLUMNS} FROM job WHERE workspace_id = $1 AND endpoint_id = $2 AND id = $3"
_PAGE = f"""
SELECT {_COLUMNS} FROM job
WHERE workspace_id = $1 AND endpoint_id = $2 AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4 OFFSET $5
"""
# Whoever waited longest; those that another worker has in hand are passed over.
_NEXT = f"""
SELECT {_COLUMNS} FROM job WHERE status = 'running' AND updated_at < now() - make_interval(secs => $1)
ORDER BY updated_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""


async def insert(tx: Connection, job: Job) -> None:
    """Store a new job; raises JobRunning when the endpoint has another that runs."""
    try:
        await tx.execute(_INSERT, *_values(job))
    except asyncpg.UniqueViolationError as error:
        raise JobRunning from error


async def save(tx: Connection, job: Job) -> None:
    """Store how far it is."""
    cursor = job.cursor
    await tx.execute(
        _SAVE,
        job.workspace_id,
        job.id,
        job.version,
        job.status,
        cursor.at,
        cursor.id,
        cursor.position,
        job.total_count,
        job.seen_count,
        job.queued_count,
        job.updated_at,
        job.finished_at,
    )


async def get(tx: Connection, workspace_id: UUID, endpoint_id: UUID, job_id: UUID) -> Job:
    """The job; raises NotFound."""
    row = await tx.fetchrow(_GET, workspace_id, endpoint_id, job_id)
    return _to_job(row) if row else raise_not_found("job", job_id)


async def lock(tx: Connection, workspace_id: UUID, endpoint_id: UUID, job_id: UUID) -> Job:
    """The job, its row locked until the transaction ends; raises NotFound."""
    row = await tx.fetchrow(_GET + " FOR UPDATE", workspace_id, endpoint_id, job_id)
    return _to_job(row) if row else raise_not_found("job", job_id)


async def page(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, after: UUID | None, limit: int, offset: int
) -> list[Job]:
    """The endpoint's jobs, newest first."""
    rows = await tx.fetch(_PAGE, workspace_id, endpoint_id, after, limit, offset)
    return [_to_job(row) for row in rows]


async def lock_next(tx: Connection, rest_seconds: float) -> Job | None:
    """The running job of any workspace that has rested longest, at least so long; locked."""
    row = await tx.fetchrow(_NEXT, rest_seconds)
    return _to_job(row) if row else None


def _values(job: Job) -> Sequence[object]:
    return (
        job.workspace_id,
        job.id,
        job.version,
        job.endpoint_id,
        job.kind,
        job.status,
        job.since,
        job.until,
        [state.value for state in job.states],
        job.only_missing,
        job.cursor.at,
        job.cursor.id,
        job.cursor.position,
        job.total_count,
        job.seen_count,
        job.queued_count,
        job.created_at,
        job.updated_at,
        job.finished_at,
    )


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
