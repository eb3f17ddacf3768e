"""Gauges of what waits, on real Postgres and Kafka: also while nobody reads the outbox."""

import asyncio
from typing import Any

import pytest

from shared.events.event import Event
from shared.messaging import broker, metrics
from shared.messaging.broker import TopicSubscriber
from shared.messaging.consumer import Consumer
from shared.messaging.lease import Lease
from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database
from shared.runtime.measuring import measuring
from shared.testing.eventually import eventually
from shared.testing.service import skip_to_end
from tests.integration.shared.conftest import SERVICE
from tests.integration.shared.consuming import GROUP, TOPICS, has_effects, note, noting, reacting
from tests.integration.shared.topic import a_contact_event, producing, publish

_WAITING = """
    INSERT INTO outbox (id, aggregatetype, aggregateid, aggregate_seq, type, record_key, payload, headers,
        shard, created_at)
    SELECT gen_random_uuid(), 'x', gen_random_uuid(), 1, 'x', gen_random_uuid(), '', '{}', 3, now() - age
    FROM unnest(ARRAY[interval '5 minutes', interval '1 minute']) AS age"""


def value(metric: Any) -> float:
    return float(metric.labels(SERVICE).collect()[0].samples[0].value)


async def test_what_waits_is_measured_while_no_relay_runs(worker: Database, admin: Any) -> None:
    await admin.execute(_WAITING)
    step = measuring(SERVICE, worker, None, 10).step

    await step()
    without = value(metrics.LEASES_UNOWNED)
    lease = Lease(worker, ttl_seconds=30)
    await lease.keep()
    await step()

    assert 300 <= value(metrics.OUTBOX_OLDEST) < 400
    assert value(metrics.OUTBOX_ROWS) == 2
    assert (without, value(metrics.LEASES_UNOWNED)) == (16, 0)


async def test_the_batch_in_hand_counts_as_waiting_until_it_is_applied(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    may_go_on = asyncio.Event()
    begun = asyncio.Event()

    async def slowly(tx: Any, event: Event) -> None:
        begun.set()
        await may_go_on.wait()
        await note(tx, event)

    await skip_to_end(kafka.bootstrap_servers, GROUP, TOPICS)
    consumer = Consumer(SERVICE, worker, reacting(slowly), kafka)
    subscription = TopicSubscriber(SERVICE, TOPICS, consumer, kafka)
    step = measuring(SERVICE, worker, subscription, 10).step
    rebalances = value(metrics.REBALANCES)
    await step()
    await subscription.start()
    try:
        async with producing(kafka.bootstrap_servers) as producer:
            await publish(producer, *(a_contact_event(name=name) for name in ("a", "b", "c")))
        await asyncio.wait_for(begun.wait(), 30)

        await eventually(lambda: _measured(step, 3))
        may_go_on.set()
        await eventually(lambda: has_effects(admin, "a", "b", "c"))
        await eventually(lambda: _measured(step, 0))
    finally:
        may_go_on.set()
        await subscription.stop()

    assert value(metrics.PARTITIONS) == value(metrics.PARTITIONS_EXPECTED) == 3 * len(TOPICS)
    assert value(metrics.REBALANCES) > rebalances


async def test_an_event_after_a_long_quiet_is_applied_at_once(
    worker: Database, admin: Any, kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing comes, fetches lie at Kafka for long: they end when something does."""
    monkeypatch.setattr(broker, "QUIET_SECONDS", 0.2)
    quiet = kafka.model_copy(update={"quiet_fetch_wait_ms": 20_000})
    await skip_to_end(kafka.bootstrap_servers, GROUP, TOPICS)
    subscription = TopicSubscriber(SERVICE, TOPICS, Consumer(SERVICE, worker, noting(), quiet), quiet)
    await subscription.start()
    try:
        # The last fetch of the usual length ends, and a long one begins.
        await asyncio.sleep(2)
        async with producing(kafka.bootstrap_servers) as producer:
            await publish(producer, a_contact_event(name="late"))
        await eventually(lambda: has_effects(admin, "late"), timeout_seconds=5)
    finally:
        await subscription.stop()


async def _measured(step: Any, count: int) -> bool:
    await step()
    return value(metrics.LAG) == count
