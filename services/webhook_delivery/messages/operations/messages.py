"""Taking messages in: each once, with a delivery for every endpoint that wants it, in one transaction."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import Delivery, Kind
from services.webhook_delivery.deliveries.repository import deliveries, ordered
from services.webhook_delivery.deliveries.repository.deliveries import NewDelivery
from services.webhook_delivery.endpoints.domain.event_filter import Filters
from services.webhook_delivery.endpoints.operations.subscriptions import Subscriber, Subscriptions
from services.webhook_delivery.messages import domain as message_rules
from services.webhook_delivery.messages import repository as messages
from services.webhook_delivery.messages.domain import Message, StoredMessage
from services.webhook_delivery.messages.operations.desk import Desk, Fresh, Share
from shared.postgres.pool import Connection

Wanted = tuple[Message, int, Subscriber]
"""A message, its place in the feed, and an endpoint that wants it."""


async def accept_messages(
    tx: Connection, given: Sequence[Message], subscriptions: Subscriptions, desk: Desk
) -> list[StoredMessage]:
    """Store what is new of the given messages and queue its deliveries; returns what was new."""
    claimed = await messages.claim(tx, given)
    new = [message for message in given if message.id in claimed]
    if not new:
        return []
    heads = await messages.advance(tx, [message.workspace_id for message in new])
    positions = message_rules.positions(new, {id_: position for id_, (position, _) in heads.items()})
    filters = await subscriptions.at(tx, {id_: version for id_, (_, version) in heads.items()})
    await messages.insert(tx, new, positions)
    await _queue(tx, _wanted(new, positions, filters), desk)
    return [message.at(position) for message, position in zip(new, positions, strict=True)]


async def publish_message(
    tx: Connection, message: Message, subscriptions: Subscriptions, desk: Desk
) -> tuple[StoredMessage, bool]:
    """Store an integrator's own message, and whether it is new; raises EventIdTaken."""
    new = await accept_messages(tx, [message], subscriptions, desk)
    if new:
        return new[0], True
    stored, body_sha = await messages.original(tx, message.workspace_id, message.source_event_id)
    message_rules.require_same(message, body_sha)
    return stored, False


def _wanted(
    new: Sequence[Message], positions: Sequence[int], filters: Mapping[UUID, Filters[Subscriber]]
) -> list[Wanted]:
    return [
        (message, position, subscriber)
        for message, position in zip(new, positions, strict=True)
        for subscriber in filters[message.workspace_id].matching(message.event_type)
        if subscriber.may_hear(message)
    ]


async def _queue(tx: Connection, wanted: Sequence[Wanted], desk: Desk) -> None:
    share = desk.share()
    queued: list[NewDelivery] = []
    held: list[NewDelivery] = []
    fresh: list[Fresh] = []
    for message, position, subscriber in wanted:
        if not subscriber.takes_deliveries:
            held.append(_new(message, position, subscriber))
            continue
        if share and not subscriber.is_ordered and share.takes(subscriber.endpoint_id):
            queued.append(_new(message, position, subscriber, share))
            fresh.append(_fresh(queued[-1], message, subscriber))
        else:
            queued.append(_new(message, position, subscriber))
    if held:
        await deliveries.insert_held(tx, held)
    if queued:
        await deliveries.insert_due(tx, queued, share.lease_seconds if share else 0)
        await _promote(tx, {one.endpoint_id for one in queued if one.is_parked})
        shards = {deliveries.shard_of(one.endpoint_id) for one in queued if one.lease_token is None}
        desk.note(tx, shards, fresh)


async def _promote(tx: Connection, endpoint_ids: set[UUID]) -> None:
    if endpoint_ids:
        await ordered.promote(tx, sorted(endpoint_ids))


def _new(message: Message, position: int, subscriber: Subscriber, share: Share | None = None) -> NewDelivery:
    return NewDelivery(
        message.workspace_id,
        subscriber.endpoint_id,
        message.id,
        position,
        message.event_type,
        lease_token=share.token if share else None,
        is_parked=subscriber.is_ordered,
    )


def _fresh(new: NewDelivery, message: Message, subscriber: Subscriber) -> Fresh:
    delivery = Delivery(
        id=new.id,
        workspace_id=new.workspace_id,
        endpoint_id=new.endpoint_id,
        message_id=new.message_id,
        message_created_at=message.created_at,
        attempt_count=0,
        kind=Kind.AUTO,
        lease_token=new.lease_token,
        seq=new.position,
        event_type=message.event_type,
        traceparent=message.traceparent,
        body=message.body,
    )
    return Fresh(delivery, subscriber.version)
