"""Takes what is due from the queue: a lease, then the endpoints and bodies that belong to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import structlog

from services.webhook_delivery import metrics
from services.webhook_delivery.deliveries.domain.delivery import Delivery
from services.webhook_delivery.deliveries.domain.request import Target
from services.webhook_delivery.deliveries.repository import deliveries, ordered
from services.webhook_delivery.messages import repository as messages
from services.webhook_delivery.secrets.operations import load_targets
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

# Of a line, so many are sent one after the other before the table is asked again.
LINE_BATCH = 100
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to take: of one shard, not of these endpoints, so many at most, for so long."""

    shard: int
    excluded: Sequence[UUID]
    count: int
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class Group:
    """One endpoint's deliveries; no target when the endpoint is not there."""

    endpoint_id: UUID
    target: Target | None
    deliveries: list[Delivery]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was taken; `expired` are those whose message has outlived its retention."""

    count: int
    groups: Sequence[Group] = ()
    expired: Sequence[Delivery] = ()


async def fetch(
    database: Database, ring: KeyRing, wanted: Wanted, give_back: Callable[[Iterable[Delivery]], None]
) -> Fetched:
    """Lease what is due and load what belongs to it; gives the lease back when that fails."""
    token = uuid4()
    async with database.pool.acquire() as connection:
        claimed, expired_count = await deliveries.claim(
            connection, wanted.shard, wanted.excluded, wanted.count, wanted.lease_seconds, token
        )
    if expired_count:
        metrics.LEASES_EXPIRED.inc(expired_count)
        log.warning("deliveries.taken_over", count=expired_count, shard=wanted.shard)
    if not claimed:
        return Fetched(0)
    try:
        groups = await with_targets(database, ring, claimed)
        lined_up = [await _in_line(database, group, wanted.lease_seconds, token) for group in groups]
        async with database.pool.acquire() as connection:
            return await _with_content(connection, lined_up, len(claimed))
    except BaseException:
        give_back(claimed)
        raise


async def with_targets(database: Database, ring: KeyRing, found: Sequence[Delivery]) -> list[Group]:
    """The deliveries by endpoint, each with its endpoint as it is now."""
    by_endpoint: dict[UUID, list[Delivery]] = {}
    for one in found:
        by_endpoint.setdefault(one.endpoint_id, []).append(one)
    keys = sorted({(one.workspace_id, one.endpoint_id) for one in found})
    async with database.pool.acquire() as connection:
        targets = await load_targets(connection, keys, ring)
    return [Group(id_, targets.get(id_), own) for id_, own in by_endpoint.items()]


async def _in_line(database: Database, group: Group, lease_seconds: float, token: UUID) -> Group:
    if group.target is None or not group.target.endpoint.is_ordered:
        return group
    async with database.transaction() as tx:
        line = await ordered.lease_line(tx, group.deliveries, LINE_BATCH, lease_seconds, token)
    return Group(group.endpoint_id, group.target, [replace(one, is_ordered=True) for one in line])


async def _with_content(connection: Connection, groups: Sequence[Group], count: int) -> Fetched:
    found = [one for group in groups for one in group.deliveries]
    keys = {(one.workspace_id, one.message_created_at, one.message_id) for one in found}
    content = await messages.content(connection, keys) if keys else {}
    filled = [
        replace(
            group,
            deliveries=[
                replace(one, **content[one.message_id])
                for one in group.deliveries
                if one.message_id in content
            ],
        )
        for group in groups
    ]
    expired = [one for one in found if one.message_id not in content]
    return Fetched(count, filled, expired)
