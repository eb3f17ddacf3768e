"""Migrations that run again, and rows that have outlived their use."""

from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.postgres import migrate
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
    for number, down, statement in (
        (newest, None, "SELECT 1"),
        ("9999", newest, "CREATE TABLE half (); SELECT 1 / 0"),
    ):
        (migrations / f"{number}.sql").write_text(statement)
        (migrations / f"{number}_x.py").write_text(
            "from pathlib import Path\nfrom shared.postgres.migrate import run_sql\n"
            f"revision, down_revision = {number!r}, {down!r}\n"
            f"def upgrade():\n    run_sql(Path({str(migrations / f'{number}.sql')!r}))\n"
        )
    monkeypatch.setattr(migrate, "SERVICES_DIRECTORY", tmp_path)

    with pytest.raises(Exception, match="division by zero"):
        await migrate.migrate(databases.admin_dsn, SERVICE)

    assert await admin.fetchval("SELECT to_regclass('half')") is None
    assert await admin.fetchval("SELECT version_num FROM alembic_version") == newest


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
