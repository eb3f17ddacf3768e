"""SQL of who works on which part of the queue, shared evenly among the living workers."""

from uuid import UUID

from services.webhook_delivery.deliveries.repository.queue import SHARD_COUNT
from shared.postgres.pool import Connection

# Postgres time, not ours: two workers with skewed clocks must agree on an expired lease.
_SEEN = """
INSERT INTO shard_worker (owner, seen_at) VALUES ($1, now())
ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at
"""
_FORGET = "DELETE FROM shard_worker WHERE seen_at < now() - make_interval(secs => $1)"
_ALIVE = "SELECT count(*) FROM shard_worker WHERE seen_at >= now() - make_interval(secs => $1)"
_RENEW = (
    "UPDATE shard_lease SET expires_at = now() + make_interval(secs => $2) WHERE owner = $1 RETURNING shard"
)
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


async def note_alive(tx: Connection, owner: UUID, ttl_seconds: float) -> int:
    """Say that this worker lives; returns how many shards are its share."""
    await tx.execute(_SEEN, owner)
    await tx.execute(_FORGET, ttl_seconds * 10)
    alive = int(await tx.fetchval(_ALIVE, ttl_seconds))
    return -(-SHARD_COUNT // max(alive, 1))


async def renew(tx: Connection, owner: UUID, ttl_seconds: float) -> set[int]:
    """Keep what this worker owns for another while; returns it."""
    return {row["shard"] for row in await tx.fetch(_RENEW, owner, ttl_seconds)}


async def take(tx: Connection, owner: UUID, ttl_seconds: float, count: int) -> set[int]:
    """Take up to so many shards that nobody owns; returns them."""
    return {row["shard"] for row in await tx.fetch(_TAKE, owner, ttl_seconds, count)}


async def release(tx: Connection, owner: UUID, shards: set[int]) -> None:
    """Give shards back."""
    await tx.execute(_RELEASE, owner, sorted(shards))


async def leave(tx: Connection, owner: UUID) -> None:
    """Take this worker out of the count of the living."""
    await tx.execute(_LEAVE, owner)
