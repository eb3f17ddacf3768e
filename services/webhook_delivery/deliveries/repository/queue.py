"""SQL of the queue of deliveries. A lease is a due time moved forward; its token fences every write."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.webhook_delivery.deliveries.domain.delivery import (
    STATE_CODES,
    AttemptKind,
    Delivery,
    Priority,
    State,
)
from services.webhook_delivery.message_store.domain import created_at_of
from shared.kernel.ids import new_id
from shared.postgres.named import Statement
from shared.postgres.pool import Connection, Row

SHARD_COUNT = 16
"""Rows carry their shard, so a change of this number takes a migration."""

_KEPT = "id, endpoint_id, workspace_id, message_id, message_created_at, seq, event_type"
# Who is leased from the start is not due before its lease ends; who waits behind another is due at no time.
_ROWS = """unnest(:id::uuid[], :endpoint_id::uuid[], :workspace_id::uuid[], :message_id::uuid[],
            :message_created_at::timestamptz[], :position::bigint[], :event_type::text[]"""
_INSERT_DUE = Statement(f"""
INSERT INTO delivery_due ({_KEPT}, shard, lease_token, due_at)
SELECT {_KEPT}, shard, token,
       CASE WHEN is_parked THEN 'infinity'
            WHEN token IS NULL THEN now() ELSE now() + make_interval(secs => :lease_seconds) END
FROM {_ROWS}, :shard::smallint[], :lease_token::uuid[], :is_parked::boolean[])
     AS new ({_KEPT}, shard, token, is_parked)
""")
_INSERT_HELD = Statement(f"""
INSERT INTO delivery_failed ({_KEPT}, state, attempts, finished_at)
SELECT *, {STATE_CODES[State.HELD]}, 0, now() FROM {_ROWS})
""")
_WAITS = """
SELECT s AS shard, first.due_at - now() AS wait
FROM generate_series(0, $1::integer - 1) AS s
CROSS JOIN LATERAL (
    SELECT due_at FROM delivery_due WHERE shard = s::smallint AND due_at < 'infinity'
    ORDER BY due_at LIMIT 1) AS first
"""
# One shard with equality: the index is walked in order; with ANY() the whole backlog would be sorted.
# The ids go through an array, since a join might be planned as a scan of the whole queue.
_CLAIM = Statement("""
UPDATE delivery_due d SET due_at = now() + make_interval(secs => :lease_seconds), lease_token = :token
WHERE id = ANY(ARRAY(
    SELECT id FROM delivery_due
    WHERE shard = :shard AND due_at <= now() AND endpoint_id <> ALL(:excluded::uuid[])
    ORDER BY due_at LIMIT :count FOR UPDATE SKIP LOCKED))
RETURNING d.id, d.workspace_id, d.endpoint_id, d.message_id, d.message_created_at, d.seq, d.attempt,
          d.priority, d.kind, d.lease_token, old.lease_token IS NOT NULL AS was_leased
""")
_RENEW = """
UPDATE delivery_due d SET due_at = now() + make_interval(secs => $3)
FROM unnest($1::uuid[], $2::uuid[]) AS mine (id, token)
WHERE d.id = mine.id AND d.lease_token = mine.token RETURNING d.id
"""
_RELEASE = """
UPDATE delivery_due d SET due_at = now() + mine.delay_ms * interval '1 millisecond', lease_token = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS mine (id, token, delay_ms)
WHERE d.id = mine.id AND d.lease_token = mine.token
"""
_RETRY = f"""
UPDATE delivery_due d SET due_at = now() + mine.delay_ms * interval '1 millisecond', lease_token = NULL,
    attempt = mine.attempt, priority = {int(Priority.RETRY)}, kind = {int(AttemptKind.AUTO)}
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::smallint[]) AS mine (id, token, delay_ms, attempt)
WHERE d.id = mine.id AND d.lease_token = mine.token
"""
# An array that the planner cannot look into spares it to plan each time anew for how many there are.
_FINISH = f"""
WITH done AS (
    DELETE FROM delivery_due d
    USING unnest((SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::smallint[]), (SELECT $4::smallint[]))
        AS mine (id, token, state, attempt)
    WHERE d.id = mine.id AND d.lease_token = mine.token
    RETURNING d.*, mine.state AS state, mine.attempt AS attempts)
INSERT INTO delivery_failed ({_KEPT}, state, attempts, finished_at)
SELECT {_KEPT}, state, attempts, now() FROM done WHERE state <> {STATE_CODES[State.DELIVERED]}
"""
# Leased ones are left to their worker, which may have sent them by now.
_PUT_ASIDE = f"""
WITH taken AS (
    DELETE FROM delivery_due WHERE id = ANY(ARRAY(
        SELECT id FROM delivery_due WHERE endpoint_id = $2 AND workspace_id = $1 AND lease_token IS NULL
        LIMIT $4 FOR UPDATE SKIP LOCKED))
    RETURNING *)
