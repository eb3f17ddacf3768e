"""The local Postgres is a real one of version 18, and keeps its data whatever happens to it."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import process
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path, free_port(), password="secret")
    yield server
    server.remove_data()


def ask(postgres: Postgres, *statements: str) -> object:
    """The value of the last statement."""

    async def asking() -> object:
        connection = await asyncpg.connect(postgres.dsn)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(asking())


def test_it_is_version_18_with_utf8_and_a_portable_collation(postgres: Postgres) -> None:
    with process.running(postgres.prepare()):
        assert str(ask(postgres, "SHOW server_version")).startswith("18.")
        assert ask(postgres, "SHOW server_encoding") == "UTF8"
        assert ask(postgres, "SELECT lower('ÉÅ')") == "éå"
        assert ask(postgres, "SHOW fsync") == "on"


def test_it_asks_for_the_password(postgres: Postgres) -> None:
    stranger = Postgres(postgres.state, postgres.port, password="wrong")

    with process.running(postgres.prepare()), pytest.raises(asyncpg.InvalidPasswordError):
        ask(stranger, "SELECT 1")


def test_a_killed_postgres_comes_back_with_its_data(postgres: Postgres) -> None:
    program = postgres.prepare()
    with process.running(program) as server:
        ask(postgres, "CREATE TABLE kept (value int)", "INSERT INTO kept VALUES (7) RETURNING value")
        os.kill(server.pid, signal.SIGKILL)
        server.wait()

    with process.running(postgres.prepare()):
        assert ask(postgres, "SELECT value FROM kept") == 7


def test_a_postgres_that_was_left_behind_is_stopped_before_the_next_starts(postgres: Postgres) -> None:
    program = postgres.prepare()
    leftover = process.start(program)
    process.wait_until_ready(program, leftover)

    with process.running(postgres.prepare()):
        assert leftover.poll() is not None
        assert ask(postgres, "SELECT 1") == 1


def test_the_pid_file_of_a_dead_postgres_does_not_stop_the_next(postgres: Postgres) -> None:
    program = postgres.prepare()
    # The number of a living process that is no Postgres, as after a restart of the machine.
    (postgres.directory / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n")

    with process.running(program):
        assert ask(postgres, "SELECT 1") == 1
