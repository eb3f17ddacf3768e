"""Takes what is due from the queue: a lease, then the endpoints and bodies that belong to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from services.webhook_delivery import metrics
from services.webhook_delivery.deliveries.domain.delivery import Delivery
from services.webhook_delivery.deliveries.repository import fifo, queue
from services.webhook_delivery.deliveries.repository.queue import ClaimRequest
from services.webhook_delivery.endpoints.domain.target import Target
from services.webhook_delivery.endpoints.operations.secrets import load_targets
from services.webhook_delivery.message_store import repository as messages
from services.webhook_delivery.message_store.repository import Content
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

# Of a line, so many are sent one after the other before the table is asked again.
LINE_BATCH = 100
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class EndpointBatch:
    """One endpoint's deliveries; no target when the endpoint is not there."""

    endpoint_id: UUID
    target: Target | None
    deliveries: list[Delivery]


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """What was taken; `expired` are those whose message has outlived its retention."""

    count: int
    batches: Sequence[EndpointBatch] = ()
    expired: Sequence[Delivery] = ()


async def claim_due(
    database: Database, ring: KeyRing, request: ClaimRequest, give_back: Callable[[Iterable[Delivery]], None]
) -> ClaimedBatch:
    """Lease what is due and load what belongs to it; gives the lease back when that fails."""
    async with database.pool.acquire() as connection:
        claimed, expired_count = await queue.claim(connection, request)
    if expired_count:
        metrics.LEASES_EXPIRED.inc(expired_count)
        log.warning("deliveries.taken_over", count=expired_count, shard=request.shard)
    if not claimed:
        return ClaimedBatch(0)
    try:
        batches = await load_batches(database, ring, claimed)
        ordered = [await _lease_line(database, batch, request) for batch in batches]
        async with database.pool.acquire() as connection:
            return await _load_content(connection, ordered, len(claimed))
    except BaseException:
        give_back(claimed)
        raise


async def load_batches(
    database: Database, ring: KeyRing, deliveries: Sequence[Delivery]
) -> list[EndpointBatch]:
    """The deliveries by endpoint, each with its endpoint as it is now."""
    by_endpoint: dict[UUID, list[Delivery]] = {}
    for delivery in deliveries:
        by_endpoint.setdefault(delivery.endpoint_id, []).append(delivery)
    keys = sorted({(delivery.workspace_id, delivery.endpoint_id) for delivery in deliveries})
    async with database.pool.acquire() as connection:
        targets = await load_targets(connection, keys, ring)
    return [EndpointBatch(id_, targets.get(id_), own) for id_, own in by_endpoint.items()]


async def _lease_line(database: Database, batch: EndpointBatch, request: ClaimRequest) -> EndpointBatch:
    if batch.target is None or not batch.target.endpoint.is_ordered:
        return batch
    async with database.transaction() as tx:
        line = await fifo.lease_line(tx, batch.deliveries, LINE_BATCH, request.lease_seconds, request.token)
    return replace(batch, deliveries=[replace(delivery, is_ordered=True) for delivery in line])


async def _load_content(connection: Connection, batches: Sequence[EndpointBatch], count: int) -> ClaimedBatch:
    deliveries = [delivery for batch in batches for delivery in batch.deliveries]
    keys = {
        (delivery.workspace_id, delivery.message_created_at, delivery.message_id) for delivery in deliveries
    }
    content = await messages.content(connection, keys) if keys else {}
    filled = [
        replace(
            batch,
            deliveries=[
                _with_content(delivery, content[delivery.message_id])
                for delivery in batch.deliveries
                if delivery.message_id in content
            ],
        )
        for batch in batches
    ]
    expired = [delivery for delivery in deliveries if delivery.message_id not in content]
    return ClaimedBatch(count, filled, expired)


def _with_content(delivery: Delivery, content: Content) -> Delivery:
    return replace(
        delivery, event_type=content.event_type, traceparent=content.traceparent, body=content.body
    )
