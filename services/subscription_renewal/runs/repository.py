"""SQL of runs and their batches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.subscription_renewal.runs.domain.run import DueWorkspace, Run
from shared.kernel.errors import raise_not_found
from shared.kernel.ids import new_id
from shared.postgres.listing import Found, Listing, Window
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

_OPEN = """
INSERT INTO renewal_run (workspace_id, id, run_on)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[]) AS new (workspace_id, id, run_on)
WHERE NOT EXISTS (SELECT FROM renewal_run r
                  WHERE r.workspace_id = new.workspace_id
                    AND (r.run_on = new.run_on OR r.paused_at IS NOT NULL))
ON CONFLICT DO NOTHING
"""
_TODAYS = """
SELECT r.workspace_id, r.id FROM renewal_run r
JOIN unnest($1::uuid[], $2::date[]) AS due (workspace_id, run_on) USING (workspace_id, run_on)
WHERE NOT EXISTS (SELECT FROM renewal_run p WHERE p.workspace_id = r.workspace_id AND p.paused_at IS NOT NULL)
"""
_TO_CHECK = """
UPDATE renewal_run SET checked_at = now()
WHERE (workspace_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) AND NOT is_size_accepted
  AND checked_at < now() - make_interval(secs => $3)
RETURNING workspace_id, id
"""
_SIZES = """
SELECT run_id = $2 AS is_it, sum(renewed_count + ended_count)::bigint AS size
FROM renewal_batch JOIN renewal_run r ON r.workspace_id = renewal_batch.workspace_id AND r.id = run_id
WHERE renewal_batch.workspace_id = $1 AND opened_at > now() - interval '35 days' GROUP BY run_id
"""
_COLUMNS = "r.id, run_on, opened_at, paused_at, paused_reason, done.*, recent.*"
_SOURCE = """renewal_run r
CROSS JOIN LATERAL (
    SELECT coalesce(sum(renewed_count), 0)::bigint AS renewed_count,
        coalesce(sum(ended_count), 0)::bigint AS ended_count,
        coalesce(sum(parked_count), 0)::bigint AS parked_count,
        max(as_of) AS as_of, max(finished_at) AS finished_at
    FROM renewal_batch b WHERE b.workspace_id = r.workspace_id AND b.run_id = r.id) AS done
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.renewed_count + b.ended_count + b.parked_count), 0)::bigint AS recent_count,
        coalesce(extract(epoch FROM max(b.finished_at) - min(b.started_at)), 0)::float8 AS recent_seconds
    FROM renewal_batch b WHERE b.workspace_id = r.workspace_id AND b.run_id = r.id
      AND b.finished_at > done.finished_at - interval '1 minute') AS recent"""
_INSERT_BATCHES = Statement("""
INSERT INTO renewal_batch (workspace_id, run_id, id, as_of, renewed_count, ended_count, parked_count,
    started_at, finished_at)
SELECT *, now(), clock_timestamp() FROM unnest(:workspace_id::uuid[], :run_id::uuid[], :id::uuid[],
    :as_of::timestamptz[], :renewed_count::int[], :ended_count::int[], :parked_count::int[])
""")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction of a worker did for one run."""

    id: UUID = field(default_factory=new_id, kw_only=True)
    workspace_id: UUID
    run_id: UUID
    as_of: datetime
    renewed_count: int
    ended_count: int
    parked_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which runs: all of the workspace."""


_LIST = Listing(Filter, _SOURCE, _COLUMNS, key="r.id", scope="r.workspace_id = :workspace_id")


async def open_all(tx: Connection, due: Sequence[DueWorkspace]) -> dict[UUID, UUID]:
    """Today's run of each of these workspaces, opened where it is not; without those that are paused."""
    workspace_ids, days = [one.workspace_id for one in due], [one.today for one in due]
    await tx.execute(_OPEN, workspace_ids, [new_id() for _ in due], days)
    return {row["workspace_id"]: row["id"] for row in await tx.fetch(_TODAYS, workspace_ids, days)}


