"""SQL of dead letters and of lanes: each letter once, however often it dies, until somebody ends it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import Conflict, NotFound
from shared.messaging.metrics import LANE
from shared.postgres.pool import Connection, Row

UNTRIED = LANE
"""The reason of letters that were never tried, because their workspace's lane was set aside."""
_SHOWN = """id, workspace_id, type, reason, error, status, death_count, topic, record_partition,
    record_offset, first_at, last_at, ended_at, ended_by, ended_reason"""
_STORE = """
INSERT INTO dead_letter AS known (id, workspace_id, type, reason, error, status, death_count, topic,
    record_partition, record_offset, headers, value)
VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, error = excluded.error, status = 'waiting',
    death_count = known.death_count + 1, last_at = now(), ended_at = NULL, ended_by = NULL,
    ended_reason = NULL
RETURNING known.death_count
"""
_PAGE = f"""
SELECT {_SHOWN}, position FROM dead_letter
WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR workspace_id = $2) AND position > $3
ORDER BY position LIMIT $4
"""
_SHOW = f"SELECT {_SHOWN}, headers, value FROM dead_letter WHERE id = $1"
_END = """
UPDATE dead_letter SET status = $2, ended_at = now(), ended_by = $3, ended_reason = $4
WHERE id = $1 AND status IN ('waiting', 'replaying') RETURNING id
"""
_ASK = """
UPDATE dead_letter SET status = 'replaying' WHERE id = $1 AND status IN ('waiting', 'replaying') RETURNING id
"""
_ASK_ALL = f"""
UPDATE dead_letter SET status = 'replaying' WHERE id = ANY(ARRAY(
    SELECT id FROM dead_letter WHERE status = 'waiting' AND reason <> '{UNTRIED}' ORDER BY position LIMIT $1))
"""
_NEXT = """
SELECT id, topic, headers, value FROM dead_letter WHERE status = 'replaying'
ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_NEXT_LANE = "SELECT workspace_id FROM dead_letter_lane WHERE is_resuming LIMIT 1 FOR UPDATE SKIP LOCKED"
_NEXT_OF_LANE = f"""
SELECT id, topic, headers, value FROM dead_letter
WHERE workspace_id = $1 AND status = 'waiting' AND reason = '{UNTRIED}' ORDER BY position LIMIT 1 FOR UPDATE
"""
_DIE_AGAIN = """
UPDATE dead_letter SET status = 'waiting', reason = 'poison', error = $2, death_count = death_count + 1,
    last_at = now()
WHERE id = $1 AND status IN ('waiting', 'replaying')
"""
# Shared, so that a lane cannot end while an event is put into it.
_LANES = "SELECT workspace_id FROM dead_letter_lane WHERE workspace_id = ANY($1::uuid[]) FOR SHARE"
_SET_ASIDE = """
INSERT INTO dead_letter_lane (workspace_id, reason, set_aside_by) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id) DO UPDATE SET is_resuming = false
"""
_RESUME = "UPDATE dead_letter_lane SET is_resuming = true WHERE workspace_id = $1 RETURNING workspace_id"
_LANES_SHOWN = """
SELECT l.*, (
    SELECT count(*) FROM dead_letter d WHERE d.workspace_id = l.workspace_id AND d.status = 'waiting'
    ) AS waiting_count
FROM dead_letter_lane l ORDER BY set_aside_at, workspace_id
"""
_COUNTS = """
SELECT reason, count(*) AS count FROM dead_letter WHERE status IN ('waiting', 'replaying') GROUP BY reason
"""


class LetterEnded(Conflict):
    """The dead letter has been applied or dropped."""

    code = "dead_letter_ended"


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A record that was set aside, and why; `death_count` is 0 where it was never tried."""

    id: UUID
    workspace_id: UUID
    type: str
    reason: str
    error: str
    death_count: int
    topic: str
    partition: int
    offset: int
    headers: dict[str, str]
    value: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter to be tried again, with what a record has that a consumer reads."""

    id: UUID
    topic: str
    headers: Sequence[tuple[str, bytes]]
    value: bytes


async def store(tx: Connection, letter: NewLetter) -> bool:
    """Keep it, or count one more death of it; True where it is new."""
    count = await tx.fetchval(
        _STORE,
        letter.id,
        letter.workspace_id,
        letter.type,
        letter.reason,
        letter.error,
        letter.death_count,
        letter.topic,
        letter.partition,
        letter.offset,
        letter.headers,
        letter.value,
    )
    return bool(count == letter.death_count)


async def page(
    tx: Connection, status: str | None, workspace_id: UUID | None, after: int, limit: int
) -> list[dict[str, object]]:
    """Letters in the order in which they first died, without what is in them."""
    return [dict(row) for row in await tx.fetch(_PAGE, status, workspace_id, after, limit)]


async def show(tx: Connection, letter_id: UUID) -> dict[str, object]:
    """One letter with its record's headers and value; raises NotFound."""
    row = await tx.fetchrow(_SHOW, letter_id)
    if row is None:
        raise NotFound(f"There is no dead letter {letter_id}.")
    return dict(row)


