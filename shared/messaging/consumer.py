"""The batch consumer: one transaction claims a batch's events in the inbox and applies those that are new."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog
from aiokafka import TopicPartition
from faststream.exceptions import NackMessage
from pydantic import ValidationError

from shared.events.event import Event, Unknown, UnknownVersion
from shared.kernel import context
from shared.kernel.errors import BillingError, Unavailable
from shared.messaging import dead_letter, inbox, letters, traces
from shared.messaging.guard import Guard
from shared.messaging.handlers import Handlers
from shared.messaging.metrics import (
    BATCH_SECONDS,
    EVENT_AGE,
    EVENTS_CONSUMED,
    EVENTS_DEAD,
    EVENTS_REPEATED,
    begin_consuming,
)
from shared.messaging.received import Received, Record, first_of_each, is_elsewhere, receive, workspace_of
from shared.messaging.settings import KafkaSettings
from shared.messaging.work import Unit, begin
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

log = structlog.get_logger()


# What a handler's own fault raises: it will raise the same at every repetition.
_HANDLER_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


def is_poison(error: BaseException) -> bool:
    """Whether the event can never be applied: data, domain, handler faults; all else may pass with time."""
    if isinstance(error, Unavailable):
        return False
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in ("22", "23")
    return isinstance(error, (BillingError, ValidationError, Unknown, UnknownVersion, *_HANDLER_FAULTS))


class Consumer:
    """Applies batches of records to one service's schema, each event once."""

    def __init__(self, service: str, database: Database, handlers: Handlers, kafka: KafkaSettings) -> None:
        self._service = service
        self._database = database
        self._handlers = handlers
        self._kafka = kafka
        self._guard = Guard(kafka.dead_letter_window, kafka.dead_letter_share_percent)
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
        received, undecodable = self._receive(records)
        await self._survive(lambda: self._apply_all(received, undecodable))
        self.last_success = time.monotonic()
        BATCH_SECONDS.labels(self._service).observe(self.last_success - started)
        self._observe(records)
        for record in records:
            self.applied[TopicPartition(record.topic, record.partition)] = record.offset + 1

    def _receive(self, records: Sequence[Record]) -> tuple[list[Received], list[tuple[Record, Exception]]]:
        good: list[Received] = []
        bad: list[tuple[Record, Exception]] = []
        for record in records:
            if self._handlers.of_every and is_elsewhere(record):
                continue
            try:
                good.append(receive(record, self._handlers))
            except (ValueError, Unknown, UnknownVersion) as error:
                bad.append((record, error))
        return good, bad

    async def try_letter(self) -> bool:
        """Try the next dead letter that is to be replayed, or that waits in a lane that resumes.

        True where there was one. What fails again waits again, as one letter; what may pass raises.
        """
        letter = None
        try:
            async with begin(self._database) as unit:
                letter = await letters.next_letter(unit.tx)
                if letter is None:
                    return False
                received = receive(letter, self._handlers)
                await self._react(unit, [received])
                await letters.end_applied(unit.tx, letter.id)
        except Exception as error:
            if letter is None or not is_poison(error):
                raise
            async with self._database.transaction() as tx:
                await letters.die_again(tx, letter.id, dead_letter.told(error))
            log.warning("dead_letter.died_again", letter_id=str(letter.id), error=repr(error))
            return True
        EVENTS_CONSUMED.labels(self._service, received.subject.type).inc()
        for call in self.after_applying:
            call(events_of([received]))
        log.info("dead_letter.applied", letter_id=str(letter.id))
        return True

    async def _apply_all(self, received: list[Received], undecodable: list[tuple[Record, Exception]]) -> None:
        for record, error in undecodable:
            reason = "unknown_version" if isinstance(error, UnknownVersion) else "undecodable"
            await self._bury(record, reason, error, attempt_count=1)
        if not received:
            return
        try:
            await self._apply(received)
        except Exception as error:
            if not is_poison(error):
                raise
            log.warning("consumer.batch_split", error=repr(error), event_count=len(received))
            for item in received:
                await self._apply_alone(item)

    async def _apply(self, received: Sequence[Received]) -> None:
        async with begin(self._database) as unit:
            new = await inbox.claim(unit.tx, self._service, [item.id for item in received])
            unheard = first_of_each(received, new)
            fresh = await self._without_lanes(unit.tx, unheard) if unheard else []
            if fresh:
                with traces.processing(self._service, fresh) as traced:
                    await self._react(unit, traced)
                    # Not left to the commit: its statements, too, belong to the trace of the batch.
                    await unit.flush()
        for type_, count in Counter(item.subject.type for item in fresh).items():
            EVENTS_CONSUMED.labels(self._service, type_).inc(count)
        EVENTS_REPEATED.labels(self._service).inc(len(received) - len(unheard))
        self._guard.saw_good(item.workspace_id for item in fresh)
        for call in self.after_applying:
            call(events_of(fresh))

    async def _without_lanes(self, tx: Connection, received: Sequence[Received]) -> list[Received]:
        """Those to be applied; events of a workspace whose lane is set aside wait, in their order."""
        aside = await letters.lanes_of(tx, {item.workspace_id for item in received})
        for item in received:
            if item.workspace_id in aside:
                await dead_letter.set_aside(tx, item.record, item.workspace_id, item.id)
        return [item for item in received if item.workspace_id not in aside]

    async def _react(self, unit: Unit, received: Sequence[Received]) -> None:
        envelopes = [item.envelope for item in received if item.envelope]
        await self._handlers.apply(unit, events_of(received), envelopes)

    async def _apply_alone(self, item: Received) -> None:
        context.traceparent.set(item.subject.traceparent)
        for attempt in range(1, self._kafka.poison_attempts + 1):
            try:
                await self._apply([item])
                return
            except Exception as error:
                if not is_poison(error):
                    raise
                if attempt == self._kafka.poison_attempts:
                    await self._bury(item.record, "poison", error, attempt, item)
                    return
                await asyncio.sleep(0.05 * 2**attempt)

    async def _bury(
        self,
        record: Record,
        reason: str,
        error: Exception,
        attempt_count: int,
        received: Received | None = None,
    ) -> None:
        event_id = received.id if received else None
        workspace_id = received.workspace_id if received else workspace_of(record)
        ids = [dead_letter.record_id(record), *([event_id] if event_id else [])]
        ends_lane = self._guard.saw_dead(workspace_id)
        async with begin(self._database) as unit:
            if not await inbox.claim(unit.tx, self._service, ids):
                return
            death = dead_letter.Death(reason, error, attempt_count, workspace_id, event_id)
            await dead_letter.record(unit, self._service, record, death)
            if ends_lane:
                await letters.set_aside(unit.tx, workspace_id, "most of its events failed", "guard")
        EVENTS_DEAD.labels(self._service, reason).inc()
        log.error(
            "event.dead_lettered",
            reason=reason,
            error=repr(error),
            workspace_id=str(workspace_id),
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
        )
        if ends_lane:
            log.error("lane.set_aside", workspace_id=str(workspace_id), service=self._service)

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
        now_ms, age = time.time() * 1000, EVENT_AGE.labels(self._service)
        for record in records:
            age.observe(max(0.0, (now_ms - record.timestamp) / 1000))


def events_of(received: Sequence[Received]) -> list[Event]:
    """The events that have reactions of their own."""
    return [item.event for item in received if item.event]
