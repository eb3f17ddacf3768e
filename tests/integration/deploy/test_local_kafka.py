"""The local Kafka is a real one: groups and transactions work, and its data outlives any end."""

import os
import signal
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import process
from deploy.local.kafka import Kafka, warm_up
from deploy.local.ports import free_port

pytestmark = pytest.mark.asyncio
TOPIC = "kept"


@pytest.fixture
def kafka(tmp_path: Path) -> Kafka:
    return Kafka(tmp_path, free_port(), free_port(), heap_megabytes=256, is_for_tests=True)


async def create_topic(kafka: Kafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    finally:
        await admin.close()


async def publish(kafka: Kafka, *values: bytes, transaction: str | None = None) -> None:
    settings = {"transactional_id": transaction} if transaction else {"enable_idempotence": True}
    async with AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers, acks="all", **settings
    ) as producer:
        if transaction:
            await producer.begin_transaction()
        for value in values:
            await producer.send_and_wait(TOPIC, value)
        if transaction:
            await producer.commit_transaction()


async def consume(kafka: Kafka, count: int) -> list[bytes]:
    """Values that a group has not read yet; commits them."""
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=kafka.bootstrap_servers, group_id="readers", auto_offset_reset="earliest",
        enable_auto_commit=False, isolation_level="read_committed",
    )  # fmt: skip
    async with consumer:
        values = [(await consumer.getone()).value for _ in range(count)]
        await consumer.commit()
        assert await consumer.committed(TopicPartition(TOPIC, 0)) is not None
    return values


async def test_groups_and_transactions_work(kafka: Kafka) -> None:
    with process.running(kafka.prepare()):
        await warm_up(kafka.bootstrap_servers)
        await create_topic(kafka)
        await publish(kafka, b"plain")
        await publish(kafka, b"in", b"one", transaction="ours")

        assert await consume(kafka, 2) == [b"plain", b"in"]
        assert await consume(kafka, 1) == [b"one"]


async def test_a_killed_kafka_comes_back_with_its_data(kafka: Kafka) -> None:
    program = kafka.prepare()
    with process.running(program) as broker:
        await create_topic(kafka)
        await publish(kafka, b"acknowledged", b"unread")
        assert await consume(kafka, 1) == [b"acknowledged"]
        os.kill(broker.pid, signal.SIGKILL)
        broker.wait()

    with process.running(kafka.prepare()):
        assert await consume(kafka, 1) == [b"unread"]


async def test_a_stopped_kafka_starts_on_other_ports_with_its_data(kafka: Kafka) -> None:
    with process.running(kafka.prepare()):
        await create_topic(kafka)
        await publish(kafka, b"kept")

    moved = Kafka(kafka.state, free_port(), free_port(), heap_megabytes=256, is_for_tests=True)
    with process.running(moved.prepare()):
        assert await consume(moved, 1) == [b"kept"]
