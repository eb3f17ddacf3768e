"""Bring every service's schema to its newest revision: `python -m shared.postgres.migrate [service …]`.

Revisions are Alembic's, one version table in each schema; their bodies are plain SQL files, so that
several statements run at once on the raw connection and squawk can read them.
Environment: POSTGRES_DSN (may create roles), POSTGRES_ROLE_PASSWORD (optional).
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SqlalchemyConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from shared.postgres import roles
from shared.postgres.revisions import SERVICES_DIRECTORY, head, services_here

SHARED_TABLES = Path(__file__).parent / "tables"
# Any number does, as long as all migrators use the same: they queue up behind one another.
_LOCK = 7_205_103
log = structlog.get_logger()


def run_sql(*paths: Path) -> None:
    """Run SQL files, each in one round trip; called by revisions."""
    raw = op.get_bind().connection.dbapi_connection.driver_connection  # type: ignore[union-attr]
    for path in paths:
        await_only(raw.execute(path.read_text()))


def shared_tables(*names: str) -> list[Path]:
    """SQL of tables that several services have: `outbox_v1` and so on; a released file never changes."""
    return [SHARED_TABLES / f"{name}.sql" for name in names]


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
    """Run what is missing of one service's revisions, as its owner, in one transaction."""
    engine = create_async_engine(_sqlalchemy(dsn), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await connection.exec_driver_sql(f"SET LOCAL ROLE {service}_owner")
        await connection.exec_driver_sql(f"SET LOCAL search_path = {service}")
        await connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        await connection.run_sync(_upgrade, service)
    await engine.dispose()
    log.info("schema.migrated", service=service, revision=head(service))


def _upgrade(connection: SqlalchemyConnection, service: str) -> None:
    script = _script(service)

    def upgrade(revision: Any, _: Any) -> Any:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), script, fn=upgrade) as environment:
        environment.configure(connection=connection, version_table_schema=service, transactional_ddl=False)
        environment.run_migrations()


def _script(service: str) -> ScriptDirectory:
    directory = str(SERVICES_DIRECTORY / service / "migrations")
    return ScriptDirectory(directory, version_locations=[directory])


def _sqlalchemy(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+asyncpg://").replace(
        "postgres://", "postgresql+asyncpg://"
    )


async def main(services: list[str]) -> None:
    dsn = os.environ["POSTGRES_DSN"]
    await make_roles(dsn, services, os.environ.get("POSTGRES_ROLE_PASSWORD"))
    for service in services:
        await migrate(dsn, service)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or services_here()))
