"""The batch consumer: one transaction claims a batch's events in the inbox and applies those that are new."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg
import structlog
from aiokafka import TopicPartition
from faststream.exceptions import NackMessage
from pydantic import ValidationError

from shared.events.event import Event, Unknown, decode
from shared.kernel import context
from shared.kernel.errors import BillingError, Unavailable
from shared.messaging import dead_letter, inbox, traces
from shared.messaging.handlers import Handlers
from shared.messaging.metrics import (
    BATCH_SECONDS,
    EVENT_AGE,
    EVENTS_CONSUMED,
    EVENTS_DEAD,
    EVENTS_REPEATED,
    begin_consuming,
)
from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database

# aiokafka's ConsumerRecord, which has no types to check against.
Record: TypeAlias = Any

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Received:
    """A record and the event in it."""

    event: Event
    record: Record


# What a handler's own fault raises: it will raise the same at every repetition.
_HANDLER_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


def is_poison(error: BaseException) -> bool:
    """Whether the event can never be applied: data, domain, handler faults; all else may pass with time."""
    if isinstance(error, Unavailable):
        return False
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in ("22", "23")
    return isinstance(error, (BillingError, ValidationError, Unknown, *_HANDLER_FAULTS))


class Consumer:
    """Applies batches of records to one service's schema, each event once."""

    def __init__(self, service: str, database: Database, handlers: Handlers, kafka: KafkaSettings) -> None:
        self._service = service
        self._database = database
        self._handlers = handlers
        self._kafka = kafka
        self._guard = dead_letter.Guard(kafka.dead_letter_window, kafka.dead_letter_share_percent)
        self._stopping = asyncio.Event()
        self.after_applying: list[Callable[[Sequence[Event]], None]] = []
        self.last_success = time.monotonic()
        # Where this process stands in each partition: the offset after the last that is applied.
        self.applied: dict[TopicPartition, int] = {}
        begin_consuming(service)

    @property
    def has_stopped(self) -> bool:
        """Whether too many events failed: it waits for a person instead of draining its topics."""
        return self._guard.has_tripped

    def stop(self) -> None:
        """Return from any wait, so that the batch in hand is given back to Kafka."""
        self._stopping.set()

    async def consume(self, records: Sequence[Record]) -> None:
        """Apply the records; raises NackMessage to have them read again."""
        if self.has_stopped:
            await self._stopping.wait()
            raise NackMessage
        started = time.monotonic()
        for record in records:
            self.applied.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        received, undecodable = _decode(records)
        await self._survive(lambda: self._apply_all(received, undecodable))
        self.last_success = time.monotonic()
        BATCH_SECONDS.labels(self._service).observe(self.last_success - started)
        self._observe(records)
        for record in records:
            self.applied[TopicPartition(record.topic, record.partition)] = record.offset + 1

    async def _apply_all(self, received: list[Received], undecodable: list[tuple[Record, Exception]]) -> None:
        for record, error in undecodable:
            await self._bury(record, "undecodable", error, attempt_count=1)
        if not received:
            return
        try:
            await self._apply(received)
        except Exception as error:
            if not is_poison(error):
                raise
            log.warning("consumer.batch_split", error=repr(error), event_count=len(received))
            for one in received:
                await self._apply_alone(one)

    async def _apply(self, received: Sequence[Received]) -> None:
        async with self._database.transaction() as tx:
            new = await inbox.claim(tx, self._service, [one.event.id for one in received])
            fresh = _first_of_each(received, new)
            if fresh:
                with traces.processing(self._service, fresh) as traced:
                    await self._handlers.apply(tx, traced)
        for event in fresh:
            EVENTS_CONSUMED.labels(self._service, event.type).inc()
        EVENTS_REPEATED.labels(self._service).inc(len(received) - len(fresh))
        self._guard.saw(good=len(fresh), dead=0)
        for call in self.after_applying:
            call(fresh)

    async def _apply_alone(self, one: Received) -> None:
        context.traceparent.set(one.event.traceparent)
        for attempt in range(1, self._kafka.poison_attempts + 1):
            try:
                await self._apply([one])
                return
            except Exception as error:
                if not is_poison(error):
                    raise
                if attempt == self._kafka.poison_attempts:
                    await self._bury(one.record, "poison", error, attempt, one.event)
                    return
                await asyncio.sleep(0.05 * 2**attempt)

    async def _bury(
        self, record: Record, reason: str, error: Exception, attempt_count: int, event: Event | None = None
    ) -> None:
        event_id = event.id if event else None
        ids = [dead_letter.record_id(record), *([event_id] if event_id else [])]
        async with self._database.transaction() as tx:
            if not await inbox.claim(tx, self._service, ids):
                return
            await dead_letter.record(tx, self._service, record, reason, error, attempt_count, event_id)
        EVENTS_DEAD.labels(self._service, reason).inc()
        self._guard.saw(good=0, dead=1)
        log.error(
            "event.dead_lettered",
            reason=reason,
            error=repr(error),
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )

    async def _survive(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Repeat while the fault is one that passes (connection, shutdown, time-out), then give back."""
        give_up = time.monotonic() + self._kafka.transient_retry_seconds
        pause = 0.1
        while True:
            try:
                await attempt()
                return
            except Exception as error:
                log.warning("consumer.retrying", error=repr(error), pause_seconds=pause)
                if time.monotonic() > give_up or await self._told_to_stop_within(pause):
                    raise NackMessage from error
                pause = min(pause * 2, 10.0)

    async def _told_to_stop_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._stopping.wait()
        except TimeoutError:
            return False

    def _observe(self, records: Sequence[Record]) -> None:
        now_ms = time.time() * 1000
        for record in records:
            EVENT_AGE.labels(self._service).observe(max(0.0, (now_ms - record.timestamp) / 1000))


def _decode(records: Sequence[Record]) -> tuple[list[Received], list[tuple[Record, Exception]]]:
    good: list[Received] = []
    bad: list[tuple[Record, Exception]] = []
    for record in records:
        try:
            good.append(Received(decode(_type_of(record), record.value or b""), record))
        except (ValidationError, Unknown, UnicodeDecodeError) as error:
            bad.append((record, error))
    return good, bad


def _type_of(record: Record) -> str:
    for name, value in record.headers:
        if name == "ce_type" and value:
            return str(value.decode())
    return str(record.topic)


def _first_of_each(received: Sequence[Received], new: set[Any]) -> list[Event]:
    left = set(new)
    fresh = []
    for one in received:
        if one.event.id in left:
            left.discard(one.event.id)
            fresh.append(one.event)
    return fresh
