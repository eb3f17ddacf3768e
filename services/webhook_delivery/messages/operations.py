"""Taking messages in: each once, with a delivery for every endpoint that wants it, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import AttemptKind, Delivery
from services.webhook_delivery.deliveries.operations.handoff import Handoff, LeasedDelivery, LeaseOffer
from services.webhook_delivery.deliveries.repository import fifo, queue
from services.webhook_delivery.deliveries.repository.queue import NewDelivery
from services.webhook_delivery.endpoints.operations.subscriber_cache import Subscriber, SubscriberCache
from services.webhook_delivery.event_types.domain.event_filter import PatternIndex
from services.webhook_delivery.message_store import repository as messages
from services.webhook_delivery.message_store.domain import EventIdTaken, Message, StoredMessage
from shared.kernel.errors import NotFound
from shared.messaging.work import Unit

Match = tuple[Message, int, Subscriber]
"""A message, its place in the feed, and an endpoint that wants it."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A message that was published, now or before with the same event_id."""

    message: StoredMessage
    is_new: bool


async def accept_messages(
    unit: Unit, candidates: Sequence[Message], subscribers: SubscriberCache, handoff: Handoff
) -> Mapping[UUID, messages.Place]:
    """Store what is new of these messages and queue its deliveries; the places of what was new, by its id."""
    places = await messages.store(unit.tx, candidates)
    if not places:
        return places
    new = [message for message in candidates if message.id in places]
    versions = {message.workspace_id: places[message.id].endpoints_version for message in new}
    filters = await subscribers.at(unit.tx, versions)
    positions = [places[message.id].position for message in new]
    await _queue_deliveries(unit, _match_subscribers(new, positions, filters), handoff)
    handoff.tell_readers(unit, versions.keys())
    return places


async def publish_messages(
    unit: Unit, published: Sequence[Message], subscribers: SubscriberCache, handoff: Handoff
) -> list[Publication | EventIdTaken | NotFound]:
    """Store an integrator's own messages, of one workspace; for each, in their order, what came of it.

    One whose event_id was published before is that message, or EventIdTaken where it says something else, or
    NotFound where that message has outlived its retention.
    """
    new = await accept_messages(unit, published, subscribers, handoff)
    repeated = [message for message in published if message.id not in new]
    originals: Mapping[str, messages.Original] = {}
    if repeated:
        ids = {message.source_event_id for message in repeated}
        originals = await messages.originals(unit.tx, repeated[0].workspace_id, ids)
    return [
        Publication(message.at(new[message.id].position), is_new=True)
        if message.id in new
        else _repetition(message, originals.get(message.source_event_id))
        for message in published
    ]


def _repetition(
    message: Message, original: messages.Original | None
) -> Publication | EventIdTaken | NotFound:
    if original is None:
        return NotFound("The message of this event_id has outlived its retention.", field="event_id")
    if message.body_sha != original.body_sha:
        return EventIdTaken(field="event_id")
    return Publication(original.message, is_new=False)


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
