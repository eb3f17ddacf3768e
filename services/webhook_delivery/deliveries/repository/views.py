"""SQL that shows deliveries: waiting in the queue, ended without arriving, or known by a successful attempt.

Each of the three tables is read in its own order; a key is the place behind which the next page begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, datetime
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import STATE_CODES, DeliveryView, LastAttempt, State
from services.webhook_delivery.deliveries.repository import attempts
from services.webhook_delivery.message_store import repository as messages
from services.webhook_delivery.message_store.domain import created_at_of
from services.webhook_delivery.message_store.repository import Facts
from shared.postgres.named import compile_statement
from shared.postgres.pool import Connection, Row

_STATES = {code: state for state, code in STATE_CODES.items()}
# From each endpoint's own index, newest first; the workspace has at most a hundred of them.
_PENDING = """
SELECT d.id, d.endpoint_id, d.message_id, d.attempt, d.due_at, d.seq, d.event_type FROM endpoint e
CROSS JOIN LATERAL (
    SELECT * FROM delivery_due d
    WHERE d.endpoint_id = e.id AND d.workspace_id = e.workspace_id
      AND (:first::bigint IS NULL OR (d.seq, d.endpoint_id) < (:first, :second::uuid))
      AND (:since::timestamptz IS NULL OR d.message_created_at >= :since)
      AND (:until::timestamptz IS NULL OR d.message_created_at < :until) {narrower}
    ORDER BY d.seq DESC LIMIT :limit) AS d
WHERE e.workspace_id = :workspace_id AND (:endpoint_id::uuid IS NULL OR e.id = :endpoint_id)
ORDER BY d.seq DESC, d.endpoint_id DESC LIMIT :limit
"""
_ENDED = """
SELECT id, endpoint_id, message_id, state, attempts, finished_at, event_type FROM delivery_failed
WHERE workspace_id = :workspace_id AND (:endpoint_id::uuid IS NULL OR endpoint_id = :endpoint_id)
  AND state = ANY(:states::smallint[])
  AND (:since::timestamptz IS NULL OR finished_at >= :since)
  AND (:until::timestamptz IS NULL OR finished_at < :until)
  AND (:first::timestamptz IS NULL OR (finished_at, id) < (:first, :second::uuid)) {narrower}
ORDER BY finished_at DESC, id DESC LIMIT :limit
"""
_DELIVERED = f"""
SELECT delivery_id AS id, endpoint_id, message_id, n, at, event_type FROM attempt
WHERE workspace_id = :workspace_id AND (:endpoint_id::uuid IS NULL OR endpoint_id = :endpoint_id)
  AND final = {STATE_CODES[State.DELIVERED]}
  AND (:since::timestamptz IS NULL OR at >= :since) AND (:until::timestamptz IS NULL OR at < :until)
  AND kind <> 2 AND (:first::timestamptz IS NULL OR (at, delivery_id) < (:first, :second::uuid)) {{narrower}}
ORDER BY at DESC, delivery_id DESC LIMIT :limit
"""
_FIND = f"""
SELECT id, endpoint_id, message_id, {STATE_CODES[State.PENDING]} AS state, attempt AS attempts, due_at,
       NULL::timestamptz AS finished_at, event_type, 0 AS rank
FROM delivery_due WHERE workspace_id = $1 AND id = $2
UNION ALL
SELECT id, endpoint_id, message_id, state, attempts, NULL, finished_at, event_type, 1
FROM delivery_failed WHERE workspace_id = $1 AND id = $2
UNION ALL
(SELECT delivery_id, endpoint_id, message_id, final, n, NULL, at, event_type, 2 FROM attempt
 WHERE workspace_id = $1 AND delivery_id = $2 AND final = {STATE_CODES[State.DELIVERED]} AND kind <> 2
 ORDER BY at DESC LIMIT 1)
