"""SQL that shows deliveries: waiting in the queue, ended without arriving, or known by a successful attempt.

Each of the three tables is read in its own order; a key is the place behind which the next page begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any
from uuid import UUID

from services.webhook_delivery.domain.delivery import STATE_CODES, DeliveryView, State
from shared.postgres.pool import Connection

_STATES = {code: state for state, code in STATE_CODES.items()}
# From each endpoint's own index, newest first; the workspace has at most a hundred of them.
_PENDING = """
SELECT d.id, d.endpoint_id, d.message_id, d.attempt, d.due_at, d.seq FROM endpoint e
CROSS JOIN LATERAL (
    SELECT * FROM delivery_due d
    WHERE d.endpoint_id = e.id AND d.workspace_id = e.workspace_id
      AND ($3::bigint IS NULL OR (d.seq, d.endpoint_id) < ($3, $4::uuid))
      AND ($6::timestamptz IS NULL OR d.message_created_at >= $6)
      AND ($7::timestamptz IS NULL OR d.message_created_at < $7)
    ORDER BY d.seq DESC LIMIT $5) AS d
WHERE e.workspace_id = $1 AND ($2::uuid IS NULL OR e.id = $2)
ORDER BY d.seq DESC, d.endpoint_id DESC LIMIT $5
"""
_ENDED = """
SELECT id, endpoint_id, message_id, state, attempts, finished_at FROM delivery_failed
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR endpoint_id = $2) AND state = ANY($8::smallint[])
  AND ($6::timestamptz IS NULL OR finished_at >= $6) AND ($7::timestamptz IS NULL OR finished_at < $7)
  AND ($3::timestamptz IS NULL OR (finished_at, id) < ($3, $4::uuid))
ORDER BY finished_at DESC, id DESC LIMIT $5
"""
_DELIVERED = f"""
SELECT delivery_id AS id, endpoint_id, message_id, n, at FROM attempt
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR endpoint_id = $2) AND final = {STATE_CODES[State.DELIVERED]}
  AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
  AND kind <> 2 AND ($3::timestamptz IS NULL OR (at, delivery_id) < ($3, $4::uuid))
ORDER BY at DESC, delivery_id DESC LIMIT $5
"""
_FIND = f"""
SELECT id, endpoint_id, message_id, {STATE_CODES[State.PENDING]} AS state, attempt AS attempts, due_at,
       NULL::timestamptz AS finished_at, 0 AS rank
FROM delivery_due WHERE workspace_id = $1 AND id = $2
UNION ALL
SELECT id, endpoint_id, message_id, state, attempts, NULL, finished_at, 1
FROM delivery_failed WHERE workspace_id = $1 AND id = $2
UNION ALL
(SELECT delivery_id, endpoint_id, message_id, final, n, NULL, at, 2 FROM attempt
 WHERE workspace_id = $1 AND delivery_id = $2 AND final = {STATE_CODES[State.DELIVERED]} AND kind <> 2
 ORDER BY at DESC LIMIT 1)
ORDER BY rank LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: of a workspace, perhaps of one endpoint and of a time; `until` is not part of it."""

    workspace_id: UUID
    endpoint_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def pending(
    tx: Connection, wanted: Wanted, key: tuple[int, UUID] | None, limit: int
) -> list[tuple[DeliveryView, tuple[int, UUID]]]:
    """Deliveries in the queue, of messages of the time, newest message first, each with its key."""
    rows = await tx.fetch(_PENDING, *_arguments(wanted, key, limit))
    return [
        (
            DeliveryView(
                row["id"],
                row["endpoint_id"],
                row["message_id"],
                State.PENDING,
                row["attempt"],
                _finite(row["due_at"]),
            ),
            (row["seq"], row["endpoint_id"]),
        )
        for row in rows
    ]


async def ended(
    tx: Connection,
    wanted: Wanted,
    key: tuple[datetime, UUID] | None,
    limit: int,
    states: Sequence[State],
) -> list[tuple[DeliveryView, tuple[datetime, UUID]]]:
    """Deliveries that did not arrive, latest end first, each with its key."""
    codes = [STATE_CODES[state] for state in states]
    rows = await tx.fetch(_ENDED, *_arguments(wanted, key, limit), codes)
    return [(_to_view(row), (row["finished_at"], row["id"])) for row in rows]


async def delivered(
    tx: Connection, wanted: Wanted, key: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[DeliveryView, tuple[datetime, UUID]]]:
    """Deliveries that arrived, latest first, each with its key."""
    rows = await tx.fetch(_DELIVERED, *_arguments(wanted, key, limit))
    return [
        (
            DeliveryView(
                row["id"],
                row["endpoint_id"],
                row["message_id"],
                State.DELIVERED,
                row["n"],
                finished_at=row["at"],
            ),
            (row["at"], row["id"]),
        )
        for row in rows
    ]


async def find(tx: Connection, workspace_id: UUID, delivery_id: UUID) -> DeliveryView | None:
    """The delivery as it stands now."""
    row = await tx.fetchrow(_FIND, workspace_id, delivery_id)
    return _to_view(row, _finite(row["due_at"])) if row else None


def _arguments(wanted: Wanted, key: tuple[Any, UUID] | None, limit: int) -> tuple[Any, ...]:
    first, second = key or (None, None)
    return (wanted.workspace_id, wanted.endpoint_id, first, second, limit, wanted.since, wanted.until)


def _to_view(row: Any, next_attempt_at: datetime | None = None) -> DeliveryView:
    return DeliveryView(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        message_id=row["message_id"],
        state=_STATES[row["state"]],
        attempt_count=row["attempts"],
        next_attempt_at=next_attempt_at,
        finished_at=row["finished_at"],
    )


def _finite(due_at: datetime | None) -> datetime | None:
    # asyncpg reads infinity as the last moment that Python knows: who is parked has no time of its own.
    return None if due_at is None or due_at.year == MAXYEAR else due_at
