"""SQL of who works on which part of the queue, shared evenly among the living workers."""

from uuid import UUID

from services.webhook_delivery.deliveries.repository.queue import SHARD_COUNT
from shared.postgres.pool import Connection

# Postgres time, not ours: two workers with skewed clocks must agree on an expired lease.
# One statement, since it is sent for ever. What it reads is as before it: the count leaves this owner out.
_RENEW = """
WITH seen AS (INSERT INTO shard_worker (owner, seen_at) VALUES ($1, now())
              ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at),
    forgotten AS (DELETE FROM shard_worker
                  WHERE seen_at < now() - make_interval(secs => $2 * 10) AND owner <> $1),
    renewed AS (UPDATE shard_lease SET expires_at = now() + make_interval(secs => $2) WHERE owner = $1
                RETURNING shard)
SELECT shard, (SELECT count(*) FROM shard_worker
               WHERE seen_at >= now() - make_interval(secs => $2) AND owner <> $1) AS other_count
FROM (SELECT) AS always LEFT JOIN renewed ON true
"""
_TAKE = """
UPDATE shard_lease SET owner = $1, expires_at = now() + make_interval(secs => $2)
WHERE shard = ANY(ARRAY(
    SELECT shard FROM shard_lease WHERE expires_at < now() OR owner IS NULL
    ORDER BY shard LIMIT $3 FOR UPDATE SKIP LOCKED))
RETURNING shard
"""
_RELEASE = """
UPDATE shard_lease SET owner = NULL, expires_at = '-infinity' WHERE owner = $1 AND shard = ANY($2::smallint[])
"""
_LEAVE = "DELETE FROM shard_worker WHERE owner = $1"


async def renew(connection: Connection, owner: UUID, ttl_seconds: float) -> tuple[set[int], int]:
    """Say that this worker lives, and keep what it owns; returns that, and how many shards are its share."""
    rows = await connection.fetch(_RENEW, owner, ttl_seconds)
    held = {row["shard"] for row in rows if row["shard"] is not None}
    return held, -(-SHARD_COUNT // (rows[0]["other_count"] + 1))


async def take(tx: Connection, owner: UUID, ttl_seconds: float, count: int) -> set[int]:
    """Take up to so many shards that nobody owns; returns them."""
    return {row["shard"] for row in await tx.fetch(_TAKE, owner, ttl_seconds, count)}


async def release(tx: Connection, owner: UUID, shards: set[int]) -> None:
    """Give shards back."""
    await tx.execute(_RELEASE, owner, sorted(shards))


async def leave(tx: Connection, owner: UUID) -> None:
    """Take this worker out of the count of the living."""
    await tx.execute(_LEAVE, owner)