async def ask(tx: Connection, letter_id: UUID) -> None:
    """Have it tried again soon; raises NotFound and LetterEnded."""
    await _require(tx, letter_id, await tx.fetchval(_ASK, letter_id))


async def ask_all(tx: Connection, limit: int) -> int:
    """Have the oldest of those that died tried again; returns how many."""
    return int((await tx.execute(_ASK_ALL, limit)).split()[-1])


async def drop(tx: Connection, letter_id: UUID, by: str, reason: str) -> None:
    """Never apply it: `by` says so, for this reason; raises NotFound and LetterEnded."""
    await _require(tx, letter_id, await tx.fetchval(_END, letter_id, "dropped", by, reason))


async def end_applied(tx: Connection, letter_id: UUID) -> None:
    """It has taken effect."""
    await tx.execute(_END, letter_id, "applied", "replay", None)


async def die_again(tx: Connection, letter_id: UUID, error: str) -> None:
    """It was tried and failed: it waits again, as the one letter that it is."""
    await tx.execute(_DIE_AGAIN, letter_id, error)


async def next_letter(tx: Connection) -> Letter | None:
    """The next to be tried, locked: one that was asked for, or the oldest of a lane that resumes.

    A lane in which nothing is left ends here.
    """
    if row := await tx.fetchrow(_NEXT):
        return _letter(row)
    workspace_id = await tx.fetchval(_NEXT_LANE)
    if workspace_id is None:
        return None
    if row := await tx.fetchrow(_NEXT_OF_LANE, workspace_id):
        return _letter(row)
    await tx.execute("DELETE FROM dead_letter_lane WHERE workspace_id = $1", workspace_id)
    return None


async def lanes_of(tx: Connection, workspace_ids: Collection[UUID]) -> set[UUID]:
    """Of these workspaces, those whose lane is set aside; it stays so until this transaction ends."""
    return {row["workspace_id"] for row in await tx.fetch(_LANES, list(workspace_ids))}


async def lanes(tx: Connection) -> list[dict[str, object]]:
    """The lanes that are set aside, the oldest first, with how many letters wait in each."""
    return [dict(row) for row in await tx.fetch(_LANES_SHOWN)]


async def set_aside(tx: Connection, workspace_id: UUID, reason: str, by: str) -> None:
    """Try no more events of this workspace: they wait in their order until the lane is resumed."""
    await tx.execute(_SET_ASIDE, workspace_id, reason, by)


async def resume(tx: Connection, workspace_id: UUID) -> None:
    """Apply what waits in the lane, the oldest first, and then let it go on; raises NotFound."""
    if await tx.fetchval(_RESUME, workspace_id) is None:
        raise NotFound(f"The lane of workspace {workspace_id} is not set aside.")


async def counts(tx: Connection) -> tuple[dict[str, int], int]:
    """How many letters wait, by reason, and how many lanes are set aside."""
    waiting = {row["reason"]: row["count"] for row in await tx.fetch(_COUNTS)}
    return waiting, int(await tx.fetchval("SELECT count(*) FROM dead_letter_lane"))


async def _require(tx: Connection, letter_id: UUID, done: object) -> None:
    if done is None:
        raise LetterEnded(f"It is {(await show(tx, letter_id))['status']}.")


def _letter(row: Row) -> Letter:
    headers = [(name, value.encode()) for name, value in row["headers"].items()]
    return Letter(row["id"], row["topic"], headers, row["value"])