async def to_check(tx: Connection, runs: dict[UUID, UUID], every_seconds: float) -> list[tuple[UUID, UUID]]:
    """(workspace, run) ids of those whose size nobody has looked at for so long; now this caller does."""
    rows = await tx.fetch(_TO_CHECK, list(runs), list(runs.values()), every_seconds)
    return [(row["workspace_id"], row["id"]) for row in rows]


async def sizes(tx: Connection, workspace_id: UUID, run_id: UUID) -> tuple[int, list[int]]:
    """How many subscriptions this run has renewed, and how many each other run of the workspace has."""
    rows = await tx.fetch(_SIZES, workspace_id, run_id)
    own = sum(row["size"] for row in rows if row["is_it"])
    return own, [row["size"] for row in rows if not row["is_it"]]


async def insert_batches(tx: Connection, batches: Sequence[Batch]) -> None:
    """Note what this transaction has done."""
    await _INSERT_BATCHES.execute_many(tx, batches)


async def find(tx: Connection, workspace_id: UUID, window: Window, due_count: int) -> Found[Run]:
    """The workspace's runs, newest first; `due_count` belongs to the newest."""
    newest = await newest_id(tx, workspace_id)
    return await _LIST.find(
        tx,
        workspace_id,
        Filter(),
        window,
        lambda row: Run(**row, due_count=due_count if row["id"] == newest else 0),
    )


async def get(tx: Connection, workspace_id: UUID, run_id: UUID, due_count: int) -> Run:
    """The run; raises NotFound. `due_count` is what is due in the workspace, whose newest run does it."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE r.workspace_id = $1 AND r.id = $2", workspace_id, run_id
    )
    if row is None:
        raise_not_found("renewal run", run_id)
        raise AssertionError
    is_newest = await newest_id(tx, workspace_id) == run_id
    return Run(**row, due_count=due_count if is_newest else 0)


async def newest_id(tx: Connection, workspace_id: UUID) -> UUID | None:
    """The workspace's newest run: the one that does what is due."""
    found: UUID | None = await tx.fetchval(
        "SELECT id FROM renewal_run WHERE workspace_id = $1 ORDER BY run_on DESC LIMIT 1", workspace_id
    )
    return found


async def is_paused(tx: Connection, workspace_id: UUID) -> bool:
    """Whether the workspace's renewals are paused."""
    found: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM renewal_run WHERE workspace_id = $1 AND paused_at IS NOT NULL)",
        workspace_id,
    )
    return found


async def pause(tx: Connection, workspace_id: UUID, run_id: UUID, reason: str) -> bool:
    """Stop the run; returns whether it was not paused before."""
    done: str = await tx.execute(
        """UPDATE renewal_run SET paused_at = now(), paused_reason = $3
        WHERE workspace_id = $1 AND id = $2 AND paused_at IS NULL""",
        workspace_id,
        run_id,
        reason,
    )
    return done == "UPDATE 1"


async def resume(tx: Connection, workspace_id: UUID, run_id: UUID) -> bool:
    """Let the run go on, whatever its size; returns whether it was paused."""
    done: str = await tx.execute(
        """UPDATE renewal_run SET paused_at = NULL, paused_reason = NULL, is_size_accepted = true
        WHERE workspace_id = $1 AND id = $2 AND paused_at IS NOT NULL""",
        workspace_id,
        run_id,
    )
    return done == "UPDATE 1"


async def attention(tx: Connection) -> tuple[int, int]:
    """How many subscriptions are parked and how many runs are paused, in all workspaces."""
    row = await tx.fetchrow(
        """SELECT (SELECT count(*) FROM subscription WHERE parked_reason IS NOT NULL) AS parked,
        (SELECT count(*) FROM renewal_run WHERE paused_at IS NOT NULL) AS paused"""
    )
    assert row is not None
    return row["parked"], row["paused"]
