"""SQL of providers' hints: each is stored once, claimed when it is due, and taken with its effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.postgres.named import Statement
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Hint:
    """An event of a provider: what happened is read from the object itself."""

    workspace_id: UUID
    provider: str
    mode: str
    event_id: str
    type: str
    object_id: str
    failure_count: int = 0


_INSERT = Statement("""
INSERT INTO provider_event (workspace_id, provider, mode, event_id, type, object_id)
SELECT * FROM unnest(:workspace_id::uuid[], :provider::text[], :mode::text[], :event_id::text[],
    :type::text[], :object_id::text[])
ON CONFLICT DO NOTHING
""")


async def insert(tx: Connection, hints: Sequence[Hint]) -> int:
    """Store those that are new; returns how many."""
    done = await _INSERT.execute_many(tx, hints)
    return int(done.split()[-1])


async def claim(tx: Connection, lease: timedelta, limit: int) -> list[Hint]:
    """Hints that are due, each the caller's for so long."""
    rows = await tx.fetch(
        """UPDATE provider_event SET next_step_at = clock_timestamp() + $1, failure_count = failure_count + 1
        WHERE (workspace_id, provider, event_id) IN (
            SELECT workspace_id, provider, event_id FROM provider_event
            WHERE next_step_at <= clock_timestamp() ORDER BY next_step_at LIMIT $2
            FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING workspace_id, provider, mode, event_id, type, object_id, failure_count""",
        lease,
        limit,
    )
    return [Hint(**row) for row in rows]


async def take(tx: Connection, hint: Hint) -> bool:
    """Mark it as done in the transaction of its effect; False when another did it meanwhile."""
    done = await tx.execute(
        """UPDATE provider_event SET next_step_at = NULL
        WHERE workspace_id = $1 AND provider = $2 AND event_id = $3 AND next_step_at IS NOT NULL""",
        hint.workspace_id,
        hint.provider,
        hint.event_id,
    )
    return done == "UPDATE 1"


async def put_off(tx: Connection, hint: Hint, delay: timedelta) -> None:
    """Let a hint that was taken be due again after so long."""
    await tx.execute(
        """UPDATE provider_event SET next_step_at = clock_timestamp() + $4
        WHERE workspace_id = $1 AND provider = $2 AND event_id = $3""",
        hint.workspace_id,
        hint.provider,
        hint.event_id,
        delay,
    )
