"""The deliverer by itself on real Postgres: how it starts, shares, survives and stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from services.webhook_delivery.deliveries.channels.http1 import Http1Transport
from services.webhook_delivery.deliveries.domain.delivery import (
    AttemptKind,
    Delivery,
    Outcome,
    State,
    Verdict,
)
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.deliveries.workers.deliverer import Deliverer, DelivererLimits
from services.webhook_delivery.deliveries.workers.outcome_writer import OutcomeWriter
from services.webhook_delivery.endpoints.operations.endpoints import create_endpoint
from services.webhook_delivery.endpoints.operations.subscriber_cache import SubscriberCache
from services.webhook_delivery.message_store import domain as message_rules
from services.webhook_delivery.messages.operations import accept_messages
from shared.kernel.addresses import Egress, networks
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging.work import begin
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database
from shared.runtime.worker import Worker
from shared.testing.eventually import eventually
from tests.integration.webhook_delivery.conftest import Receiver, hang
from tests.unit.webhook_delivery.builders import a_key_ring, an_answer, settings_of

EGRESS = Egress(networks(["127.0.0.0/8"]), allows_http=True)
RING = a_key_ring()


@pytest.fixture
async def database(databases: Any) -> AsyncIterator[Database]:
    """The worker role's pool."""
    pool = await create_pool(databases.worker_dsn("webhook_delivery"), "test", PoolLimits())
    yield Database(pool)
    await pool.close()


@asynccontextmanager
async def delivering(database: Database, **limits: float) -> AsyncIterator[Deliverer]:
    """A deliverer at work; at the end its steps stop, and it is not closed, as after a kill."""
    transport = Http1Transport(EGRESS, 64)
    handoff = Handoff()
    writer = OutcomeWriter(database, handoff, 200, 0.005)
    all_limits = {"poll_seconds": 0.05, "shard_seconds": 1.0, **limits}
    wanted = DelivererLimits(**all_limits)  # type: ignore[arg-type]
    deliverer = Deliverer(database, transport, RING, writer, handoff=handoff, limits=wanted)
    steps = [
        Worker("shards", deliverer.keep_shards, 0.2),
        Worker("deliver", deliverer.step, 0.05),
        Worker("outcomes", writer.step, 0.05),
        Worker("leases", deliverer.renew, 0.3),
        Worker("targets", deliverer.refresh, 0.1),
    ]
    writer.wake_step = steps[2].wake
    tasks = [asyncio.create_task(step.run()) for step in steps]
    try:
        yield deliverer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await transport.close()


async def given(database: Database, url: str, message_count: int, **settings: Any) -> Any:
    """An endpoint with so many messages to come."""
    workspace_id, now = new_id(), datetime.now(UTC)
    wanted = settings_of(url=url, **settings)
    messages = [
        message_rules.new_message(workspace_id, "order.packed", {"number": number}, now)
        for number in range(message_count)
    ]
    async with begin(database) as unit:
        work = unit.within(workspace_id, Clock())
        endpoint, _ = await create_endpoint(work, wanted, egress=EGRESS, ring=RING, may=lambda _: True)
        await accept_messages(unit, messages, SubscriberCache(10), Handoff())
    return endpoint


async def test_what_a_stopping_worker_did_not_send_is_free_at_once(
    database: Database, receiver: Receiver
) -> None:
    receiver.script = [hang] * 10
    await given(database, receiver.url, 10)

    async with delivering(database, drain_seconds=0.1) as deliverer:
        await receiver.wait(4)
        await deliverer.close()

    rows = await database.pool.fetch("SELECT lease_token, due_at <= now() AS is_due FROM delivery_due")
    assert [(row["lease_token"], row["is_due"]) for row in rows] == [(None, True)] * 10


async def test_what_is_under_way_may_finish_before_the_stop(database: Database, receiver: Receiver) -> None:
    async def slowly(request: Any) -> Any:
        await asyncio.sleep(0.3)
        return web.Response()

    receiver.script = [slowly] * 4
    await given(database, receiver.url, 4)

    async with delivering(database, drain_seconds=3) as deliverer:
        await receiver.wait(4)
        await deliverer.close()

    assert await database.pool.fetch("SELECT FROM delivery_due") == []


async def test_nothing_is_lost_when_a_worker_is_killed(database: Database, receiver: Receiver) -> None:
    receiver.script = [hang] * 4
    await given(database, receiver.url, 30)

    async with delivering(database, lease_seconds=1.0):
        await receiver.wait(4)
    async with delivering(database, lease_seconds=1.0):
        await eventually(lambda: _queue_is_empty(database))

    ids = [request.headers["webhook-id"] for request in receiver.received]
    assert len(set(ids)) == 30
    assert len(ids) - 30 <= 4


