"""Row-level security: within a workspace's transaction there is no other workspace."""

from typing import Any

import asyncpg
import pytest

from shared.kernel.ids import new_id
from shared.postgres.transaction import Database, savepoint
from tests.conftest import Databases
from tests.integration.shared.conftest import OpenDatabase
from tests.integration.shared.test_transactions import write


async def test_the_api_role_sees_the_rows_of_its_workspace_alone(
    open_database: OpenDatabase, worker: Database, admin: Any
) -> None:
    api = await open_database("api")
    mine, theirs = new_id(), new_id()
    async with worker.transaction() as tx:
        await write(tx, "mine", mine)
        await write(tx, "theirs", theirs)

    async with api.transaction(mine) as tx:
        assert [row["text"] for row in await tx.fetch("SELECT text FROM effect")] == ["mine"]
        assert (
            await tx.execute("UPDATE effect SET text = 'taken' WHERE workspace_id = $1", theirs) == "UPDATE 0"
        )
        assert await tx.execute("DELETE FROM effect WHERE workspace_id = $1", theirs) == "DELETE 0"

    async with worker.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM effect") == 2


@pytest.mark.parametrize("statement", ["INSERT", "UPDATE"])
async def test_the_api_role_puts_no_row_into_another_workspace(
    statement: str, open_database: OpenDatabase
) -> None:
    api = await open_database("api")
    mine, theirs = new_id(), new_id()

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with api.transaction(mine) as tx:
            if statement == "INSERT":
                await write(tx, "planted", theirs)
            else:
                await write(tx, "moved", mine)
                await tx.execute("UPDATE effect SET workspace_id = $1", theirs)


async def test_without_a_workspace_the_api_role_sees_nothing(
    open_database: OpenDatabase, worker: Database
) -> None:
    api = await open_database("api", max_size=1)
    mine = new_id()
    async with worker.transaction() as tx:
        await write(tx, "mine", mine)

    async with api.transaction() as tx:
        assert await tx.fetch("SELECT FROM effect") == []
    async with api.transaction(mine) as tx:
        assert len(await tx.fetch("SELECT FROM effect")) == 1
    # The setting ends with its transaction, on the same connection.
    async with api.transaction() as tx:
        assert await tx.fetch("SELECT FROM effect") == []
    assert await api.pool.fetch("SELECT FROM effect") == []


async def test_a_workspace_that_is_no_id_is_no_sql(open_database: OpenDatabase) -> None:
    api = await open_database("api")

    with pytest.raises(ValueError, match="badly formed"):
        async with api.transaction("'; DROP TABLE effect; --"):
            pass


async def test_a_role_may_not_set_row_security_aside(
    databases: Databases, open_database: OpenDatabase
) -> None:
    api = await open_database("api")

    async with api.transaction(new_id()) as tx:
        await tx.execute("SET LOCAL row_security = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with savepoint(tx):
                await tx.fetch("SELECT FROM effect")
        for owner in ("subscription_renewal_owner", "subscription_renewal_worker", "postgres"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with savepoint(tx):
                    await tx.execute(f"SET ROLE {owner}")
