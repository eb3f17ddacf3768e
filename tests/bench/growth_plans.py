"""The plans of a request's slow statements, as the service's own login has them: from Postgres's log."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from shared.postgres.pool import Connection

SLOW_MS = 20
_LINE = re.compile(r"^(?=\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] )", re.MULTILINE)
_STATEMENT = re.compile(
    r"\S+ \S+ \S+ \[\d+\] (\w+) LOG:  duration: [\d.]+ ms  execute [^:]*: (.*)", re.DOTALL
)
_VALUES = re.compile(r"DETAIL:  [Pp]arameters: (.*)", re.DOTALL)
_VALUE = re.compile(r"(\$\d+) = ('(?:[^']|'')*'|NULL)")


async def explain(dsns: dict[str, str], workspace_id: UUID, ask: Callable[[], Any]) -> None:
    """Print the plan of each statement of the request that is slow by itself."""
    admin = await asyncpg.connect(dsns["postgres"])
    try:
        log = Path(f"/proc/{await admin.fetchval('SELECT pg_backend_pid()')}/fd/2").resolve()
        size = log.stat().st_size
        await _log_slow(admin, dsns, f"'{SLOW_MS}ms'")
        # The first finds its connections closed.
        for _ in range(3):
            async with ask() as reply:
                await reply.read()
        await _log_slow(admin, dsns, "DEFAULT")
    finally:
        await admin.close()
    for login, text in dict.fromkeys(statements(log.read_bytes()[size:].decode())):
        await _print_plan(dsns[login], workspace_id, text)


async def _log_slow(admin: Connection, dsns: dict[str, str], least: str) -> None:
    logins = [login for login in dsns if login.endswith("_api")]
    for login in logins:
        await admin.execute(f"ALTER ROLE {login} SET log_min_duration_statement = {least}")
    # A login has its settings from when it connects.
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY($1)", logins
    )


def statements(log: str) -> Iterator[tuple[str, str]]:
    """The login and the statement of each that the log has, with its values in it."""
    lines = _LINE.split(log)
    for place, line in enumerate(lines):
        if found := _STATEMENT.match(line):
            given = _VALUES.search(lines[place + 1]) if place + 1 < len(lines) else None
            values = dict(_VALUE.findall(given[1] if given else ""))
            yield (
                found[1],
                re.sub(r"\$\d+", lambda name, values=values: values.get(name[0], "NULL"), found[2]),
            )


async def _print_plan(dsn: str, workspace_id: UUID, text: str) -> None:
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.workspace_id', $1, true)", str(workspace_id))
            plan = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {text}")
    finally:
        await connection.close()
    print("\n" + " ".join(text.split()), *(f"    {row[0]}" for row in plan), sep="\n", flush=True)
