"""Records on real topics, written and read as they are."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.events.contact import ContactCreated, ContactData, ContactUpdated
from shared.events.event import Event
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.testing.eventually import eventually


def a_contact_event(
    contact_id: UUID | None = None, version: int = 1, name: str = "Acme", workspace_id: UUID | None = None
) -> Event:
    """`contact.created` for version 1, `contact.updated` for later ones."""
    now = Clock().now()
    data = ContactData(id=contact_id or new_id(), version=version, created_at=now, updated_at=now, name=name)
    event_class = ContactCreated if version == 1 else ContactUpdated
    return event_class.of(workspace_id or new_id(), data)


@dataclass
class Listener:
    """Reads topics from the moment at which it was opened."""

    consumer: AIOKafkaConsumer
    records: list[Any] = field(default_factory=list)

    async def read(self, count: int, timeout_seconds: float = 30) -> list[Any]:
        """Every record so far, once there are so many."""

        async def enough() -> bool:
            batches = await self.consumer.getmany(timeout_ms=100)
            self.records += [record for batch in batches.values() for record in batch]
            return len(self.records) >= count

        await eventually(enough, timeout_seconds)
        return self.records

    async def read_for(self, seconds: float) -> list[Any]:
        """Every record so far, after a while in which more might have come."""
        batches = await self.consumer.getmany(timeout_ms=int(seconds * 1000))
        self.records += [record for batch in batches.values() for record in batch]
        return self.records


@contextlib.asynccontextmanager
async def listening(bootstrap_servers: str, *topics: str) -> AsyncIterator[Listener]:
    """Listen to all partitions of the topics."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        for partition, offset in (await consumer.end_offsets(partitions)).items():
            consumer.seek(partition, offset)
        yield Listener(consumer)
    finally:
        await consumer.stop()


@contextlib.asynccontextmanager
async def producing(bootstrap_servers: str, **options: int) -> AsyncIterator[AIOKafkaProducer]:
    """A plain producer."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all", **options)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def headers_of(event: Event) -> list[tuple[str, bytes]]:
    """The headers that the relay writes."""
    return [("ce_id", str(event.id).encode()), ("ce_type", event.type.encode())]


async def publish(producer: AIOKafkaProducer, *events: Event, partition: int | None = None) -> None:
    """Write the events as the relay would."""
    for event in events:
        await producer.send_and_wait(
            event.type,
            event.encode(),
            key=str(event.record_key).encode(),
            headers=headers_of(event),
            partition=partition,
        )
