"""Which parts of the queue this process works on, so that one process alone keeps an endpoint's limits."""

import time
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from services.webhook_delivery.deliveries.repository import shards
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

# A worker stops a little before Postgres thinks that it did.
_TRUSTED_SHARE = 0.8


@dataclass(slots=True)
class Shards:
    """The lease of some shards; every living worker gets its share."""

    database: Database
    ttl_seconds: float
    owner: UUID = field(default_factory=uuid4)
    _held: frozenset[int] = frozenset()
    _valid_until: float = 0.0

    @property
    def owned(self) -> frozenset[int]:
        """The shards that surely are ours, by our monotonic clock."""
        return self._held if time.monotonic() < self._valid_until else frozenset()

    async def keep(self) -> frozenset[int]:
        """Renew the lease, take or hand back shards; returns those that are ours no more."""
        started, before = time.monotonic(), self._held
        async with self.database.pool.acquire() as connection:
            own, share = await shards.renew(connection, self.owner, self.ttl_seconds)
        held = frozenset(own)
        if len(own) != share:
            async with self.database.transaction() as tx:
                held = await self._shared(tx, own, share)
        self._held, self._valid_until = held, started + self.ttl_seconds * _TRUSTED_SHARE
        return before - held

    async def release(self) -> None:
        """Hand everything back, so that another worker need not wait for the lease to run out."""
        held, self._held, self._valid_until = self._held, frozenset(), 0.0
        async with self.database.transaction() as tx:
            await shards.release(tx, self.owner, set(held))
            await shards.leave(tx, self.owner)

    async def _shared(self, tx: Connection, held: set[int], share: int) -> frozenset[int]:
        surplus = set(sorted(held)[share:])
        if surplus:
            await shards.release(tx, self.owner, surplus)
            return frozenset(held - surplus)
        return frozenset(held | await shards.take(tx, self.owner, self.ttl_seconds, share - len(held)))
