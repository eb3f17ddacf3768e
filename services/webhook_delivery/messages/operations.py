"""Taking messages in: each once, with a delivery for every endpoint that wants it, in one transaction."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import AttemptKind, Delivery
from services.webhook_delivery.deliveries.operations.handoff import Handoff, LeasedDelivery, LeaseOffer
from services.webhook_delivery.deliveries.repository import fifo, queue
from services.webhook_delivery.deliveries.repository.queue import NewDelivery
from services.webhook_delivery.endpoints.operations.subscriber_cache import Subscriber, SubscriberCache
from services.webhook_delivery.event_types.domain.event_filter import PatternIndex
from services.webhook_delivery.message_store import domain as message_rules
from services.webhook_delivery.message_store import repository as messages
from services.webhook_delivery.message_store.domain import Message, StoredMessage
from shared.messaging.work import Unit, Work

Match = tuple[Message, int, Subscriber]
"""A message, its place in the feed, and an endpoint that wants it."""


async def accept_messages(
    unit: Unit, candidates: Sequence[Message], subscribers: SubscriberCache, handoff: Handoff
) -> list[StoredMessage]:
    """Store what is new of these messages and queue its deliveries; returns what was new."""
    claimed = await messages.claim(unit.tx, candidates)
    new = [message for message in candidates if message.id in claimed]
    if not new:
        return []
    heads = await messages.advance(unit.tx, [message.workspace_id for message in new])
    positions = message_rules.number_positions(new, {id_: position for id_, (position, _) in heads.items()})
    filters = await subscribers.at(unit.tx, {id_: version for id_, (_, version) in heads.items()})
    await messages.insert(unit.tx, new, positions)
    await _queue_deliveries(unit, _match_subscribers(new, positions, filters), handoff)
    handoff.tell_readers(unit, heads.keys())
    return [message.at(position) for message, position in zip(new, positions, strict=True)]


async def publish_message(
    work: Work, message: Message, subscribers: SubscriberCache, handoff: Handoff
) -> tuple[StoredMessage, bool]:
    """Store an integrator's own message, and whether it is new; raises EventIdTaken."""
    new = await accept_messages(work, [message], subscribers, handoff)
    if new:
        return new[0], True
    stored, body_sha = await messages.original(work.tx, message.workspace_id, message.source_event_id)
    message_rules.require_same(message, body_sha)
    return stored, False


def _match_subscribers(
    new: Sequence[Message], positions: Sequence[int], filters: Mapping[UUID, PatternIndex[Subscriber]]
) -> list[Match]:
    return [
        (message, position, subscriber)
        for message, position in zip(new, positions, strict=True)
        for subscriber in filters[message.workspace_id].matching(message.event_type)
        if subscriber.may_hear(message)
    ]


async def _queue_deliveries(unit: Unit, matches: Sequence[Match], handoff: Handoff) -> None:
    offer = handoff.offer_lease()
    queued: list[NewDelivery] = []
    held: list[NewDelivery] = []
    leased: list[LeasedDelivery] = []
    for message, position, subscriber in matches:
        if not subscriber.takes_deliveries:
            held.append(_new_delivery(message, position, subscriber))
            continue
        if offer and not subscriber.is_ordered and offer.takes(subscriber.endpoint_id):
            queued.append(_new_delivery(message, position, subscriber, offer))
            leased.append(_lease(queued[-1], message, subscriber))
        else:
            queued.append(_new_delivery(message, position, subscriber))
    if held:
        await queue.insert_held(unit.tx, held)
    if queued:
        await queue.insert_due(unit.tx, queued, offer.lease_seconds if offer else 0)
        if parked := {delivery.endpoint_id for delivery in queued if delivery.is_parked}:
            await fifo.promote(unit.tx, sorted(parked))
        shards = {queue.shard_of(delivery.endpoint_id) for delivery in queued if delivery.lease_token is None}
        handoff.hand_over(unit, shards, leased)


def _new_delivery(
    message: Message, position: int, subscriber: Subscriber, offer: LeaseOffer | None = None
) -> NewDelivery:
    return NewDelivery(
        message.workspace_id,
        subscriber.endpoint_id,
        message.id,
        position,
        message.event_type,
        lease_token=offer.token if offer else None,
        is_parked=subscriber.is_ordered,
    )


def _lease(new: NewDelivery, message: Message, subscriber: Subscriber) -> LeasedDelivery:
    delivery = Delivery(
        id=new.id,
        workspace_id=new.workspace_id,
        endpoint_id=new.endpoint_id,
        message_id=new.message_id,
        message_created_at=message.created_at,
        attempt_count=0,
        kind=AttemptKind.AUTO,
        lease_token=new.lease_token,
        seq=new.position,
        event_type=message.event_type,
        traceparent=message.traceparent,
        body=message.body,
    )
    return LeasedDelivery(delivery, subscriber.version)
