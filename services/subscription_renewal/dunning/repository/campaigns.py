"""SQL of dunning campaigns and their schedules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.subscription_renewal.dunning.domain.campaign import (
    Attempt,
    AttemptState,
    Dunning,
    Failure,
    Status,
)
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_NAMES = (
    "version created_at updated_at invoice_id contact_id subscription_id status attempt_count "
    "last_failed_at last_failure_code terminal_action ended_at"
).split()
_COLUMNS = ", ".join(_NAMES)
_SELECT = f"""
SELECT workspace_id, id, {_COLUMNS},
    ARRAY(SELECT (number, due_at, state, asked_at) FROM dunning_attempt a
          WHERE a.workspace_id = dunning.workspace_id AND a.dunning_id = dunning.id
          ORDER BY number) AS attempts
FROM dunning
"""
_FILTERS = """workspace_id = $1
  AND ($2::text[] IS NULL OR status = ANY($2))
  AND ($3::uuid IS NULL OR invoice_id = $3)
  AND ($4::uuid IS NULL OR subscription_id = $4)
  AND ($5::uuid IS NULL OR contact_id = $5)"""
_INSERT = f"""
INSERT INTO dunning (workspace_id, id, {_COLUMNS}, next_step_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_UPDATE = """
UPDATE dunning SET version = $3, updated_at = $4, status = $5, attempt_count = $6, last_failed_at = $7,
    last_failure_code = $8, ended_at = $9, next_step_at = $10
WHERE workspace_id = $1 AND id = $2
"""
_SAVE_ATTEMPTS = """
INSERT INTO dunning_attempt (workspace_id, dunning_id, number, due_at, state, asked_at)
SELECT $1, $2, * FROM unnest($3::int[], $4::timestamptz[], $5::text[], $6::timestamptz[])
ON CONFLICT (workspace_id, dunning_id, number)
DO UPDATE SET state = excluded.state, asked_at = excluded.asked_at
"""
_CLAIM = """
SELECT dunning.workspace_id, dunning.id FROM dunning LEFT JOIN workspace USING (workspace_id)
WHERE next_step_at <= now() + make_interval(secs => coalesce(clock_offset_ms, 0) / 1000.0)
ORDER BY next_step_at, dunning.id LIMIT $1 FOR NO KEY UPDATE OF dunning SKIP LOCKED
"""


async def get(tx: Connection, workspace_id: UUID, dunning_id: UUID) -> Dunning:
    """The campaign with its schedule; raises NotFound."""
    row = await tx.fetchrow(f"{_SELECT} WHERE workspace_id = $1 AND id = $2", workspace_id, dunning_id)
    return to_dunning(row) if row else raise_not_found("dunning campaign", dunning_id)


async def lock(tx: Connection, workspace_id: UUID, dunning_id: UUID) -> Dunning:
    """The campaign, locked against other changes; raises NotFound."""
    row = await tx.fetchrow(
        f"{_SELECT} WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE", workspace_id, dunning_id
    )
    return to_dunning(row) if row else raise_not_found("dunning campaign", dunning_id)


async def lock_of_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Dunning | None:
    """The invoice's campaign, locked, if there is one."""
    row = await tx.fetchrow(
        f"{_SELECT} WHERE workspace_id = $1 AND invoice_id = $2 FOR NO KEY UPDATE", workspace_id, invoice_id
    )
    return to_dunning(row) if row else None


async def lock_waiting(tx: Connection, workspace_id: UUID, contact_id: UUID) -> list[Dunning]:
    """The contact's campaigns that wait for a payment method, locked in the order of their ids."""
    rows = await tx.fetch(
        f"""{_SELECT} WHERE workspace_id = $1 AND contact_id = $2 AND status = 'waiting_for_payment_method'
        ORDER BY id FOR NO KEY UPDATE""",
        workspace_id,
        contact_id,
    )
    return [to_dunning(row) for row in rows]


async def claim_due(tx: Connection, limit: int) -> list[tuple[UUID, UUID]]:
    """(workspace, campaign) ids of what is due on its workspace's clock, locked; skips what others hold."""
    return [(row["workspace_id"], row["id"]) for row in await tx.fetch(_CLAIM, limit)]


async def insert(tx: Connection, dunning: Dunning) -> None:
    """Store a new campaign with its schedule."""
    values = [getattr(dunning, name) for name in _NAMES]
    await tx.execute(_INSERT, dunning.workspace_id, dunning.id, *values, dunning.next_step_at)
    await _save_attempts(tx, dunning)


async def update(tx: Connection, dunning: Dunning) -> None:
    """Store a changed campaign."""
    await tx.execute(
        _UPDATE,
        dunning.workspace_id,
        dunning.id,
        dunning.version,
        dunning.updated_at,
        dunning.status,
        dunning.attempt_count,
        dunning.last_failed_at,
        dunning.last_failure_code,
        dunning.ended_at,
        dunning.next_step_at,
    )
    await _save_attempts(tx, dunning)


async def earliest(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When the clock has something to do next with a campaign of the workspace."""
    found: datetime | None = await tx.fetchval(
        "SELECT min(next_step_at) FROM dunning WHERE workspace_id = $1 AND ended_at IS NULL", workspace_id
    )
    return found


async def note_failure(tx: Connection, failure: Failure) -> bool:
    """Remember the failure; returns whether it is news."""
    done: str = await tx.execute(
        """INSERT INTO dunning_failure (workspace_id, payment_id, sequence, invoice_id, failed_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING""",
        failure.workspace_id,
        failure.payment_id,
        failure.sequence,
        failure.invoice_id,
        failure.failed_at,
    )
    return done == "INSERT 0 1"


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Dunning]:
    """Campaigns, newest first: `status` (several), `invoice_id`, `subscription_id`, `contact_id`, slice."""
    rows = await tx.fetch(
        f"""{_SELECT} WHERE {_FILTERS} AND ($6::uuid IS NULL OR id < $6)
        ORDER BY id DESC LIMIT $7 OFFSET $8""",
        workspace_id,
        *_filter_values(filters),
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [to_dunning(row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many campaigns the filters find."""
    found: int = await tx.fetchval(
        f"SELECT count(*) FROM dunning WHERE {_FILTERS}", workspace_id, *_filter_values(filters)
    )
    return found


def to_dunning(row: Any) -> Dunning:
    """The campaign in a row that has its columns and `attempts`."""
    fields = {name: row[name] for name in _NAMES} | {"status": Status(row["status"])}
    attempts = tuple(
        Attempt(number, due_at, AttemptState(state), asked_at)
        for number, due_at, state, asked_at in row["attempts"]
    )
    return Dunning(workspace_id=row["workspace_id"], id=row["id"], attempts=attempts, **fields)


async def _save_attempts(tx: Connection, dunning: Dunning) -> None:
    rows = dunning.attempts
    await tx.execute(
        _SAVE_ATTEMPTS,
        dunning.workspace_id,
        dunning.id,
        [row.number for row in rows],
        [row.due_at for row in rows],
        [row.state for row in rows],
        [row.asked_at for row in rows],
    )


def _filter_values(filters: dict[str, Any]) -> tuple[Any, ...]:
    return filters["status"], filters["invoice_id"], filters["subscription_id"], filters["contact_id"]
