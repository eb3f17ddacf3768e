"""SQL of dunning campaigns and their schedules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg

from services.subscription_renewal.copies.domain.failed_collection import FailedCollection
from services.subscription_renewal.dunning.domain.campaign import Attempt, AttemptState, Dunning, DunningState
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "version created_at updated_at invoice_id contact_id subscription_id status attempt_count "
    "last_failed_at last_failure_code terminal_action ended_at"
).split()
_COLUMNS = ", ".join(_NAMES)
_SHOWN = f"""workspace_id, id, {_COLUMNS},
    ARRAY(SELECT (number, due_at, state, asked_at) FROM dunning_attempt a
          WHERE a.workspace_id = dunning.workspace_id AND a.dunning_id = dunning.id
          ORDER BY number) AS attempts"""
_SELECT = f"SELECT {_SHOWN} FROM dunning"
_INSERT = Statement(f"""
INSERT INTO dunning (workspace_id, id, {_COLUMNS}, next_step_at)
VALUES (:workspace_id, :id, {places(_NAMES)}, :next_step_at)
""")
_UPDATE = Statement("""
UPDATE dunning SET version = :version, updated_at = :updated_at, status = :status,
    attempt_count = :attempt_count, last_failed_at = :last_failed_at,
    last_failure_code = :last_failure_code, ended_at = :ended_at, next_step_at = :next_step_at
WHERE workspace_id = :workspace_id AND id = :id
""")
_SAVE_ATTEMPTS = Statement("""
INSERT INTO dunning_attempt (workspace_id, dunning_id, number, due_at, state, asked_at)
SELECT :workspace_id, :dunning_id, * FROM unnest(:number::int[], :due_at::timestamptz[], :state::text[],
    :asked_at::timestamptz[])
ON CONFLICT (workspace_id, dunning_id, number)
DO UPDATE SET state = excluded.state, asked_at = excluded.asked_at
""")
_NOTE_FAILURE = Statement("""
INSERT INTO dunning_failure (workspace_id, payment_id, sequence, invoice_id, failed_at)
VALUES (:workspace_id, :payment_id, :sequence, :invoice_id, :failed_at) ON CONFLICT DO NOTHING
""")
_CLAIM = """
SELECT dunning.workspace_id, dunning.id FROM dunning LEFT JOIN workspace USING (workspace_id)
WHERE next_step_at <= now() + make_interval(secs => coalesce(clock_offset_ms, 0) / 1000.0)
ORDER BY next_step_at, dunning.id LIMIT $1 FOR NO KEY UPDATE OF dunning SKIP LOCKED
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which campaigns."""

    status: Annotated[Sequence[str] | None, where("status = ANY(:status)")] = None
    invoice_id: Annotated[UUID | None, in_order("invoice_id = :invoice_id")] = None
    subscription_id: Annotated[UUID | None, in_order("subscription_id = :subscription_id")] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None


_LIST = Listing(Filter, "dunning", _SHOWN)


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
    await _INSERT.execute(tx, dunning)
    await _save_attempts(tx, dunning)


async def update(tx: Connection, dunning: Dunning) -> None:
    """Store a changed campaign."""
    await _UPDATE.execute(tx, dunning)
    await _save_attempts(tx, dunning)


async def earliest(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When the clock has something to do next with a campaign of the workspace."""
    found: datetime | None = await tx.fetchval(
        "SELECT min(next_step_at) FROM dunning WHERE workspace_id = $1 AND ended_at IS NULL", workspace_id
    )
    return found


async def note_failure(tx: Connection, failure: FailedCollection) -> bool:
    """Remember the failure; returns whether it is news."""
    return await _NOTE_FAILURE.execute(tx, failure) == "INSERT 0 1"


async def find(tx: Connection, workspace_id: UUID, wanted: Filter, window: Window) -> Found[Dunning]:
    """Campaigns with their schedules, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, to_dunning)


def to_dunning(row: asyncpg.Record) -> Dunning:
    """The campaign in a row that has its columns and `attempts`."""
    fields = {name: row[name] for name in _NAMES} | {"status": DunningState(row["status"])}
    attempts = tuple(
        Attempt(number, due_at, AttemptState(state), asked_at)
        for number, due_at, state, asked_at in row["attempts"]
    )
    return Dunning(workspace_id=row["workspace_id"], id=row["id"], attempts=attempts, **fields)


async def _save_attempts(tx: Connection, dunning: Dunning) -> None:
    key = {"workspace_id": dunning.workspace_id, "dunning_id": dunning.id}
    await _SAVE_ATTEMPTS.execute_many(tx, dunning.attempts, **key)
