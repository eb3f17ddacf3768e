"""Taking messages in: each once, with a delivery for every endpoint that wants it, in one transaction."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.webhook_delivery.domain import message as message_rules
from services.webhook_delivery.domain.event_filter import Filters
from services.webhook_delivery.domain.message import Message, StoredMessage
from services.webhook_delivery.operations import due
from services.webhook_delivery.operations.subscriptions import Subscriber, Subscriptions
from services.webhook_delivery.repository import deliveries, messages
from services.webhook_delivery.repository.deliveries import NewDelivery
from shared.postgres.pool import Connection


async def accept_messages(
    tx: Connection, given: Sequence[Message], subscriptions: Subscriptions
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
    await _queue(tx, new, positions, filters)
    return [message.at(position) for message, position in zip(new, positions, strict=True)]


async def publish_message(
    tx: Connection, message: Message, subscriptions: Subscriptions
) -> tuple[StoredMessage, bool]:
    """Store an integrator's own message, and whether it is new; raises EventIdTaken."""
    new = await accept_messages(tx, [message], subscriptions)
    if new:
        return new[0], True
    stored, body_sha = await messages.original(tx, message.workspace_id, message.source_event_id)
    message_rules.require_same(message, body_sha)
    return stored, False


async def _queue(
    tx: Connection,
    new: Sequence[Message],
    positions: Sequence[int],
    filters: Mapping[UUID, Filters[Subscriber]],
) -> None:
    queued: list[NewDelivery] = []
    held: list[NewDelivery] = []
    for message, position in zip(new, positions, strict=True):
        for subscriber in filters[message.workspace_id].matching(message.event_type):
            delivery = NewDelivery(message.workspace_id, subscriber.endpoint_id, message.id, position)
            (queued if subscriber.takes_deliveries else held).append(delivery)
    if queued:
        await deliveries.insert_due(tx, queued)
        due.note(tx, *{deliveries.shard_of(one.endpoint_id) for one in queued})
    if held:
        await deliveries.insert_held(tx, held)
