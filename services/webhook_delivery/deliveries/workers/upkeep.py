"""What the clock does besides delivering: partitions ahead of time, counts, emptying of dead queues."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog

from services.webhook_delivery import metrics
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.deliveries.repository import fifo, upkeep
from services.webhook_delivery.deliveries.repository.queue import SHARD_COUNT
from services.webhook_delivery.endpoints.operations.endpoints import put_aside
from services.webhook_delivery.endpoints.operations.headers import seal_stored
from services.webhook_delivery.endpoints.repository import endpoints
from shared.kernel.key_ring import KeyRing
from shared.messaging.work import begin
from shared.postgres.transaction import Database

ENDPOINTS_AT_ONCE = 100
NIL = UUID(int=0)
log = structlog.get_logger()


async def make_partitions(database: Database, days_ahead: int) -> bool:
    """Make the daily partitions that are missing."""
    async with database.transaction() as tx:
        metrics.PARTITIONS_AHEAD.set(await upkeep.make_partitions(tx, days_ahead))
    return False


async def drop_partitions(database: Database, days: Mapping[str, int]) -> bool:
    """Drop one outlived partition of each table; True when there may be more."""
    has_more = False
    for table, kept_days in days.items():
        async with database.transaction() as tx:
            dropped = await upkeep.drop_partition(tx, table, kept_days)
        if dropped:
            log.info("partition.dropped", partition=dropped)
            has_more = True
    return has_more


async def count_due(database: Database) -> bool:
    """Count what is due."""
    async with database.transaction() as tx:
        metrics.DUE_ROWS.set(await upkeep.count_due(tx))
        metrics.HELD.set(await upkeep.count_held(tx))
        metrics.DUE_DEAD_TUPLES.set(await upkeep.dead_due(tx))
        oldest = await upkeep.oldest_due(tx, SHARD_COUNT)
    metrics.OLDEST_DUE.set(max(0.0, oldest.total_seconds()))
    return False


async def promote_heads(database: Database, handoff: Handoff) -> bool:
    """Let the heads of lines go that were parked while the one before them left."""
    async with begin(database) as unit:
        if shards := await fifo.sweep(unit.tx):
            handoff.hand_over(unit, shards)
    return False


async def empty_dead_queues(database: Database) -> bool:
    """End a batch of what waits for each disabled or deleted endpoint; True when there may be more."""
    async with database.transaction() as tx:
        disabled = await endpoints.not_taking(tx, ENDPOINTS_AT_ONCE)
    has_more = False
    for endpoint in disabled:
        async with begin(database) as unit:
            has_more |= await put_aside(unit, endpoint)
    return has_more


@dataclass(slots=True)
class HeaderSealing:
    """Encrypts the headers of before, or of an older key, a batch a step.

    The first step does nothing: processes of the release before, or without the newest key, may still run
    and could not read them.
    """

    database: Database
    ring: KeyRing
    after: UUID | None = None

    async def step(self) -> bool:
        """Encrypt a batch; True when there may be more."""
        if self.after is None:
            self.after = NIL
            return False
        async with begin(self.database) as unit:
            last = await seal_stored(unit, self.after, self.ring)
        self.after = last or NIL
        return last is not None
