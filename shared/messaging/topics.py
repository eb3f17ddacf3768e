"""Creates the topics: `python -m shared.messaging.topics`.

Environment: that of KafkaSettings, KAFKA_PARTITIONS (12), KAFKA_REPLICATION_FACTOR (3).
"""

import asyncio
import os

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.environment import read_settings
from shared.events.registry import JOURNAL, TOPICS
from shared.messaging import dead_letter
from shared.messaging.security import client_options
from shared.messaging.settings import KafkaSettings
from shared.postgres.roles import SERVICES

_EXISTS = 36
_DAY_MS = 24 * 60 * 60 * 1000
log = structlog.get_logger()


class TopicsNotCreated(Exception):
    """Kafka refused to create a topic."""


def topics(partitions: int, replication_factor: int, kafka: KafkaSettings) -> list[NewTopic]:
    """Every event's topic and the journal of all, kept 14 days; the services' dead letters, kept 30."""
    in_sync = {"min.insync.replicas": str(max(1, replication_factor - 1))}
    event = in_sync | _keep(14) | _size(kafka.max_message_bytes)
    dead = in_sync | _keep(30) | _size(kafka.max_message_bytes + kafka.dead_letter_extra_bytes)
    return [
        *(NewTopic(name, partitions, replication_factor, topic_configs=event) for name in (*TOPICS, JOURNAL)),
        *(NewTopic(dead_letter.topic(name), 1, replication_factor, topic_configs=dead) for name in SERVICES),
    ]


async def provision(kafka: KafkaSettings, partitions: int, replication_factor: int) -> None:
    """Create the topics that are missing; raises TopicsNotCreated with Kafka's reasons."""
    admin = AIOKafkaAdminClient(**client_options(kafka))
    await admin.start()
    try:
        reply = await admin.create_topics(topics(partitions, replication_factor, kafka))
    finally:
        await admin.close()
    # aiokafka does not raise here: the errors stand in the reply.
    refused = [tuple(error) for error in reply.topic_errors if error[1] not in (0, _EXISTS)]
    if refused:
        raise TopicsNotCreated(str(refused))
    log.info("topics.provisioned", count=len(reply.topic_errors))


def _size(max_bytes: int) -> dict[str, str]:
    return {"max.message.bytes": str(max_bytes)}


def _keep(days: int) -> dict[str, str]:
    return {"retention.ms": str(days * _DAY_MS)}


if __name__ == "__main__":
    asyncio.run(
        provision(
            read_settings(KafkaSettings),
            int(os.environ.get("KAFKA_PARTITIONS", "12")),
            int(os.environ.get("KAFKA_REPLICATION_FACTOR", "3")),
        )
    )
