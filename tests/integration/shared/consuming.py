"""A consumer of one service on real Kafka, with reactions that a test gives it."""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from shared.events.event import Event
from shared.messaging.broker import TopicSubscriber
from shared.messaging.consumer import Consumer
from shared.messaging.handlers import Handlers
from shared.messaging.settings import KafkaSettings
from shared.messaging.work import Unit
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from shared.testing.service import skip_to_end
from tests.integration.shared.conftest import SERVICE

GROUP = SERVICE.replace("_", "-")
TOPICS = ["contact.created", "contact.updated"]


async def note(tx: Any, event: Event) -> None:
    """The effect that tests count."""
    await tx.execute(
        "INSERT INTO effect (workspace_id, event_id, text) VALUES ($1, $2, $3)",
        event.workspace_id,
        event.id,
        event.data.name,
    )


def reacting(reaction: Any) -> Handlers:
    """Reactions that call `reaction(tx, event)` for every event."""

    async def each(unit: Unit, events: Sequence[Event]) -> None:
        for event in events:
            await reaction(unit.tx, event)

    handlers = Handlers()
    for type_ in TOPICS:
        handlers.by_type[type_] = [each]
    return handlers


def noting() -> Handlers:
    """Reactions that note every event."""
    return reacting(note)


@contextlib.asynccontextmanager
async def consuming(
    database: Database,
    kafka: KafkaSettings,
    handlers: Handlers | None = None,
    *,
    from_now: bool = True,
    partition_count: int = 3 * len(TOPICS),
) -> AsyncIterator[Consumer]:
    """Consume until the end of the block; `from_now` skips what is in the topics already.

    The block begins once the consumer has so many partitions: all of them when it is alone.
    """
    if from_now:
        await skip_to_end(kafka.bootstrap_servers, GROUP, TOPICS)
    consumer = Consumer(SERVICE, database, handlers or noting(), kafka)
    subscription = TopicSubscriber(SERVICE, TOPICS, consumer, kafka)
    await subscription.start()
    try:
        await eventually(lambda: subscription.partition_count >= partition_count, 30)
        yield consumer
    finally:
        await subscription.stop()


async def effects(admin: Any) -> list[str]:
    """The texts of the effects, in the order of their commits."""
    return [row["text"] for row in await admin.fetch("SELECT text FROM effect ORDER BY position")]


async def dead(admin: Any) -> list[dict[str, Any]]:
    """The headers of the dead letters that wait in the outbox."""
    rows = await admin.fetch(
        "SELECT headers::text FROM outbox WHERE aggregatetype = 'dead_letter' ORDER BY position"
    )
    return [json.loads(row["headers"]) for row in rows]


async def has_effects(admin: Any, *texts: str) -> bool:
    """Whether exactly these effects happened, in any order."""
    return sorted(await effects(admin)) == sorted(texts)
