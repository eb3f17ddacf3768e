"""FastStream's Kafka broker with one batch subscriber, set so that nothing is lost (its defaults would)."""

import asyncio
import contextlib
import dataclasses
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.messaging import coordination, metrics
from shared.messaging.consumer import Consumer
from shared.messaging.lag import LagMeter
from shared.messaging.security import security
from shared.messaging.settings import KafkaSettings

MEASURE_TIMEOUT_SECONDS = 5.0
QUIET_SECONDS = 30


class TopicSubscriber:
    """The service's one subscriber: starts, stops and tells whether it has its partitions."""

    def __init__(self, service: str, topics: list[str], consumer: Consumer, kafka: KafkaSettings) -> None:
        self.topics = topics
        self._service = service
        self._consumer = consumer
        self._meter = LagMeter()
        self._broker = KafkaBroker(
            kafka.bootstrap_servers,
            client_id=service,
            security=security(kafka),
            allow_auto_create_topics=False,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            graceful_timeout=kafka.graceful_timeout_seconds,
            logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG,
        )
        self._subscriber = self._broker.subscriber(
            *topics,
            group_id=service.replace("_", "-"),
            batch=True,
            max_records=kafka.batch_size,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_min_bytes=kafka.fetch_min_bytes,
            fetch_max_wait_ms=kafka.fetch_wait_ms,
            max_partition_fetch_bytes=kafka.max_message_bytes,
            session_timeout_ms=kafka.session_timeout_ms,
            heartbeat_interval_ms=kafka.heartbeat_interval_ms,
            max_poll_interval_ms=kafka.max_poll_interval_ms,
            # The sticky assignor has open bugs that stop a consumer without an error.
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            listener=_Rebalances(service, consumer),
            parser=_without_broken_headers,
            decoder=_leave_raw,
            no_reply=True,
        )
        self._subscriber(_bound(consumer))
        batches = _Batches(kafka)
        # FastStream's own asks again every few milliseconds, and sleeps each time that there was nothing.
        self._subscriber.get_msg = batches.next  # type: ignore[method-assign]

    async def start(self) -> None:
        """Connect and join the group; raises where Kafka does not answer."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the batch in hand, commit its offsets, leave the group."""
        self._consumer.stop()
        await self._broker.stop()

    @property
    def partition_count(self) -> int:
        """How many partitions the group has given us."""
        consumer = self._subscriber.consumer
        return len(consumer.assignment()) if consumer else 0

    @property
    def is_alive(self) -> bool:
        """Whether the reading task and the group's coordination task still run."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return False
        is_reading = any(not task.done() for task in self._subscriber.tasks)
        return is_reading and coordination.is_running(consumer)

    async def measure(self) -> None:
        """Set the gauges of how far behind we are; where Kafka is silent, by what it said last."""
        now = time.monotonic()
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(MEASURE_TIMEOUT_SECONDS):
                self._meter.note(await self._readings(), now)
        metrics.LAG.labels(self._service).set(self._meter.event_count)
        metrics.LAG_OLDEST.labels(self._service).set(self._meter.oldest_seconds(now))
        metrics.STALLED.labels(self._service).set(self._meter.stalled_seconds(now))
        metrics.STOPPED.labels(self._service).set(self._consumer.has_stopped)
        metrics.PARTITIONS.labels(self._service).set(self.partition_count)

    async def _readings(self) -> dict[Hashable, tuple[int, int]]:
        """What is applied and where the end is, of each of our partitions; the end is asked of Kafka."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return {}
        expected = sum(len(consumer.partitions_for_topic(topic) or ()) for topic in self.topics)
        metrics.PARTITIONS_EXPECTED.labels(self._service).set(expected)
        ours = sorted(consumer.assignment())
        ends = await consumer.end_offsets(ours) if ours else {}
        readings: dict[Hashable, tuple[int, int]] = {}
        for partition in ours:
            # By what is applied, not by what was fetched: the batch in hand still waits.
            applied = self._consumer.applied.get(partition)
            readings[partition] = (
                await consumer.position(partition) if applied is None else applied,
                ends[partition],
            )
        return readings


class _Batches:
    """Waits for records; those that follow a batch closely gather a moment: one fetch instead of many."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._size = kafka.batch_size
        self._gather_seconds = kafka.batch_wait_ms / 1000
        self._fetch_wait_ms = kafka.fetch_wait_ms
        self._quiet_wait_ms = max(kafka.fetch_wait_ms, kafka.quiet_fetch_wait_ms)
        self._last_at = 0.0

    async def next(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        """The next records, in order within each partition; none after a while without any."""
        wait = self._last_at + self._gather_seconds - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        records = await consumer.getmany(timeout_ms=QUIET_SECONDS * 1000, max_records=self._size)
        batch = tuple(itertools.chain(*records.values()))
        coordination.set_fetch_wait(consumer, self._fetch_wait_ms if batch else self._quiet_wait_ms)
        # A full one has others behind it that wait already.
        self._last_at = time.monotonic() if len(batch) < self._size else 0.0
        return batch


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]
    """Counts them, and forgets where we stood: another may have gone on from there."""

    def __init__(self, service: str, consumer: Consumer) -> None:
        self._service = service
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Nothing: the batch in hand is finished by FastStream."""

    async def on_partitions_assigned(self, assigned: object) -> None:
        metrics.REBALANCES.labels(self._service).inc()
        self._consumer.applied.clear()


def _bound(consumer: Consumer) -> Callable[..., Awaitable[None]]:
    # A closure, since FastStream reads a handler's defaulted arguments as fields of the message.
    async def consume(body: Any, message: KafkaMessage) -> None:
        raw = message.raw_message
        await consumer.consume(raw if isinstance(raw, tuple) else (raw,))

    return consume


async def _without_broken_headers(message: Any, original: Any) -> Any:
    # FastStream decodes headers before any policy applies: a null or binary value would lose the batch.
    return await original(tuple(map(_with_text_headers, message)))


def _with_text_headers(record: ConsumerRecord) -> ConsumerRecord:
    headers = tuple(
        (name, (value or b"").decode("utf-8", "replace").encode()) for name, value in record.headers
    )
    return record if headers == tuple(record.headers) else dataclasses.replace(record, headers=headers)


async def _leave_raw(message: Any) -> Any:
    return []