async def test_two_workers_share_the_queue_and_send_each_delivery_once(
    database: Database, receiver: Receiver
) -> None:
    async with delivering(database), delivering(database):
        await given(database, receiver.url, 200)
        await eventually(lambda: _queue_is_empty(database), 20)

    ids = [request.headers["webhook-id"] for request in receiver.received]
    assert len(ids) == len(set(ids)) == 200


async def test_an_endpoint_has_no_more_under_way_than_its_limit_however_many_workers_there_are(
    database: Database, receiver: Receiver
) -> None:
    under_way = most = 0

    async def note(_: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return web.Response()

    receiver.script = [note] * 60
    async with delivering(database), delivering(database), delivering(database):
        await eventually(lambda: _owners(database, 3))
        await given(database, receiver.url, 60, max_concurrency=3)
        await eventually(lambda: _queue_is_empty(database), 20)

    assert len(receiver.received) == 60
    assert most <= 3


async def test_what_a_worker_owned_passes_on_when_it_stops(database: Database, receiver: Receiver) -> None:
    async with delivering(database, shard_seconds=30.0) as first:
        await eventually(lambda: _owners(database, 1))
        await first.close()
        async with delivering(database):
            await given(database, receiver.url, 3)
            await receiver.wait(3)


async def test_leases_are_renewed_while_deliveries_wait(database: Database, receiver: Receiver) -> None:
    async def slowly(request: Any) -> Any:
        await asyncio.sleep(0.4)
        return web.Response()

    receiver.script = [slowly] * 6
    await given(database, receiver.url, 6, max_concurrency=1)

    async with delivering(database, lease_seconds=1.0), delivering(database, lease_seconds=1.0):
        await eventually(lambda: _queue_is_empty(database))

    assert len(receiver.received) == 6


async def test_a_message_whose_body_is_gone_expires(
    database: Database, databases: Any, receiver: Receiver
) -> None:
    await given(database, receiver.url, 1)
    await database.pool.execute("DELETE FROM message")

    async with delivering(database):
        await eventually(lambda: _queue_is_empty(database))

    [row] = await database.pool.fetch("SELECT state FROM delivery_failed")
    assert row["state"] == list(State).index(State.EXPIRED)
    assert receiver.received == []


async def test_a_change_of_the_endpoint_takes_effect_on_what_waits(
    database: Database, receiver: Receiver
) -> None:
    receiver.script = [hang]
    endpoint = await given(database, receiver.url, 5, max_concurrency=1)

    async with delivering(database):
        await receiver.wait(1)
        await database.pool.execute(
            "UPDATE endpoint SET status = 'disabled', disabled_reason = 'x' WHERE id = $1", endpoint.id
        )
        await eventually(lambda: _count(database, "delivery_failed", 4))


async def test_one_outcome_that_cannot_be_stored_does_not_hold_up_the_others(database: Database) -> None:
    endpoint = await given(database, "http://127.0.0.1:1024/", 2)
    rows = await database.pool.fetch("UPDATE delivery_due SET lease_token = $1 RETURNING *", new_id())
    outcomes = [_outcome(endpoint, row) for row in rows]
    bad = replace(outcomes[0].result, headers={"x": "\x00"})
    writer = OutcomeWriter(database, Handoff(), 200, 0)

    writer.put(replace(outcomes[0], result=bad), outcomes[1])
    await writer.drain()

    assert await _count(database, "attempt", 2)
    assert await _queue_is_empty(database)


def _outcome(endpoint: Any, row: Any) -> Outcome:
    delivery = Delivery(
        id=row["id"],
        workspace_id=row["workspace_id"],
        endpoint_id=endpoint.id,
        message_id=row["message_id"],
        message_created_at=row["message_created_at"],
        attempt_count=0,
        kind=AttemptKind.AUTO,
        lease_token=row["lease_token"],
    )
    return Outcome(delivery, datetime.now(UTC), an_answer(200), Verdict(State.DELIVERED), {})


async def _queue_is_empty(database: Database) -> bool:
    return await _count(database, "delivery_due", 0)


async def _count(database: Database, table: str, count: int) -> bool:
    return bool(await database.pool.fetchval(f"SELECT count(*) FROM {table}") == count)


async def _owners(database: Database, count: int) -> bool:
    found = await database.pool.fetchval(
        "SELECT count(DISTINCT owner) FROM shard_lease WHERE expires_at > now()"
    )
    return bool(found == count)
