"""Migrations that run again, and rows that have outlived their use."""

import asyncio
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.postgres import migrate, revisions
from shared.postgres.revisions import head, services_here
from shared.postgres.transaction import Database
from shared.runtime import pruning
from tests.conftest import PASSWORD, Databases
from tests.integration.shared.conftest import SERVICE


async def test_a_schema_at_its_newest_revision_is_left_alone(databases: Databases, admin: Any) -> None:
    before = await admin.fetch("SELECT relname, relfilenode FROM pg_class ORDER BY oid")

    await migrate.make_roles(databases.admin_dsn, services_here(), PASSWORD)
    for service in services_here():
        await migrate.migrate(databases.admin_dsn, service)

    assert await admin.fetch("SELECT relname, relfilenode FROM pg_class ORDER BY oid") == before
    assert await admin.fetchval("SELECT version_num FROM alembic_version") == head(SERVICE)


async def test_a_revision_that_fails_leaves_nothing_behind(
    databases: Databases, admin: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    migrations = tmp_path / SERVICE / "migrations"
    migrations.mkdir(parents=True)
    newest = head(SERVICE)
    (migrations / f"{newest}_x.sql").write_text("SELECT 1")
    (migrations / "9998_x.sql").write_text("CREATE TABLE whole ();")
    (migrations / "9999_x.sql").write_text("CREATE TABLE half (); SELECT 1 / 0")
    monkeypatch.setattr(revisions, "SERVICES_DIRECTORY", tmp_path)

    with pytest.raises(Exception, match="division by zero"):
        await migrate.migrate(databases.admin_dsn, SERVICE)

    assert await admin.fetchval("SELECT to_regclass('half')") is None
    assert await admin.fetchval("SELECT to_regclass('whole')") is None
    assert await admin.fetchval("SELECT version_num FROM alembic_version") == newest


async def test_a_schema_that_a_later_release_migrated_is_left_alone(databases: Databases, admin: Any) -> None:
    await admin.execute("UPDATE alembic_version SET version_num = '9999'")

    await migrate.migrate(databases.admin_dsn, SERVICE)

    assert await admin.fetchval("SELECT version_num FROM alembic_version") == "9999"


async def test_two_that_migrate_at_once_run_each_revision_once(
    databases: Databases, admin: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    migrations = tmp_path / SERVICE / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "9999_x.sql").write_text(
        "-- Both kinds of line.\n-- include: row_security_v1\nCREATE TABLE once (); SELECT pg_sleep(0.2)"
    )
    monkeypatch.setattr(revisions, "SERVICES_DIRECTORY", tmp_path)

    await asyncio.gather(*(migrate.migrate(databases.admin_dsn, SERVICE) for _ in range(3)))

    assert await admin.fetchval("SELECT to_regclass('once')") is not None
    assert await admin.fetchval("SELECT version_num FROM alembic_version") == "9999"


_CONCURRENT = """-- outside a transaction
-- A semicolon; within a line ends nothing.
DROP INDEX CONCURRENTLY IF EXISTS outbox_x;
CREATE INDEX CONCURRENTLY outbox_x ON outbox (id)
    WHERE id IS NOT NULL;
"""


async def test_a_revision_outside_a_transaction_is_run_by_several_and_again_after_it_was_cut_short(
    databases: Databases, admin: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    migrations = tmp_path / SERVICE / "migrations"
    migrations.mkdir(parents=True)
    before = head(SERVICE)
    (migrations / "9997_x.sql").write_text("CREATE TABLE before ();")
    (migrations / "9998_x.sql").write_text(_CONCURRENT + "SELECT 1 / 0;\n")
    (migrations / "9999_x.sql").write_text("CREATE TABLE after ();")
    monkeypatch.setattr(revisions, "SERVICES_DIRECTORY", tmp_path)

    with pytest.raises(Exception, match="division by zero"):
        await migrate.migrate(databases.admin_dsn, SERVICE)
    stopped_at = await admin.fetchval("SELECT version_num FROM alembic_version")
    (migrations / "9998_x.sql").write_text(_CONCURRENT)
    await asyncio.gather(*(migrate.migrate(databases.admin_dsn, SERVICE) for _ in range(3)))

    assert (before < "9997", stopped_at) == (True, "9997")
    assert await admin.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = 'outbox_x'::regclass")
    assert await admin.fetchval("SELECT to_regclass('after')") is not None
    assert await admin.fetchval("SELECT version_num FROM alembic_version") == "9999"


def test_a_revision_that_includes_what_is_not_there_is_an_error(tmp_path: Any) -> None:
    revision = tmp_path / "0001_x.sql"
    revision.write_text("-- include: outbox_v1, no_such_table_v1\n")

    with pytest.raises(FileNotFoundError, match="no_such_table_v1"):
        revisions.sql(revision)


async def test_old_rows_are_removed_batch_by_batch_and_young_ones_stay(
    worker: Database, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "BATCH_SIZE", 10)
    add = "INSERT INTO inbox VALUES ('test', $1, now() - make_interval(days => $2))"
    for days, count in ((46, 25), (44, 3)):
        await admin.executemany(add, [(new_id(), days) for _ in range(count)])
    step = pruning.pruning(worker, {"inbox": ("received_at", 45)}, 60).step

    assert [await step() for _ in range(3)] == [True, True, False]

    assert await admin.fetchval("SELECT count(*) FROM inbox") == 3
