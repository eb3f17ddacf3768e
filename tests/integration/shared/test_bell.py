"""The bell between a service's processes: a commit in one wakes the others; a lost ring only delays."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from shared.messaging.settings import KafkaSettings
from shared.postgres.transaction import Database
from shared.runtime import bell as bells
from shared.runtime.bell import Bell
from shared.runtime.worker import Worker
from shared.testing.eventually import eventually
from tests.integration.shared.conftest import SERVICE, OpenDatabase, in_background
from tests.integration.shared.test_relay import a_relay, record
from tests.integration.shared.topic import a_contact_event, listening


@contextlib.asynccontextmanager
async def ringing(bell: Bell) -> AsyncIterator[Bell]:
    """A process's bell, in use."""
    tasks = [asyncio.create_task(bell.tell()), asyncio.create_task(bell.listen())]
    try:
        yield bell
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def a_bell(database: Database, *wakes: Callable[[], None], has_others: bool = True) -> Bell:
    return Bell(SERVICE, database, lambda: has_others, [], list(wakes))


def heard() -> tuple[list[float], Callable[[], None]]:
    times: list[float] = []
    return times, lambda: times.append(time.monotonic())


async def is_heard(times: list[float], bell: Bell) -> None:
    """Wait until the other process listens: it is woken when it begins to."""
    await eventually(lambda: len(times) == 1)
    times.clear()
    bell.ring()
    await eventually(lambda: len(times) == 1, timeout_seconds=2)


async def test_a_commit_of_one_process_wakes_the_others_and_not_itself_twice(
    worker: Database, open_database: OpenDatabase
) -> None:
    (own, wake_own), (others, wake_others) = heard(), heard()
    async with ringing(a_bell(worker, wake_own)) as bell, ringing(a_bell(await open_database(), wake_others)):
        await is_heard(others, bell)
        await asyncio.sleep(0.1)

    assert len(own) == 1, "only as it began to listen"


async def test_many_rings_become_few_and_the_last_is_heard(
    worker: Database, open_database: OpenDatabase
) -> None:
    times, wake = heard()
    async with ringing(a_bell(worker)) as bell, ringing(a_bell(await open_database(), wake)):
        await is_heard(times, bell)
        await asyncio.sleep(bells.TELL_PAUSE_SECONDS * 2)
        times.clear()
        for _ in range(100):
            bell.ring()
            await asyncio.sleep(0.002)
        last = time.monotonic()
        await eventually(lambda: times[-1] >= last, timeout_seconds=2)

    assert len(times) <= 10


async def test_a_process_alone_tells_nobody(worker: Database, open_database: OpenDatabase) -> None:
    times, wake = heard()
    async with (
        ringing(a_bell(worker, has_others=False)) as bell,
        ringing(a_bell(await open_database(), wake)),
    ):
        await eventually(lambda: len(times) == 1)
        bell.ring()
        await asyncio.sleep(0.2)

    assert len(times) == 1


async def test_a_connection_that_breaks_is_made_anew_and_whoever_sleeps_looks_for_what_it_missed(
    worker: Database, open_database: OpenDatabase, admin: Any
) -> None:
    times, wake = heard()
    async with ringing(a_bell(worker)) as bell, ringing(a_bell(await open_database(), wake)):
        await is_heard(times, bell)
        times.clear()
        await admin.execute("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE query ILIKE 'LISTEN%' AND pid <> pg_backend_pid()""")
        await eventually(lambda: bool(times), timeout_seconds=5)
        await asyncio.sleep(bells.TELL_PAUSE_SECONDS * 2)
        times.clear()
        bell.ring()
        await eventually(lambda: bool(times), timeout_seconds=5)


async def test_a_resting_worker_of_another_process_steps_at_once_after_a_commit(
    worker: Database, open_database: OpenDatabase
) -> None:
    steps: list[float] = []

    async def step() -> bool:
        steps.append(time.monotonic())
        return False

    resting, other = Worker("test", step, 0.02, rest_seconds=60), await open_database()
    async with (
        ringing(a_bell(worker)) as bell,
        ringing(Bell(SERVICE, other, lambda: False, [resting.nudge])),
        in_background(resting.run, resting.stop),
    ):
        await asyncio.sleep(bells.FIRST_PAUSE_SECONDS)
        resting._awake_until = 0.0
        await asyncio.sleep(0.1)
        before = len(steps)
        bell.ring()
        await eventually(lambda: len(steps) > before, timeout_seconds=1)


async def test_an_event_whose_notification_was_lost_leaves_at_the_safety_poll(
    worker: Database, kafka: KafkaSettings, open_database: OpenDatabase
) -> None:
    """Committed by a process whose ring nobody hears: it is late, and that is all."""
    silent = await open_database()
    relay = a_relay(worker, kafka, relay_poll_seconds=0.5, relay_lease_seconds=60.0)
    async with (
        listening(kafka.bootstrap_servers, "contact.created") as listener,
        in_background(relay.run, relay.stop),
    ):
        await record(worker, a_contact_event())
        await listener.read(1)
        await record(silent, a_contact_event())

        await listener.read(2, timeout_seconds=5)
