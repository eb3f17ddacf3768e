"""SQL of sandboxes whose clock is being moved."""

from collections.abc import Sequence
from uuid import UUID

from services.gateway.clocks.domain import ClockAdvance
from shared.kernel.json import JsonObject
from shared.postgres.pool import Connection, Row

_COLUMNS = "workspace_id, began_at, target, step_count, waits_for"
_SAVE = """
INSERT INTO clock_advance (workspace_id, began_at, target) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id) DO UPDATE SET target = excluded.target
"""
_CLAIM = f"""
UPDATE clock_advance SET owner = $1, lease_until = now() + make_interval(secs => $2)
WHERE workspace_id IN (SELECT workspace_id FROM clock_advance WHERE owner = $1 OR lease_until < now()
                       ORDER BY lease_until, workspace_id LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}
"""


async def find(tx: Connection, workspace_id: UUID) -> ClockAdvance | None:
    """The running advance of the workspace, if there is one."""
    row = await tx.fetchrow(f"SELECT {_COLUMNS} FROM clock_advance WHERE workspace_id = $1", workspace_id)
    return to_advance(row) if row else None


async def lock(tx: Connection, workspace_id: UUID) -> ClockAdvance | None:
    """The running advance, its row locked until the transaction ends."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM clock_advance WHERE workspace_id = $1 FOR UPDATE", workspace_id
    )
    return to_advance(row) if row else None


async def lock_own(tx: Connection, workspace_id: UUID, owner: UUID) -> ClockAdvance | None:
    """The same, unless another worker has taken it over meanwhile."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM clock_advance WHERE workspace_id = $1 AND owner = $2 FOR UPDATE",
        workspace_id,
        owner,
    )
    return to_advance(row) if row else None


async def save(tx: Connection, advance: ClockAdvance) -> None:
    """Store a new advance, or the later target of a running one."""
    await tx.execute(_SAVE, advance.workspace_id, advance.began_at, advance.target)


async def claim(tx: Connection, owner: UUID, lease_seconds: float, limit: int) -> Sequence[ClockAdvance]:
    """Advances for this worker alone until its lease ends, in real time: its own, and those left behind."""
    return [to_advance(row) for row in await tx.fetch(_CLAIM, owner, lease_seconds, limit)]


async def note(tx: Connection, workspace_id: UUID, owner: UUID, waits_for: Sequence[JsonObject]) -> None:
    """Store what the last look found unfinished."""
    await tx.execute(
        "UPDATE clock_advance SET waits_for = $3 WHERE workspace_id = $1 AND owner = $2",
        workspace_id,
        owner,
        list(waits_for),
    )


async def count_step(tx: Connection, workspace_id: UUID) -> None:
    """Note that the clock was moved once more on the way."""
    await tx.execute(
        "UPDATE clock_advance SET step_count = step_count + 1 WHERE workspace_id = $1", workspace_id
    )


async def finish(tx: Connection, workspace_id: UUID) -> None:
    """The target is reached, and everything due until then is done."""
    await tx.execute("DELETE FROM clock_advance WHERE workspace_id = $1", workspace_id)


def to_advance(row: Row) -> ClockAdvance:
    """The advance in a row that has its columns."""
    return ClockAdvance(
        row["workspace_id"], row["began_at"], row["target"], row["step_count"], tuple(row["waits_for"])
    )
