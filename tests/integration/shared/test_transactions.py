"""Transactions: all or nothing, honest about a failed COMMIT, and never left open in the pool."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.kernel import context
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.postgres.transaction import Database, savepoint
from shared.testing.eventually import eventually
from tests.integration.shared.conftest import OpenDatabase
from tests.integration.shared.consuming import effects


async def write(tx: Any, text: str, workspace_id: UUID | None = None) -> None:
    await tx.execute(
        "INSERT INTO effect (workspace_id, text) VALUES ($1, $2)", workspace_id or new_id(), text
    )


async def open_transactions(admin: Any) -> int:
    """How many of the tests' connections are within a transaction."""
    count: int = await admin.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'tests' AND state <> 'idle'"
    )
    return count


async def test_a_transaction_commits_at_its_end(worker: Database, admin: Any) -> None:
    async with worker.transaction() as tx:
        await write(tx, "kept")

    assert await effects(admin) == ["kept"]


async def test_a_transaction_that_raises_keeps_nothing(worker: Database, admin: Any) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with worker.transaction() as tx:
            await write(tx, "lost")
            raise KeyError("mine")

    assert await effects(admin) == []
    assert await open_transactions(admin) == 0


async def test_a_commit_that_the_database_refuses_raises(worker: Database, admin: Any) -> None:
    await admin.execute(
        "ALTER TABLE effect ADD CONSTRAINT effect_once UNIQUE (text) DEFERRABLE INITIALLY DEFERRED"
    )

    with pytest.raises(asyncpg.UniqueViolationError, match="effect_once"):
        async with worker.transaction() as tx:
            await write(tx, "twice")
            await write(tx, "twice")

    assert await effects(admin) == []
    async with worker.transaction() as tx:
        await write(tx, "once")
    assert await effects(admin) == ["once"]


async def test_a_transaction_whose_error_was_swallowed_does_not_pass_for_committed(
    worker: Database, admin: Any
) -> None:
    with pytest.raises(RuntimeError, match="rolled it back"):
        async with worker.transaction() as tx:
            await write(tx, "lost")
            with contextlib.suppress(asyncpg.PostgresError):
                await tx.execute("SELECT 1 / 0")

    assert await effects(admin) == []


