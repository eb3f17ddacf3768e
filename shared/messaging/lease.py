"""Which shards of the outbox this relay owns: leases with an epoch, shared evenly among the living relays."""

import time
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from shared.messaging.outbox import SHARD_COUNT
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

# Postgres time, not ours: two relays with skewed clocks must agree on an expired lease.
# One statement, since it is sent for ever. What it reads is as before it: the count leaves this owner out.
_RENEW = """
WITH seen AS (INSERT INTO outbox_relay (owner, seen_at) VALUES ($1, now())
              ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at),
    forgotten AS (DELETE FROM outbox_relay
                  WHERE seen_at < now() - make_interval(secs => $2 * 10) AND owner <> $1),
    renewed AS (UPDATE outbox_lease SET expires_at = now() + make_interval(secs => $2) WHERE owner = $1
                RETURNING shard, epoch)
SELECT shard, epoch, (SELECT count(*) FROM outbox_relay
                      WHERE seen_at >= now() - make_interval(secs => $2) AND owner <> $1) AS other_count
FROM (SELECT) AS always LEFT JOIN renewed ON true
"""
_TAKE = """
UPDATE outbox_lease SET owner = $1, epoch = epoch + 1, expires_at = now() + make_interval(secs => $2)
WHERE shard IN (SELECT shard FROM outbox_lease WHERE expires_at < now() OR owner IS NULL
                ORDER BY shard LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING shard, epoch
"""
_RELEASE = """
UPDATE outbox_lease SET owner = NULL, expires_at = '-infinity' WHERE owner = $1
  AND shard = ANY($2::smallint[])
"""


@dataclass(slots=True)
class Lease:
    """The shards held by one relay; `epochs` maps each to the epoch that fences its marks."""

    database: Database
    ttl_seconds: float
    owner: UUID = field(default_factory=uuid4)
    epochs: dict[int, int] = field(default_factory=dict)
    _valid_until: float = 0.0
    _renew_at: float = 0.0

    @property
    def is_held(self) -> bool:
        """Whether the lease surely still holds, by our monotonic clock."""
        return bool(self.epochs) and time.monotonic() < self._valid_until

    @property
    def is_whole(self) -> bool:
        """Whether every shard is ours."""
        return len(self.epochs) == SHARD_COUNT

    @property
    def renews_in(self) -> float:
        """Seconds until the next renewal."""
        return max(0.0, self._renew_at - time.monotonic())

    async def keep(self) -> None:
        """Renew when a third of the lease is over; take or hand back shards: all relays get a share."""
        started = time.monotonic()
        if started < self._renew_at:
            return
        async with self.database.pool.acquire() as connection:
            rows = await connection.fetch(_RENEW, self.owner, self.ttl_seconds)
        self.epochs = {row["shard"]: row["epoch"] for row in rows if row["shard"] is not None}
        share = -(-SHARD_COUNT // (rows[0]["other_count"] + 1))
        if len(self.epochs) != share:
            async with self.database.transaction() as tx:
                self.epochs = await self._shared(tx, share)
        # Counted from before the round trip, so that we stop before Postgres thinks that we did.
        self._valid_until = started + self.ttl_seconds * 0.8
        self._renew_at = started + self.ttl_seconds / 3

    async def release(self) -> None:
        """Hand every shard back, so that another relay need not wait for the lease to run out."""
        async with self.database.transaction() as tx:
            await tx.execute(_RELEASE, self.owner, list(self.epochs))
            await tx.execute("DELETE FROM outbox_relay WHERE owner = $1", self.owner)
        self.epochs = {}

    async def _shared(self, tx: Connection, share: int) -> dict[int, int]:
        """What is ours once we hold our share: the surplus is handed back, what is free is taken."""
        surplus = sorted(self.epochs)[share:]
        if surplus:
            await tx.execute(_RELEASE, self.owner, surplus)
            return {shard: epoch for shard, epoch in self.epochs.items() if shard not in surplus}
        taken = await tx.fetch(_TAKE, self.owner, self.ttl_seconds, share - len(self.epochs))
        return self.epochs | {row["shard"]: row["epoch"] for row in taken}
