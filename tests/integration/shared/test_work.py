"""A unit of work: its events are there with the state that makes them true, or neither is."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.events.contact import ContactCreated, ContactUpdated
from shared.events.event import Event
from shared.events.told import Told
from shared.kernel import context
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging import outbox, workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit, begin
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database
from tests.conftest import Databases
from tests.integration.shared.conftest import SERVICE, OpenDatabase
from tests.integration.shared.consuming import effects
from tests.integration.shared.topic import a_contact_event

WORKSPACE = """
INSERT INTO workspace (workspace_id, sequence, slug, mode, zone, currency, clock_offset_ms)
VALUES ($1, 1, $2, 'sandbox', 'Europe/Amsterdam', 'EUR', $3)
"""


async def change(unit: Unit, text: str, *events: Event) -> None:
    """An effect, and what is told of it."""
    await unit.tx.execute("INSERT INTO effect (workspace_id, text) VALUES ($1, $2)", new_id(), text)
    unit.record(*events)


def also(contact_id: UUID, version: int) -> Event:
    """Another event of the same change."""
    event = a_contact_event(contact_id, version)
    return ContactUpdated.of(event.workspace_id, event.data)


async def told(admin: Any) -> list[tuple[UUID, int, int]]:
    """Subject, sequence and step of the events in the outbox, in their order."""
    rows = await admin.fetch(
        "SELECT aggregateid, aggregate_seq, (convert_from(payload, 'UTF8')::jsonb->>'step')::int AS step "
        "FROM outbox ORDER BY position"
    )
    return [tuple(row) for row in rows]


async def test_events_are_written_at_the_commit_in_the_order_of_their_recording(
    worker: Database, admin: Any
) -> None:
    first, second = new_id(), new_id()

    async with begin(worker) as unit:
        await change(unit, "one", a_contact_event(first, 1), a_contact_event(second, 1))
        await change(unit, "two", a_contact_event(first, 2))
        assert await unit.tx.fetchval("SELECT count(*) FROM outbox") == 0

    assert await effects(admin) == ["one", "two"]
    assert await told(admin) == [(first, 1, 0), (second, 1, 0), (first, 2, 0)]


async def test_events_of_one_change_count_their_steps_wherever_they_are_recorded(
    worker: Database, admin: Any
) -> None:
    contact = new_id()

    async with begin(worker) as unit:
        unit.record(a_contact_event(contact, 1))
        await unit.flush()
        unit.record(a_contact_event(contact, 2), also(contact, 1))

    assert await told(admin) == [(contact, 1, 0), (contact, 2, 0), (contact, 1, 1)]


async def test_the_same_event_of_a_change_twice_takes_its_state_with_it(worker: Database, admin: Any) -> None:
    contact = new_id()

    with pytest.raises(asyncpg.UniqueViolationError, match="outbox_one_event_per_change"):
        async with begin(worker) as unit:
            await change(unit, "lost", a_contact_event(contact, 1), a_contact_event(contact, 1))

    assert (await effects(admin), await told(admin)) == ([], [])


async def test_a_unit_that_raises_leaves_neither_state_nor_events_nor_wakes_anybody(
    worker: Database, admin: Any
) -> None:
    woken: list[str] = []
    worker.after_events.append(lambda: woken.append("relay"))

    with pytest.raises(KeyError, match="mine"):
        async with begin(worker) as unit:
            unit.after_commit(lambda: woken.append("unit"))
            await change(unit, "lost", a_contact_event(new_id(), 1))
            await unit.flush()
            raise KeyError("mine")

    assert (await effects(admin), await told(admin), woken) == ([], [], [])


async def test_a_commit_that_the_server_refuses_wakes_nobody(worker: Database, admin: Any) -> None:
    woken: list[str] = []
    worker.after_events.append(lambda: woken.append("relay"))
    await admin.execute(
        "ALTER TABLE effect ADD CONSTRAINT effect_once UNIQUE (text) DEFERRABLE INITIALLY DEFERRED"
    )

    with pytest.raises(asyncpg.UniqueViolationError):
        async with begin(worker) as unit:
            await change(unit, "twice", a_contact_event(new_id(), 1))
            await change(unit, "twice", a_contact_event(new_id(), 1))

    assert (await told(admin), woken) == ([], [])


async def test_an_event_that_cannot_be_written_takes_its_state_with_it(worker: Database, admin: Any) -> None:
    unwritable = a_contact_event(new_id(), 1).model_copy(update={"data": object()})

    with pytest.raises(Exception, match="serialize"):
        async with begin(worker) as unit:
            await change(unit, "lost", unwritable)

    assert (await effects(admin), await told(admin)) == ([], [])


async def test_the_relay_is_woken_once_and_only_by_events(worker: Database) -> None:
    woken: list[str] = []
    worker.after_events.append(lambda: woken.append("relay"))

    async with begin(worker) as unit:
        await change(unit, "quiet")
    assert woken == []
    async with begin(worker) as unit:
        unit.after_commit(lambda: woken.append("unit"))
        await change(unit, "one", a_contact_event(new_id(), 1))
        await unit.flush()
        await change(unit, "two", a_contact_event(new_id(), 1))
        assert woken == []
    assert woken == ["relay", "unit"]


async def test_a_savepoint_that_rolls_back_drops_the_events_inside_it_alone(
    worker: Database, admin: Any
) -> None:
    kept, also_kept, woken = new_id(), new_id(), list[str]()

    async with begin(worker) as unit:
        await change(unit, "before", a_contact_event(kept, 1))
        with contextlib.suppress(asyncpg.DivisionByZeroError):
            async with unit.savepoint():
                await change(unit, "bad row", also(kept, 1), a_contact_event(new_id(), 1))
                unit.after_commit(lambda: woken.append("bad row"))
                await unit.tx.execute("SELECT 1 / 0")
        async with unit.savepoint():
            await change(unit, "good row", also(kept, 1), a_contact_event(also_kept, 1))
            unit.after_commit(lambda: woken.append("good row"))

    assert await effects(admin) == ["before", "good row"]
    assert await told(admin) == [(kept, 1, 0), (kept, 1, 1), (also_kept, 1, 0)]
    assert woken == ["good row"]


async def test_an_outer_savepoint_takes_back_what_an_inner_one_kept(worker: Database, admin: Any) -> None:
    kept = new_id()

    async with begin(worker) as unit:
        await change(unit, "kept", a_contact_event(kept, 1))
        with contextlib.suppress(KeyError):
            async with unit.savepoint():
                await change(unit, "outer", a_contact_event(new_id(), 1))
                with contextlib.suppress(asyncpg.DivisionByZeroError):
                    async with unit.savepoint():
                        await unit.tx.execute("SELECT 1 / 0")
                async with unit.savepoint():
                    await change(unit, "inner", a_contact_event(new_id(), 1))
                raise KeyError

    assert await effects(admin) == ["kept"]
    assert await told(admin) == [(kept, 1, 0)]


async def test_events_that_a_statement_takes_are_written_once_and_come_back_with_its_savepoint(
    worker: Database, admin: Any
) -> None:
    first, second, woken = new_id(), new_id(), list[str]()
    worker.after_events.append(lambda: woken.append("relay"))

    async with begin(worker) as unit:
        unit.record(a_contact_event(first, 1))
        with contextlib.suppress(KeyError):
            async with unit.savepoint():
                unit.record(a_contact_event(new_id(), 1))
                await unit.tx.execute(outbox.WRITE, *unit.take_columns())
                raise KeyError
        unit.record(a_contact_event(second, 1))
        await unit.tx.execute(outbox.WRITE, *unit.take_columns())

    assert await told(admin) == [(first, 1, 0), (second, 1, 0)]
    assert woken == ["relay"]


async def test_one_unit_acts_in_several_workspaces_each_on_its_clock(worker: Database, admin: Any) -> None:
    ahead, unknown = new_id(), new_id()
    await admin.execute(WORKSPACE, ahead, f"w-{ahead}", 3_600_000)

    async with begin(worker) as unit:
        works = await workspaces.works_of(unit, [ahead, unknown, ahead])
        for work in works.values():
            work.record(a_contact_event(new_id(), 1))
        alone = await workspaces.work_of(unit, ahead)

    assert works[ahead].clock.offset == alone.clock.offset == timedelta(hours=1)
    assert (works[unknown].clock, works[unknown].workspace_id) == (Clock(), unknown)
    assert len(await told(admin)) == 2


async def test_row_level_security_holds_a_unit_to_its_workspace(open_database: OpenDatabase) -> None:
    database: Database = await open_database("api")
    own = new_id()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with begin(database, own) as unit:
            await unit.tx.execute("INSERT INTO effect (workspace_id, text) VALUES ($1, 'mine')", own)
            await unit.tx.execute("INSERT INTO effect (workspace_id, text) VALUES ($1, 'other')", new_id())


async def test_a_services_own_rows_are_written_with_the_events_of_each_unit(
    worker: Database, admin: Any
) -> None:
    async def log(tx: Connection, told: Sequence[Told]) -> None:
        await tx.executemany(
            "INSERT INTO effect (workspace_id, event_id, text) VALUES ($1, $2, 'log')",
            [(one.event.workspace_id, one.event.id) for one in told],
        )

    worker.writers.append(log)
    events = [a_contact_event(new_id(), 1) for _ in range(3)]

    async with begin(worker) as unit:
        unit.record(events[0])
        await unit.flush()
        unit.record(*events[1:])
    async with begin(worker):
        pass
    with contextlib.suppress(KeyError):
        async with begin(worker) as unit:
            unit.record(a_contact_event(new_id(), 1))
            await unit.flush()
            raise KeyError

    logged = await admin.fetch("SELECT event_id FROM effect ORDER BY position")
    assert [row["event_id"] for row in logged] == [event.id for event in events]


async def test_an_event_keeps_the_trace_and_the_actor_of_its_recording(worker: Database, admin: Any) -> None:
    parents = [context.child_traceparent(None) for _ in range(2)]

    async with begin(worker) as unit:
        for number, parent in enumerate(parents):
            context.traceparent.set(parent)
            context.actor.set(f"user:{number}")
            unit.record(a_contact_event(new_id(), 1))
        context.traceparent.set(None)
        context.actor.set(context.SYSTEM)

    rows = await admin.fetch(
        "SELECT headers::jsonb->>'traceparent' AS header, convert_from(payload, 'UTF8')::jsonb AS said "
        "FROM outbox ORDER BY position"
    )
    said = [(row["header"], *_of(row["said"])) for row in rows]
    assert said == [(parent, parent, f"user:{number}") for number, parent in enumerate(parents)]


def _of(said: Any) -> tuple[str, str]:
    found = json.loads(said)
    return found["traceparent"], found["actor"]


async def test_reactions_to_one_event_and_to_a_batch_share_the_unit(worker: Database, admin: Any) -> None:
    handlers, events = Handlers(), [a_contact_event(new_id(), 1) for _ in range(2)]

    @handlers.on(ContactCreated)
    async def one_by_one(unit: Unit, heard: Event) -> None:
        await change(unit, "one", a_contact_event(heard.subject, 2))

    @handlers.on_batch(ContactCreated)
    async def at_once(unit: Unit, heard: Sequence[Event]) -> None:
        for event in heard:
            await change(unit, "batch", a_contact_event(event.subject, 3))

    async with begin(worker) as unit:
        await handlers.apply(unit, events)

    assert await effects(admin) == ["one", "one", "batch", "batch"]
    expected = [(event.subject, version, 0) for event in events for version in (2, 3)]
    assert sorted(await told(admin)) == sorted(expected)


_DYING = f"""
import asyncio, os, signal, sys
from shared.kernel.ids import new_id
from shared.messaging.work import begin
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database
from tests.integration.shared.test_work import change
from tests.integration.shared.topic import a_contact_event

async def main():
    database = Database(await create_pool(sys.argv[1], "dying", PoolLimits(min_size=1, max_size=2)))
    async with begin(database) as unit:
        await change(unit, "kept", a_contact_event(new_id(), 1))
    async with begin(database) as unit:
        await change(unit, "lost", a_contact_event(new_id(), 1))
        await unit.flush()
        os.kill(os.getpid(), {signal.SIGKILL.value})

asyncio.run(main())
"""


async def test_a_process_that_is_killed_in_a_unit_leaves_nothing_of_it(
    databases: Databases, admin: Any
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _DYING, databases.worker_dsn(SERVICE), env={**os.environ}
    )

    assert await process.wait() == -signal.SIGKILL
    assert await effects(admin) == ["kept"]
    assert len(await told(admin)) == 1