ORDER BY rank LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries: perhaps of one endpoint and of a time; `until` is not part of it.

    `messages` are the only ones whose deliveries are wanted, with their places in the feed.
    """

    endpoint_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    event_type: str | None = None
    messages: Mapping[UUID, int] | None = None


@dataclass(frozen=True, slots=True)
class KeyRange:
    """So many rows behind a key: a place in the feed and an endpoint, or an end and a delivery."""

    limit: int
    first: int | datetime | None = None
    second: UUID | None = None


async def pending(
    tx: Connection, workspace_id: UUID, wanted: DeliveryFilter, part: KeyRange
) -> list[tuple[DeliveryView, tuple[int, UUID]]]:
    """Deliveries in the queue, of messages of the time, newest message first, each with its key."""
    values = {"workspace_id": workspace_id, **_values(wanted, part)}
    if wanted.messages is not None:
        # The queue has no index by message, but one by its place in the feed.
        values["positions"] = list(wanted.messages.values())
    narrower = _narrow(wanted) + (" AND seq = ANY(:positions::bigint[])" if "positions" in values else "")
    rows = await compile_statement(_PENDING.format(narrower=narrower)).fetch(tx, **values)
    return [
        (
            DeliveryView(
                row["id"],
                row["endpoint_id"],
                row["message_id"],
                State.PENDING,
                row["attempt"],
                _finite(row["due_at"]),
                event_type=row["event_type"],
            ),
            (row["seq"], row["endpoint_id"]),
        )
        for row in rows
    ]


async def ended(
    tx: Connection,
    workspace_id: UUID,
    wanted: DeliveryFilter,
    part: KeyRange,
    states: Sequence[State],
) -> list[tuple[DeliveryView, tuple[datetime, UUID]]]:
    """Deliveries that did not arrive, latest end first, each with its key."""
    rows = await compile_statement(_ENDED.format(narrower=_narrow(wanted))).fetch(
        tx,
        workspace_id=workspace_id,
        states=[STATE_CODES[state] for state in states],
        **_values(wanted, part),
    )
    return [(_to_view(row), (row["finished_at"], row["id"])) for row in rows]


async def delivered(
    tx: Connection, workspace_id: UUID, wanted: DeliveryFilter, part: KeyRange
) -> list[tuple[DeliveryView, tuple[datetime, UUID]]]:
    """Deliveries that arrived, latest first, each with its key."""
    statement = compile_statement(_DELIVERED.format(narrower=_narrow(wanted)))
    rows = await statement.fetch(tx, workspace_id=workspace_id, **_values(wanted, part))
    return [
        (
            DeliveryView(
                row["id"],
                row["endpoint_id"],
                row["message_id"],
                State.DELIVERED,
                row["n"],
                finished_at=row["at"],
                event_type=row["event_type"],
            ),
            (row["at"], row["id"]),
        )
        for row in rows
    ]


async def find(tx: Connection, workspace_id: UUID, delivery_id: UUID) -> DeliveryView | None:
    """The delivery as it stands now."""
    row = await tx.fetchrow(_FIND, workspace_id, delivery_id)
    return _to_view(row, _finite(row["due_at"])) if row else None


async def describe(tx: Connection, workspace_id: UUID, views: Sequence[DeliveryView]) -> list[DeliveryView]:
    """The same deliveries with what their messages are about and how their newest attempts went."""
    if not views:
        return []
    about = await messages.facts(tx, workspace_id, {view.message_id for view in views})
    since = min(created_at_of(view.message_id) for view in views)
    newest = await attempts.newest_of_deliveries(tx, workspace_id, [view.id for view in views], since)
    return [_described(view, about.get(view.message_id), newest.get(view.id)) for view in views]


def _described(view: DeliveryView, about: Facts | None, last: LastAttempt | None) -> DeliveryView:
    type_, subject = (about.event_type, about.subject) if about else (view.event_type, None)
    return replace(view, event_type=type_, subject=subject, last_attempt=last)


def _narrow(wanted: DeliveryFilter) -> str:
    """The conditions that are asked for and no others: each set of them has its own plan and index."""
    by_type = " AND event_type = :event_type" if wanted.event_type is not None else ""
    by_message = " AND message_id = ANY(:messages::uuid[])" if wanted.messages is not None else ""
    return by_type + by_message


def _values(wanted: DeliveryFilter, part: KeyRange) -> dict[str, object]:
    values: dict[str, object] = {
        "endpoint_id": wanted.endpoint_id,
        "since": wanted.since,
        "until": wanted.until,
        "first": part.first,
        "second": part.second,
        "limit": part.limit,
    }
    if wanted.event_type is not None:
        values["event_type"] = wanted.event_type
    if wanted.messages is not None:
        values["messages"] = list(wanted.messages)
    return values


def _to_view(row: Row, next_attempt_at: datetime | None = None) -> DeliveryView:
    return DeliveryView(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        message_id=row["message_id"],
        state=_STATES[row["state"]],
        attempt_count=row["attempts"],
        next_attempt_at=next_attempt_at,
        finished_at=row["finished_at"],
        event_type=row["event_type"],
    )


def _finite(due_at: datetime | None) -> datetime | None:
    # asyncpg reads infinity as the last moment that Python knows: who is parked has no time of its own.
    return None if due_at is None or due_at.year == MAXYEAR else due_at
