"""Which shards of the outbox this relay owns: leases with an epoch, shared evenly among the living relays."""

import time
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from shared.messaging.outbox import SHARD_COUNT
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

# Postgres time, not ours: two relays with skewed clocks must agree on an expired lease.
_SEEN = """
INSERT INTO outbox_relay (owner, seen_at) VALUES ($1, now())
ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at
"""
_FORGET = "DELETE FROM outbox_relay WHERE seen_at < now() - make_interval(secs => $1)"
_ALIVE = "SELECT count(*) FROM outbox_relay WHERE seen_at >= now() - make_interval(secs => $1)"
_RENEW = """
UPDATE outbox_lease SET expires_at = now() + make_interval(secs => $2) WHERE owner = $1
RETURNING shard, epoch
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

    async def keep(self) -> None:
        """Renew when a third of the lease is over; take or hand back shards: all relays get a share."""
        started = time.monotonic()
        if started < self._renew_at:
            return
        async with self.database.transaction() as tx:
            self.epochs = await self._renew(tx)
        # Counted from before the round trip, so that we stop before Postgres thinks that we did.
        self._valid_until = started + self.ttl_seconds * 0.8
        self._renew_at = started + self.ttl_seconds / 3

    async def release(self) -> None:
        """Hand every shard back, so that another relay need not wait for the lease to run out."""
        async with self.database.transaction() as tx:
            await tx.execute(_RELEASE, self.owner, list(self.epochs))
            await tx.execute("DELETE FROM outbox_relay WHERE owner = $1", self.owner)
        self.epochs = {}

    async def _renew(self, tx: Connection) -> dict[int, int]:
        await tx.execute(_SEEN, self.owner)
        await tx.execute(_FORGET, self.ttl_seconds * 10)
        alive = await tx.fetchval(_ALIVE, self.ttl_seconds)
        share = -(-SHARD_COUNT // max(alive, 1))
        held = {r["shard"]: r["epoch"] for r in await tx.fetch(_RENEW, self.owner, self.ttl_seconds)}
        surplus = sorted(held)[share:]
        if surplus:
            await tx.execute(_RELEASE, self.owner, surplus)
            return {shard: epoch for shard, epoch in held.items() if shard not in surplus}
        if len(held) < share:
            taken = await tx.fetch(_TAKE, self.owner, self.ttl_seconds, share - len(held))
            held |= {r["shard"]: r["epoch"] for r in taken}
        return held