INSERT INTO delivery_failed ({_KEPT}, state, attempts, finished_at)
SELECT {_KEPT}, $3, attempt, now() FROM taken
"""
_HASTEN = f"""
UPDATE delivery_due SET due_at = now(), kind = {int(AttemptKind.MANUAL)}
WHERE workspace_id = $1 AND id = $2 AND lease_token IS NULL
"""
_FORGET_FAILURE = "DELETE FROM delivery_failed WHERE workspace_id = $1 AND id = $2"
_RESEND = Statement(f"""
INSERT INTO delivery_due ({_KEPT}, shard, due_at, kind)
VALUES (:id, :endpoint_id, :workspace_id, :message_id, :message_created_at, :position, :event_type, :shard,
        now(), {int(AttemptKind.MANUAL)}) ON CONFLICT (id) DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery that a new message makes; `position` is the message's.

    With a `lease_token` it is leased from the start; `is_parked` when it may have to wait for another.
    """

    workspace_id: UUID
    endpoint_id: UUID
    message_id: UUID
    position: int
    event_type: str
    id: UUID = field(default_factory=new_id)
    lease_token: UUID | None = None
    is_parked: bool = False

    @property
    def message_created_at(self) -> datetime:
        """When its message was made, which the id tells."""
        return created_at_of(self.message_id)

    @property
    def shard(self) -> int:
        """The part of the queue that holds it."""
        return shard_of(self.endpoint_id)


def shard_of(endpoint_id: UUID) -> int:
    """The part of the queue that holds the endpoint's deliveries."""
    return endpoint_id.int % SHARD_COUNT


async def insert_due(tx: Connection, new: Sequence[NewDelivery], lease_seconds: float) -> None:
    """Queue deliveries: due at once, or leased, or parked."""
    await _INSERT_DUE.execute_many(tx, new, lease_seconds=lease_seconds)


async def insert_held(tx: Connection, new: Sequence[NewDelivery]) -> None:
    """Put deliveries aside whose endpoint takes none now."""
    await _INSERT_HELD.execute_many(tx, new)


async def waits(tx: Connection) -> dict[int, timedelta]:
    """How long until each shard's first delivery is due (negative: overdue); shards without are missing."""
    return {row["shard"]: row["wait"] for row in await tx.fetch(_WAITS, SHARD_COUNT)}


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What to lease: of one shard, not of these endpoints, so many at most, for so long."""

    shard: int
    excluded: Sequence[UUID]
    count: int
    lease_seconds: float
    token: UUID = field(default_factory=uuid4)


async def claim(tx: Connection, request: ClaimRequest) -> tuple[list[Delivery], int]:
    """Lease what is due; also tells how many leases had run out."""
    rows = await _CLAIM.fetch(tx, request)
    return [to_delivery(row) for row in rows], sum(row["was_leased"] for row in rows)


async def renew(tx: Connection, held: Sequence[Delivery], lease_seconds: float) -> set[UUID]:
    """Extend leases; returns the ids of those that still hold."""
    rows = await tx.fetch(
        _RENEW, [delivery.id for delivery in held], [delivery.lease_token for delivery in held], lease_seconds
    )
    return {row["id"] for row in rows}


async def release(tx: Connection, held: Sequence[tuple[Delivery, int]]) -> None:
    """Give leases back; the deliveries are due again after so many milliseconds."""
    await tx.execute(
        _RELEASE,
        [delivery.id for delivery, _ in held],
        [delivery.lease_token for delivery, _ in held],
        [delay_ms for _, delay_ms in held],
    )


async def retry(tx: Connection, tried: Sequence[tuple[Delivery, int, int]]) -> None:
    """Queue deliveries for another attempt after so many milliseconds, with the new count of attempts."""
    await tx.execute(
        _RETRY,
        [delivery.id for delivery, _, _ in tried],
        [delivery.lease_token for delivery, _, _ in tried],
        [delay_ms for _, delay_ms, _ in tried],
        [count for _, _, count in tried],
    )


async def finish(tx: Connection, ended: Sequence[tuple[Delivery, State, int]]) -> None:
    """Take ended deliveries out of the queue, with their attempt counts; keeps what did not arrive."""
    await tx.execute(
        _FINISH,
        [delivery.id for delivery, _, _ in ended],
        [delivery.lease_token for delivery, _, _ in ended],
        [STATE_CODES[state] for _, state, _ in ended],
        [count for _, _, count in ended],
    )


async def put_aside(tx: Connection, workspace_id: UUID, endpoint_id: UUID, state: State, limit: int) -> int:
    """End up to `limit` waiting deliveries of an endpoint in this state; returns how many."""
    done = await tx.execute(_PUT_ASIDE, workspace_id, endpoint_id, STATE_CODES[state], limit)
    return int(done.split()[-1])


async def hasten(tx: Connection, workspace_id: UUID, delivery_id: UUID) -> bool:
    """Make a waiting delivery due now; False when it is not waiting."""
    done = await tx.execute(_HASTEN, workspace_id, delivery_id)
    return bool(done != "UPDATE 0")


async def resend(tx: Connection, again: NewDelivery) -> bool:
    """Queue an ended delivery anew under its id; False when it is in the queue already."""
    await tx.execute(_FORGET_FAILURE, again.workspace_id, again.id)
    return await _RESEND.execute(tx, again) != "INSERT 0 0"


def to_delivery(row: Row) -> Delivery:
    """The delivery in a row of the queue."""
    return Delivery(
        id=row["id"],
        workspace_id=row["workspace_id"],
        endpoint_id=row["endpoint_id"],
        message_id=row["message_id"],
        message_created_at=row["message_created_at"],
        attempt_count=row["attempt"],
        kind=AttemptKind(row["kind"]),
        lease_token=row["lease_token"],
        seq=row["seq"],
        priority=Priority(row["priority"]),
    )
