"""The relay: outbox rows of the shards it owns → Kafka, in order, each deleted once Kafka has it."""

import asyncio
import time
from collections.abc import Sequence

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer

from shared.events.registry import JOURNAL, TOPICS
from shared.kernel.errors import BillingError
from shared.messaging import outbox, traces
from shared.messaging.lease import Lease
from shared.messaging.metrics import OUTBOX_PUBLISHED, RELAY_RESTARTS, begin_producing
from shared.messaging.received import IN_JOURNAL
from shared.messaging.sandbox_events import Sandboxes
from shared.messaging.security import client_options
from shared.messaging.settings import KafkaSettings
from shared.postgres.pool import Row
from shared.postgres.transaction import Database

_READ = """
SELECT position, id, type, record_key, payload, headers, created_at FROM outbox
WHERE shard = ANY($1::smallint[]) ORDER BY position LIMIT $2
"""
# Fenced: rows of a shard that another relay took meanwhile stay, and that relay publishes them again.
_DELETE = """
DELETE FROM outbox o USING outbox_lease l, unnest($3::smallint[], $4::bigint[]) AS mine (shard, epoch)
WHERE o.position = ANY($1::bigint[]) AND l.shard = o.shard AND l.owner = $2
  AND mine.shard = l.shard AND mine.epoch = l.epoch
"""
# The same, and a note of each event of a sandbox: the time machine waits until everybody has heard them.
_MOVE = f"""
WITH gone AS ({_DELETE} RETURNING o.id, o.type, o.headers ->> 'ce_workspaceid' AS workspace_id)
INSERT INTO sandbox_event (workspace_id, event_id, type)
SELECT workspace_id::uuid, id, type FROM gone WHERE workspace_id = ANY($5::text[]) AND type = ANY($6::text[])
ON CONFLICT DO NOTHING
"""
_FIRST_PAUSE_SECONDS = 0.1
log = structlog.get_logger()


class Relay:
    """Publishes the outbox of one service; several relays share its shards, each shard has one at a time."""

    def __init__(self, database: Database, kafka: KafkaSettings, service: str) -> None:
        self._database = database
        self._kafka = kafka
        self._service = service
        self._lease = Lease(database, kafka.relay_lease_seconds)
        self._sandboxes = Sandboxes()
        self._signal = asyncio.Event()
        self._stopping = False
        begin_producing(service)

    @property
    def is_alone(self) -> bool:
        """Whether no other relay has a part of the outbox, as far as is known."""
        return self._lease.is_whole

    def notify(self) -> None:
        """Called after what may have written events: they are published at once, not at the next poll."""
        self._signal.set()

    def stop(self) -> None:
        """Publish what is in hand, hand the shards back and return from run()."""
        self._stopping = True
        self._signal.set()

    async def run(self) -> None:
        """Publish until stopped; after an error begin again, with a new producer, at the first row left."""
        pause = _FIRST_PAUSE_SECONDS
        while not self._stopping:
            try:
                await self._publish_until_stopped()
                pause = _FIRST_PAUSE_SECONDS
            except Exception as error:
                RELAY_RESTARTS.labels(self._service).inc()
                log.warning("relay.restarted", error=repr(error), pause_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
        await self._hand_back()

    async def _publish_until_stopped(self) -> None:
        producer = make_producer(self._kafka, self._service)
        await producer.start()
        try:
            while not self._stopping:
                await self._lease.keep()
                if not await self._publish_batch(producer):
                    await self._wait()
        finally:
            # A send that timed out can still be appended later: only a closed producer cannot reorder.
            await asyncio.wait_for(producer.stop(), self._kafka.publish_timeout_seconds)

    async def _publish_batch(self, producer: AIOKafkaProducer) -> bool:
        if not self._lease.is_held:
            return False
        async with self._database.pool.acquire() as connection:
            rows = await connection.fetch(_READ, list(self._lease.epochs), self._kafka.relay_batch_size)
        if not rows:
            return False
        async with asyncio.timeout(self._kafka.publish_timeout_seconds):
            await send(producer, rows)
        await self._delete(rows)
        traces.note_published(rows)
        OUTBOX_PUBLISHED.labels(self._service).inc(len(rows))
        return len(rows) == self._kafka.relay_batch_size

    async def _delete(self, rows: Sequence[Row]) -> None:
        epochs = self._lease.epochs
        positions = [row["position"] for row in rows]
        fence = (positions, self._lease.owner, list(epochs), list(epochs.values()))
        workspaces = {row["headers"].get("ce_workspaceid", "") for row in rows}
        async with self._database.pool.acquire() as connection:
            sandboxes = await self._sandboxes.among(connection, workspaces)
            if sandboxes:
                await connection.execute(_MOVE, *fence, sandboxes, TOPICS)
            else:
                await connection.execute(_DELETE, *fence)

    async def _wait(self) -> None:
        started = time.monotonic()
        try:
            # Not beyond the renewal of the lease: what is published in between must be ours to delete.
            async with asyncio.timeout(min(self._kafka.relay_poll_seconds, self._lease.renews_in)):
                await self._signal.wait()
        except TimeoutError:
            return
        self._signal.clear()
        # Commits that follow closely share a batch: a row costs a tenth of what it costs alone.
        if time.monotonic() - started < 1:
            await asyncio.sleep(self._kafka.relay_linger_seconds)

    async def _hand_back(self) -> None:
        try:
            await self._lease.release()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, BillingError) as error:
            log.warning("relay.lease_not_released", error=repr(error))


def make_producer(kafka: KafkaSettings, service: str) -> AIOKafkaProducer:
    """An idempotent producer that waits for all in-sync replicas."""
    return AIOKafkaProducer(
        **client_options(kafka),
        client_id=f"{service}-relay",
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=256 * 1024,
        max_request_size=kafka.max_message_bytes + kafka.dead_letter_extra_bytes,
        compression_type="zstd",
        request_timeout_ms=10_000,
        metadata_max_age_ms=60_000,
    )


async def send(producer: AIOKafkaProducer, rows: Sequence[Row]) -> None:
    """Hand the rows to the producer in order and wait until Kafka has all of them.

    An event goes to the topic of its type, and to the journal of all types: in there the events of one object
    stand in the order in which they were recorded.
    """
    sent = []
    for row in rows:
        key, headers = str(row["record_key"]).encode(), _headers(row)
        if (order_key := row["headers"].get(outbox.ORDER_KEY)) is not None:
            sent.append(await producer.send(JOURNAL, row["payload"], key=order_key.encode(), headers=headers))
            headers = [*headers, (IN_JOURNAL, b"1")]
        sent.append(await producer.send(row["type"], row["payload"], key=key, headers=headers))
    await asyncio.gather(*sent)


def _headers(row: Row) -> list[tuple[str, bytes]]:
    own = {"ce_id": str(row["id"]), "ce_type": row["type"], "content-type": "application/cloudevents+json"}
    given = {name: value for name, value in row["headers"].items() if name != outbox.ORDER_KEY}
    return [(name, value.encode()) for name, value in {**own, **given}.items()]
