"""Migrating as Kubernetes does it: with the service's own login, while pods wait for the schema."""

import asyncio
from typing import Any

import asyncpg
import pytest

from shared.postgres import migrate, roles
from shared.postgres.revisions import head
from tests.conftest import PASSWORD, Databases, with_database
from tests.integration.shared.conftest import SERVICE


@pytest.fixture
async def emptied(databases: Databases, admin: Any) -> Databases:
    """A database that an administrator has prepared, and nobody has migrated."""
    await admin.execute(f"DROP SCHEMA {SERVICE} CASCADE")
    for statement in roles.statements(SERVICE, PASSWORD):
        await admin.execute(statement)
    return databases


def login(databases: Databases, name: str) -> str:
    return with_database(databases.admin_dsn, databases.admin_dsn.rpartition("/")[2], f"{SERVICE}_{name}")


async def test_the_migrate_login_migrates_and_a_waiting_pod_goes_on(
    emptied: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_LOOK_AGAIN_SECONDS", 0.05)
    monkeypatch.setenv("POSTGRES_DSN", login(emptied, "api"))
    assert await migrate.check([SERVICE], 0) == 1
    pod = asyncio.create_task(migrate.check([SERVICE], 60))

    monkeypatch.setenv("POSTGRES_DSN", login(emptied, "migrate"))
    await migrate.main([SERVICE], has_roles=True)

    assert await pod == 0


async def test_the_migrate_login_makes_no_roles(emptied: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_DSN", login(emptied, "migrate"))

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await migrate.main([SERVICE])


async def test_an_older_schema_and_a_server_that_is_away_are_waited_for(
    databases: Databases, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admin.execute("UPDATE alembic_version SET version_num = '0000'")

    assert not await migrate.wait(login(databases, "api"), SERVICE, 0)
    assert not await migrate.wait("postgresql://a:b@127.0.0.1:1/none", SERVICE, 0)

    await admin.execute("UPDATE alembic_version SET version_num = $1", head(SERVICE))
    assert await migrate.wait(login(databases, "api"), SERVICE, 0)
