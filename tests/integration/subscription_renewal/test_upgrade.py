"""What earlier code left: a cancellation that a pause hid, and changes that are not known piece by piece."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.kernel.ids import new_id
from shared.postgres import revisions
from shared.postgres.revisions import SHARED_TABLES
from tests.conftest import with_database

MIGRATIONS = Path("services/subscription_renewal/migrations")
BEFORE = ["0001_start", "0002_subscriptions", "0003_dunning", "0004_business"]
_INSERT = """INSERT INTO subscription (workspace_id, id, version, created_at, updated_at, contact_id,
    currency, status, lines, interval_unit, interval_count, timezone, start_at, anchor_at, period_index,
    current_period_start, current_period_end, next_billing_at, collection_method, cancel_at_period_end,
    pending_lines, catch_up, keeps_anchor, paused_at)
VALUES ($1, $2, 3, '2027-04-01', '2027-04-16', $1, 'EUR', $3, '[]', 'month', 1, 'UTC', '2027-04-01',
    '2027-04-01', 1, '2027-04-01', '2027-05-01', $4::text::timestamptz, 'send_invoice', $5, $6, 'all', true,
    $7::text::timestamptz)"""


@pytest.fixture
async def old(postgres_dsn: str) -> AsyncIterator[Any]:
    """An administrator in a database whose schema is that of revision 0004."""
    name = f"test_{new_id().hex}"
    admin = await asyncpg.connect(with_database(postgres_dsn, "postgres"))
    await admin.execute(f"CREATE DATABASE {name}")
    connection = await asyncpg.connect(with_database(postgres_dsn, name))
    await connection.execute(
        "CREATE SCHEMA subscription_renewal AUTHORIZATION subscription_renewal_owner; "
        "SET search_path = subscription_renewal; CREATE TABLE alembic_version (version_num text)"
    )
    for revision in BEFORE:
        await _run_as_owner(connection, MIGRATIONS / f"{revision}.sql")
    yield connection
    await connection.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def _run_as_owner(connection: Any, *files: Path) -> None:
    await connection.execute("ALTER TABLE alembic_version OWNER TO subscription_renewal_owner")
    await connection.execute("SET ROLE subscription_renewal_owner")
    for file in (*files, SHARED_TABLES / "row_security_v1.sql"):
        is_outside = revisions.is_outside_transaction(file)
        for statement in revisions.statements(file) if is_outside else [revisions.sql(file)]:
            await connection.execute(statement)
    await connection.execute("RESET ROLE")


async def test_a_cancellation_that_a_pause_hid_comes_and_unknown_pieces_are_not_cut(old: Any) -> None:
    workspace, hidden, plain, changed, waiting, resting = (new_id() for _ in range(6))
    due, credit = "2027-05-01", '[{"description": "credit"}]'
    for row in (
        (hidden, "paused", None, True, "[]", "2027-04-10"),
        (plain, "active", due, False, "[]", None),
        (changed, "active", due, True, "[]", None),
        (waiting, "past_due", due, False, credit, None),
        (resting, "paused", None, False, "[]", "2027-04-10"),
    ):
        await old.execute(_INSERT, workspace, *row)
    await old.execute(
        "INSERT INTO billing VALUES ($1, $2, 2, 'change', now(), now(), '2027-04-16', 'EUR', 5)",
        workspace,
        changed,
    )

    await _run_as_owner(old, MIGRATIONS / "0005_segments.sql")

    rows = {row["id"]: row for row in await old.fetch("SELECT * FROM subscription")}
    ends = rows[hidden]
    assert (ends["status"], ends["paused_at"], ends["next_billing_at"]) == (
        "active",
        None,
        ends["current_period_end"],
    )
    assert rows[resting]["status"] == "paused"
    assert {id_ for id_, row in rows.items() if row["changes_from_at"]} == {changed, waiting}
    assert rows[changed]["changes_from_at"] == rows[changed]["updated_at"]
