"""Has all dead letters tried again: `python -m shared.messaging.replay <service> [--limit N]`.

A running worker of the service tries them, the oldest first. Those of releases that kept them in their topic
alone are sent back from there. Safe to repeat: a consumer applies each event once, and what fails again stays
one letter. Environment: KAFKA_BOOTSTRAP_SERVERS, POSTGRES_WORKER_DSN. For one letter: dead_letters.
"""

import argparse
import asyncio
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared.environment import read_settings, require_variable
from shared.messaging import dead_letter, letters
from shared.messaging.relay import make_producer
from shared.messaging.security import client_options
from shared.messaging.settings import KafkaSettings
from shared.postgres.pool import Connection

log = structlog.get_logger()
_OWN = "dead_letter_"
_FORGET = "DELETE FROM inbox WHERE consumer = $1 AND event_id = $2"


async def replay(service: str, kafka: KafkaSettings, worker_dsn: str, limit: int) -> int:
    """Have up to `limit` dead letters tried again; returns how many.

    The service's inbox forgets those that are sent back first, so that they are applied this time.
    """
    consumer = AIOKafkaConsumer(
        dead_letter.topic(service),
        **client_options(kafka),
        group_id=f"{service.replace('_', '-')}-replay",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = make_producer(kafka, f"{service}-replay")
    connection = await asyncpg.connect(worker_dsn)
    await consumer.start()
    await producer.start()
    try:
        asked = await letters.ask_all(connection, limit)
        return asked + await _replay(service, consumer, producer, connection, limit - asked)
    finally:
        await consumer.stop()
        await producer.stop()
        await connection.close()


async def _replay(
    service: str, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, connection: Connection, limit: int
) -> int:
    # What comes later may be a letter that was sent back in vain: without an end it would go round and round.
    ends = await consumer.end_offsets(list(consumer.assignment()))
    count = 0
    while count < limit:
        batches = await consumer.getmany(timeout_ms=2_000, max_records=min(500, limit - count))
        records = [
            record for where, batch in batches.items() for record in batch if record.offset < ends[where]
        ]
        if not records:
            break
        for record in records:
            if not _is_kept(record):
                await _send_back(service, producer, connection, record)
                count += 1
            await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1})
    log.info("dead_letters.replayed", service=service, count=count)
    return count


def _is_kept(record: ConsumerRecord) -> bool:
    """Whether the letter is in the service's table, from which it is tried again."""
    return any(name == f"{_OWN}id" for name, _ in record.headers)


async def _send_back(
    service: str, producer: AIOKafkaProducer, connection: Connection, record: ConsumerRecord
) -> None:
    headers = {name: value for name, value in record.headers if not name.startswith(_OWN)}
    origin = {name: value.decode() for name, value in record.headers if name.startswith(_OWN)}
    if headers.get("ce_type") == record.topic.encode():
        # The record came without its own: the relay named it for the dead letter that it became.
        headers = {name: value for name, value in headers.items() if name not in ("ce_id", "ce_type")}
    if event_id := origin["dead_letter_event_id"]:
        await connection.execute(_FORGET, service, UUID(event_id))
    key = origin["dead_letter_key"].encode() or None
    await producer.send_and_wait(
        origin["dead_letter_topic"], record.value, key=key, headers=list(headers.items())
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service")
    parser.add_argument("--limit", type=int, default=10_000)
    arguments = parser.parse_args()
    asyncio.run(
        replay(
            arguments.service.replace("-", "_"),
            read_settings(KafkaSettings),
            require_variable("POSTGRES_WORKER_DSN", "postgresql://user:password@host:5432/billing"),
            arguments.limit,
        )
    )


if __name__ == "__main__":
    main()
