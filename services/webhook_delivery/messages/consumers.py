"""Every event of the platform becomes a message, once."""

from collections.abc import Sequence

import structlog

from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.endpoints.operations.subscriber_cache import SubscriberCache
from services.webhook_delivery.message_store import domain as message_rules
from services.webhook_delivery.messages.operations import accept_messages
from shared.events.envelope import Envelope
from shared.messaging.handlers import Handlers
from shared.messaging.metrics import DUPLICATES
from shared.messaging.work import Unit

log = structlog.get_logger()


def handlers(subscribers: SubscriberCache, handoff: Handoff) -> Handlers:
    """The reactions of this service: one, to a whole batch at once."""
    reactions = Handlers()
    DUPLICATES.labels("webhook_delivery", "message_dedup")

    @reactions.on_every
    async def store_messages(unit: Unit, events: Sequence[Envelope]) -> None:
        messages = [message_rules.message_of_event(event) for event in events]
        places = await accept_messages(unit, messages, subscribers, handoff)
        new = [message for message in messages if message.id in places]
        DUPLICATES.labels("webhook_delivery", "message_dedup").inc(len(messages) - len(new))
        large = [message for message in new if len(message.body) > message_rules.LARGE_BYTES]
        log.info(
            "messages.accepted",
            count=len(new),
            repeated_count=len(messages) - len(new),
            large_count=len(large),
            byte_count=sum(len(message.body) for message in new),
        )

    return reactions
