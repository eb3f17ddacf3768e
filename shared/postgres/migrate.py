"""Bring every service's schema to its newest revision: `python -m shared.postgres.migrate [service …]`.

A revision is a numbered SQL file (`shared/postgres/revisions.py`); each schema's `alembic_version` says which
was the last one. It has its name from the tool that wrote it until 0.1.0, so that code of then can read it.
Environment: POSTGRES_DSN (may create roles), POSTGRES_ROLE_PASSWORD (optional).

A revision that begins with `-- outside a transaction` is run a statement at a time, each committed by
itself: what reads a whole table (CREATE INDEX CONCURRENTLY) does not hold its writers up. One that was cut
short runs again from its beginning.

`--roles-exist` makes no roles, so that the service's own `_migrate` login suffices. `--check` changes
nothing: any login of the service waits for `--wait-seconds` until its schema is as new as this code, else
it leaves with 1.
"""

import argparse
import asyncio
import itertools
import os
import sys
import time
from pathlib import Path

import asyncpg
import structlog

from shared.environment import require_variable
from shared.postgres import roles
from shared.postgres.pool import Connection
from shared.postgres.revisions import (
    head,
    is_outside_transaction,
    number,
    revisions,
    services_here,
    sql,
    statements,
)

# Any number does, as long as all migrators use the same: they queue up behind one another.
_LOCK = 7_205_103
_LOOK_AGAIN_SECONDS = 2.0
_LOCKED_LOOK_AGAIN_SECONDS = 0.1
_LOCK_TRIES = 30
_CONNECT_TIMEOUT_SECONDS = 5
_VERSION_TABLE = """
    CREATE TABLE IF NOT EXISTS alembic_version (
        version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
    )"""
log = structlog.get_logger()


async def make_roles(dsn: str, services: list[str], password: str | None) -> None:
    """Create the services' roles and schemas where they are missing."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        for service in services:
            for statement in roles.statements(service, password):
                await connection.execute(statement)
    finally:
        await connection.close()


async def migrate(dsn: str, service: str) -> None:
    """Run what is missing of one service's revisions, as its owner; together, as far as they let it."""
    connection = await asyncpg.connect(dsn)
    try:
        await _lock(connection)
        await connection.execute(f"SET ROLE {service}_owner; SET search_path = {service}")
        revision = await _upgrade(connection, service)
    finally:
        await connection.close()
    log.info("schema.migrated", service=service, revision=revision)


async def _lock(connection: Connection) -> None:
    # A statement that waited for the lock would be a transaction that an index built concurrently waits for.
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        await asyncio.sleep(_LOCKED_LOOK_AGAIN_SECONDS)


async def _upgrade(connection: Connection, service: str) -> str:
    """The revision that the schema is at afterwards: a newer one than this code knows is left as it is."""
    await connection.execute(_VERSION_TABLE)
    before: str = await connection.fetchval("SELECT version_num FROM alembic_version") or ""
    missing = [revision for revision in revisions(service) if number(revision) > before]
    for is_outside, together in itertools.groupby(missing, is_outside_transaction):
        run = _run_by_itself if is_outside else _run_together
        await run(connection, service, list(together))
    return number(missing[-1]) if missing else before


async def _run_together(connection: Connection, service: str, missing: list[Path]) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '5s'")
        for revision in missing:
            log.info("schema.migrating", service=service, revision=revision.stem)
            await connection.execute(sql(revision))
        await _note(connection, missing[-1])


async def _run_by_itself(connection: Connection, service: str, missing: list[Path]) -> None:
    for revision in missing:
        log.info("schema.migrating", service=service, revision=revision.stem)
        for statement in statements(revision):
            await _run_when_unlocked(connection, statement)
        async with connection.transaction():
            await _note(connection, revision)


async def _run_when_unlocked(connection: Connection, statement: str) -> None:
    """Run it, again for a while where its lock_timeout ends it: those who wait behind it go on between."""
    for _ in range(_LOCK_TRIES):
        try:
            await connection.execute(statement)
        except asyncpg.LockNotAvailableError:
            log.info("schema.locked", statement=statement.strip()[:100])
            await asyncio.sleep(_LOCKED_LOOK_AGAIN_SECONDS)
        else:
            return
    await connection.execute(statement)


async def _note(connection: Connection, revision: Path) -> None:
    await connection.execute("DELETE FROM alembic_version")
    await connection.execute("INSERT INTO alembic_version VALUES ($1)", number(revision))


async def wait(dsn: str, service: str, timeout_seconds: float) -> bool:
    """Whether the service's schema is as new as this code, or becomes so within the time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        revision = await _revision(dsn, service)
        if (revision or "") >= head(service):
            return True
        log.info("schema.awaited", service=service, revision=revision, expected=head(service))
        if time.monotonic() + _LOOK_AGAIN_SECONDS > deadline:
            return False
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def _revision(dsn: str, service: str) -> str | None:
    """The schema's revision; none where server, schema or the login's way into it is missing yet."""
    try:
        connection = await asyncpg.connect(dsn, timeout=_CONNECT_TIMEOUT_SECONDS)
    except (OSError, asyncpg.PostgresError) as error:
        log.warning("schema.not_reached", service=service, error=repr(error))
        return None
    try:
        revision: str | None = await connection.fetchval(f"SELECT version_num FROM {service}.alembic_version")
    except asyncpg.PostgresError:
        return None
    else:
        return revision
    finally:
        await connection.close()


async def main(services: list[str], *, has_roles: bool = False) -> None:
    """Make roles and schemas unless they are there, then run what is missing of each service's revisions."""
    dsn = require_variable("POSTGRES_DSN", "postgresql://postgres:password@host:5432/billing")
    if not has_roles:
        await make_roles(dsn, services, os.environ.get("POSTGRES_ROLE_PASSWORD"))
    for service in services:
        await migrate(dsn, service)


async def check(services: list[str], timeout_seconds: float) -> int:
    """0 once every schema is as new as this code, 1 when the time is over."""
    dsn = require_variable("POSTGRES_DSN", "postgresql://postgres:password@host:5432/billing")
    are_new = await asyncio.gather(*(wait(dsn, service, timeout_seconds) for service in services))
    return int(not all(are_new))


def run(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m shared.postgres.migrate")
    parser.add_argument("services", nargs="*", metavar="service")
    parser.add_argument("--roles-exist", action="store_true", help="make none; a _migrate login suffices")
    parser.add_argument("--check", action="store_true", help="change nothing: wait for the newest revision")
    parser.add_argument("--wait-seconds", type=float, default=0.0)
    given = parser.parse_args(arguments)
    services = given.services or services_here()
    if given.check:
        return asyncio.run(check(services, given.wait_seconds))
    asyncio.run(main(services, has_roles=given.roles_exist))
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
