"""SQL that queues deliveries again in batches, behind everything else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import STATE_CODES, AttemptKind, Priority, State
from services.webhook_delivery.deliveries.repository.queue import NewDelivery, shard_of
from services.webhook_delivery.jobs.domain import Job, JobCursor
from services.webhook_delivery.message_store.domain import StoredMessage
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

MAX_COUNTED = 100_000
# Priority and kind of what is sent again.
_AGAIN = f"{int(Priority.BULK)}, {int(AttemptKind.MANUAL)}"
_KEPT = "id, endpoint_id, workspace_id, message_id, message_created_at, seq, event_type"
_FAILED = """
FROM delivery_failed
WHERE workspace_id = $1 AND endpoint_id = $2 AND state = ANY($3::smallint[])
  AND message_created_at >= $4 AND message_created_at < $5 AND finished_at >= $4 AND finished_at <= $6
"""
_COUNT_FAILED = f"SELECT count(*) FROM (SELECT {_FAILED} LIMIT {MAX_COUNTED}) AS d"
_LAST_FAILED = f"""
SELECT finished_at, id {_FAILED} AND ($7::timestamptz IS NULL OR (finished_at, id) > ($7, $8::uuid))
ORDER BY finished_at, id LIMIT $9
"""
# Out of the failures and back into the queue in one statement: a delivery is never in both, nor in neither.
_RECOVER = f"""
WITH taken AS (
    DELETE FROM delivery_failed
    WHERE workspace_id = $1 AND endpoint_id = $2 AND (finished_at, id) IN (
        SELECT * FROM unnest($3::timestamptz[], $4::uuid[]))
    RETURNING *)
INSERT INTO delivery_due ({_KEPT}, shard, due_at, priority, kind)
SELECT {_KEPT}, $5, CASE WHEN $6 THEN 'infinity' ELSE now() END, {_AGAIN}
FROM taken ON CONFLICT (id) DO NOTHING
"""
_WAITING = "SELECT count(*) FROM (SELECT FROM delivery_due WHERE endpoint_id = $1 LIMIT $2) AS d"
_MESSAGES = """
SELECT id, workspace_id, created_at, event_type, source_event_id, ordering_key, sequence, position,
       ''::bytea AS body
FROM message WHERE workspace_id = $1 AND created_at >= $2 AND created_at < $3 AND position > $4
ORDER BY position LIMIT $5
"""
_ENDS = """
SELECT (SELECT position FROM message WHERE workspace_id = $1 AND created_at >= $2 AND created_at < $3
        ORDER BY created_at LIMIT 1) AS first,
       (SELECT position FROM message WHERE workspace_id = $1 AND created_at >= $2 AND created_at < $3
        ORDER BY created_at DESC LIMIT 1) AS last
"""
_FIND_DELIVERIES = f"""
SELECT message_id, id, {STATE_CODES[State.PENDING]}::smallint AS state FROM delivery_due
WHERE workspace_id = $1 AND endpoint_id = $2 AND seq = ANY($4::bigint[]) AND message_id = ANY($3::uuid[])
UNION ALL
SELECT message_id, id, state FROM delivery_failed
WHERE workspace_id = $1 AND endpoint_id = $2 AND message_id = ANY($3::uuid[])
UNION ALL
SELECT message_id, delivery_id, final FROM attempt
WHERE workspace_id = $1 AND endpoint_id = $2 AND message_id = ANY($3::uuid[])
  AND final = {STATE_CODES[State.DELIVERED]} AND kind <> {int(AttemptKind.TEST)} AND at >= $5
"""
_FORGET_FAILURES = "DELETE FROM delivery_failed WHERE workspace_id = $1 AND id = ANY($2::uuid[])"
_INSERT = Statement(f"""
INSERT INTO delivery_due ({_KEPT}, shard, due_at, priority, kind)
SELECT n.*, :shard, CASE WHEN :is_ordered THEN 'infinity' ELSE now() END, {_AGAIN}
FROM unnest(:id::uuid[], :endpoint_id::uuid[], :workspace_id::uuid[], :message_id::uuid[],
            :message_created_at::timestamptz[], :position::bigint[], :event_type::text[]) AS n
ON CONFLICT (id) DO NOTHING
""")
_STATES = {code: state for state, code in STATE_CODES.items()}


async def count_failed(tx: Connection, job: Job) -> int:
    """How many deliveries a recovery would queue; counted to a limit."""
    return int(await tx.fetchval(_COUNT_FAILED, *_failed(job)))


async def recover(tx: Connection, job: Job, limit: int, is_ordered: bool) -> tuple[JobCursor | None, int]:
    """Queue the next failed deliveries again: the cursor behind them (None: there are none), how many."""
    rows = await tx.fetch(_LAST_FAILED, *_failed(job), job.cursor.at, job.cursor.id, limit)
    if not rows:
        return None, 0
    times, ids = [row["finished_at"] for row in rows], [row["id"] for row in rows]
    shard = shard_of(job.endpoint_id)
    done = await tx.execute(_RECOVER, job.workspace_id, job.endpoint_id, times, ids, shard, is_ordered)
    return JobCursor(times[-1], ids[-1]), int(done.split()[-1])


async def waiting_count(tx: Connection, endpoint_id: UUID, limit: int) -> int:
    """How many deliveries of the endpoint are in the queue; counted to the limit."""
    return int(await tx.fetchval(_WAITING, endpoint_id, limit))


async def count_messages(tx: Connection, job: Job) -> int:
    """About how many messages lie in the job's time: places in the feed from the first to the last."""
    row = await tx.fetchrow(_ENDS, job.workspace_id, job.since, job.until)
    return 0 if row is None or row["first"] is None else max(0, int(row["last"] - row["first"]) + 1)


async def next_messages(tx: Connection, job: Job, limit: int) -> list[StoredMessage]:
    """The next messages of the job's time, in the feed's order, without their bodies."""
    place = job.cursor.position or 0
    rows = await tx.fetch(_MESSAGES, job.workspace_id, job.since, job.until, place, limit)
    return [StoredMessage(**row) for row in rows]


async def find_deliveries(
    tx: Connection, job: Job, messages: Sequence[StoredMessage], since: datetime
) -> dict[UUID, dict[State, UUID]]:
    """By message: the endpoint's deliveries of it by their state."""
    ids, positions = [message.id for message in messages], [message.position for message in messages]
    rows = await tx.fetch(_FIND_DELIVERIES, job.workspace_id, job.endpoint_id, ids, positions, since)
    by_message: dict[UUID, dict[State, UUID]] = {}
    for row in rows:
        by_message.setdefault(row["message_id"], {})[_STATES[row["state"]]] = row["id"]
    return by_message


async def insert(tx: Connection, new: Sequence[NewDelivery], is_ordered: bool) -> int:
    """Queue deliveries of one endpoint, new or under the ids that they had; where it is ordered, parked."""
    await tx.execute(_FORGET_FAILURES, new[0].workspace_id, [delivery.id for delivery in new])
    shard = shard_of(new[0].endpoint_id)
    return int((await _INSERT.execute_many(tx, new, shard=shard, is_ordered=is_ordered)).split()[-1])


def _failed(job: Job) -> tuple[UUID, UUID, list[int], datetime, datetime, datetime]:
    codes = [STATE_CODES[state] for state in job.states]
    return job.workspace_id, job.endpoint_id, codes, job.since, job.until, job.created_at