@pytest.mark.parametrize("after_seconds", [0, 0.001, 0.005, 0.02, 0.1])
async def test_a_cancelled_task_leaves_no_transaction_open(
    after_seconds: float, open_database: OpenDatabase, admin: Any
) -> None:
    database = await open_database(max_size=2)

    async def work() -> None:
        async with database.transaction() as tx:
            await write(tx, "lost")
            await tx.execute("SELECT pg_sleep(0.05)")
            await write(tx, "lost")
            await tx.execute("SELECT pg_sleep(60)")

    for _ in range(5):
        task = asyncio.create_task(work())
        await asyncio.sleep(after_seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    await eventually(lambda: _none_open(admin))
    assert await effects(admin) == []
    async with database.transaction() as one, database.transaction() as other:
        assert await one.fetchval("SELECT 1") == await other.fetchval("SELECT 1") == 1


async def _none_open(admin: Any) -> bool:
    return await open_transactions(admin) == 0


async def test_a_cancelled_commit_is_whole_or_nothing(open_database: OpenDatabase, admin: Any) -> None:
    database = await open_database(max_size=2)

    async def work(number: int) -> None:
        async with database.transaction() as tx:
            await write(tx, f"{number}a")
            await write(tx, f"{number}b")

    for number in range(60):
        task = asyncio.create_task(work(number))
        await asyncio.sleep(0.0002 * number)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await eventually(lambda: _none_open(admin))
    texts = await effects(admin)
    assert {text[:-1] for text in texts if text.endswith("a")} == {
        text[:-1] for text in texts if text.endswith("b")
    }


async def _cut(worker: Database, tx: Any) -> None:
    async with worker.pool.acquire() as other:
        await other.execute("SELECT pg_terminate_backend($1)", tx.get_server_pid())


async def test_a_connection_that_is_cut_is_unavailable_and_the_next_one_works(
    worker: Database, admin: Any
) -> None:
    with pytest.raises(Unavailable) as caught:
        async with worker.transaction() as tx:
            await write(tx, "lost")
            await _cut(worker, tx)
            await asyncio.sleep(0.05)
            await write(tx, "lost")

    assert caught.value.retry_after_seconds == 1
    assert await effects(admin) == []
    async with worker.transaction() as tx:
        await write(tx, "kept")


async def test_a_connection_that_is_cut_before_its_commit_is_unavailable(worker: Database) -> None:
    with pytest.raises(Unavailable):
        async with worker.transaction() as tx:
            await write(tx, "lost")
            await _cut(worker, tx)


async def test_a_deadlock_may_be_tried_again(worker: Database, admin: Any) -> None:
    await admin.execute(
        "INSERT INTO effect (workspace_id, text) VALUES (gen_random_uuid(), '1'), (gen_random_uuid(), '2')"
    )
    both = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> None:
        async with worker.transaction() as tx:
            await tx.execute("SELECT FROM effect WHERE text = $1 FOR UPDATE", first)
            await both.wait()
            await tx.execute("SELECT FROM effect WHERE text = $1 FOR UPDATE", second)

    results = await asyncio.gather(lock("1", "2"), lock("2", "1"), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Unavailable"]


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(open_database: OpenDatabase) -> None:
    database = await open_database(statement_timeout_seconds=1)

    with pytest.raises(Unavailable):
        async with database.transaction() as tx:
            await tx.execute("SELECT pg_sleep(10)")


async def test_a_transaction_that_sits_idle_is_ended_by_the_server(open_database: OpenDatabase) -> None:
    database = await open_database(idle_in_transaction_timeout_seconds=1)

    with pytest.raises(Unavailable):
        async with database.transaction() as tx:
            await asyncio.sleep(1.5)
            await tx.execute("SELECT 1")


async def test_a_pool_that_is_used_up_is_unavailable(open_database: OpenDatabase) -> None:
    database = await open_database(max_size=1, acquire_timeout_seconds=0.2)

    async with database.transaction():
        with pytest.raises(Unavailable):
            async with database.transaction():
                pass


async def test_a_savepoint_undoes_what_is_in_it_alone(worker: Database, admin: Any) -> None:
    async with worker.transaction() as tx:
        await write(tx, "before")
        with contextlib.suppress(asyncpg.DivisionByZeroError):
            async with savepoint(tx):
                await write(tx, "within")
                await tx.execute("SELECT 1 / 0")
        async with savepoint(tx):
            await write(tx, "after")

    assert await effects(admin) == ["before", "after"]


async def test_json_goes_in_and_comes_out_as_values(worker: Database) -> None:
    value = {"name": "Zoë 🎉", "numbers": [1, 2], "none": None}

    async with worker.transaction() as tx:
        assert await tx.fetchval("SELECT $1::jsonb", value) == value


@pytest.mark.parametrize("actor", ["key:1", "user'); DROP TABLE effect; --", "a$$b\\'", "名前 x", "x" * 300])
async def test_who_asks_is_told_to_the_server_as_it_is(worker: Database, admin: Any, actor: str) -> None:
    workspace_id = new_id()
    before = context.actor.set(actor)
    try:
        async with worker.transaction(workspace_id, lock_seconds=1.5) as tx:
            names = ("app.actor", "app.workspace_id", "lock_timeout")
            told = [await tx.fetchval("SELECT current_setting($1)", name) for name in names]
        async with worker.transaction() as tx:
            await write(tx, "there")
    finally:
        context.actor.reset(before)

    assert told == [actor, str(workspace_id), "1500ms"]
    assert await effects(admin) == ["there"]
    assert not await worker.pool.fetchval("SELECT current_setting('app.actor', true)")
