"""The consumer: each event once and in order, and what may pass is waited for."""

import asyncio
from typing import Any

import pytest

from shared.events.event import Event
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from tests.integration.shared.conftest import OpenDatabase
from tests.integration.shared.consuming import consuming, dead, effects, has_effects, note, reacting
from tests.integration.shared.topic import a_contact_event, producing, publish


async def test_an_event_that_comes_again_has_one_effect(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    event, last = a_contact_event(name="once"), a_contact_event(name="last")
    async with producing(kafka.bootstrap_servers) as producer:
        async with consuming(worker, kafka):
            await publish(producer, event, event, event)
            await eventually(lambda: has_effects(admin, "once"))
            await publish(producer, event)

        async with consuming(worker, kafka, from_now=False):
            await publish(producer, event, last)
            await eventually(lambda: has_effects(admin, "once", "last"))


async def test_events_of_one_key_take_effect_in_their_order(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    contact = new_id()
    events = [a_contact_event(contact, version, name=f"{version:02}") for version in range(2, 40)]
    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka.model_copy(update={"batch_size": 5})),
    ):
        await publish(producer, *events)
        await eventually(lambda: has_effects(admin, *(f"{version:02}" for version in range(2, 40))))

    assert await effects(admin) == [f"{version:02}" for version in range(2, 40)]


async def test_what_was_published_while_nobody_listened_takes_effect_later(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    async with producing(kafka.bootstrap_servers) as producer:
        async with consuming(worker, kafka):
            pass
        await publish(producer, a_contact_event(name="missed"))

        async with consuming(worker, kafka, from_now=False):
            await eventually(lambda: has_effects(admin, "missed"))


FAILS_TWICE = """
CREATE SEQUENCE try;
GRANT USAGE ON SEQUENCE try TO PUBLIC;
CREATE FUNCTION fail_twice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    IF nextval('subscription_renewal.try') <= 2 THEN
        RAISE EXCEPTION 'not now' USING ERRCODE = '{sqlstate}';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER fail_twice BEFORE INSERT ON effect FOR EACH ROW EXECUTE FUNCTION fail_twice();
"""


@pytest.mark.parametrize("sqlstate", ["57014", "57P01", "53300", "40001", "40P01", "55P03"])
async def test_a_fault_of_the_database_that_passes_is_waited_for(
    sqlstate: str, worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    await admin.execute(FAILS_TWICE.format(sqlstate=sqlstate))
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, kafka):
        await publish(producer, a_contact_event(name="late"))
        await eventually(lambda: has_effects(admin, "late"))

    assert await dead(admin) == []


async def test_an_event_whose_connection_is_cut_takes_effect_once_on_another(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    cuts = 0

    async def react(tx: Any, event: Event) -> None:
        nonlocal cuts
        await note(tx, event)
        cuts += 1
        if cuts <= 2:
            async with worker.pool.acquire() as other:
                await other.execute("SELECT pg_terminate_backend($1)", tx.get_server_pid())

    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)),
    ):
        await publish(producer, a_contact_event(name="whole"))
        await eventually(lambda: has_effects(admin, "whole"))

    assert cuts == 3
    assert await dead(admin) == []


async def test_an_owner_that_does_not_answer_is_waited_for(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    asked = 0

    async def react(tx: Any, event: Event) -> None:
        nonlocal asked
        asked += 1
        if asked <= 2:
            raise Unavailable
        await note(tx, event)

    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, kafka, reacting(react)),
    ):
        await publish(producer, a_contact_event(name="answered"))
        await eventually(lambda: has_effects(admin, "answered"))

    assert await dead(admin) == []


async def test_a_consumer_that_is_stopped_while_it_waits_leaves_the_batch_for_the_next(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    tried = asyncio.Event()

    async def react(tx: Any, event: Event) -> None:
        tried.set()
        raise Unavailable

    async with producing(kafka.bootstrap_servers) as producer:
        async with asyncio.timeout(30), consuming(worker, kafka, reacting(react)):
            await publish(producer, a_contact_event(name="left"))
            await tried.wait()
            await asyncio.sleep(1)

        assert await effects(admin) == []
        async with consuming(worker, kafka, from_now=False):
            await eventually(lambda: has_effects(admin, "left"))


async def test_a_batch_that_fails_for_too_long_is_read_again(
    worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    calls = 0

    async def react(tx: Any, event: Event) -> None:
        nonlocal calls
        calls += 1
        if calls <= 6:
            raise Unavailable
        await note(tx, event)

    hasty = kafka.model_copy(update={"transient_retry_seconds": 0.5})
    async with (
        producing(kafka.bootstrap_servers) as producer,
        consuming(worker, hasty, reacting(react)),
    ):
        await publish(producer, *(a_contact_event(name=f"{number}") for number in range(6)))
        await eventually(lambda: has_effects(admin, *(f"{number}" for number in range(6))), 30)

    assert await dead(admin) == []


async def test_members_that_come_and_go_apply_every_event_once(
    open_database: OpenDatabase, worker: Database, admin: Any, kafka: KafkaSettings
) -> None:
    names = [f"{number:03}" for number in range(300)]

    async def write(producer: Any) -> None:
        for name in names:
            await publish(producer, a_contact_event(name=name))
            await asyncio.sleep(0.01)

    small = kafka.model_copy(update={"batch_size": 5})
    async with producing(kafka.bootstrap_servers) as producer, consuming(worker, small):
        writing = asyncio.create_task(write(producer))
        for _ in range(3):
            async with consuming(await open_database(), small, from_now=False, partition_count=1):
                await asyncio.sleep(0.3)
        await writing
        await eventually(lambda: has_effects(admin, *names), 30)

    assert await dead(admin) == []
