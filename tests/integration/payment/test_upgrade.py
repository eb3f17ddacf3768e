"""Money of before there was a ledger is in it after the upgrade."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.payment.ledger.operations import prove
from shared.kernel.ids import new_id
from shared.postgres import revisions
from shared.postgres.revisions import SHARED_TABLES
from tests.conftest import with_database

MIGRATIONS = Path("services/payment/migrations")
MONEY = """
INSERT INTO receivable (workspace_id, invoice_id, contact_id, number, currency, status, total_minor,
    paid_minor, credited_minor, issue_date, invoice_sequence, version)
VALUES ($1, $2, $2, 'A-1', 'EUR', 'open', 1000, 300, 0, '2026-04-11', 2, 2),
    ($1, $3, $2, 'A-2', 'EUR', 'closed', 700, 0, 0, '2026-04-11', 3, 2);
"""


@pytest.fixture
async def old(postgres_dsn: str) -> AsyncIterator[Any]:
    """An administrator in a database whose payment schema is that of revision 0001."""
    name = f"test_{new_id().hex}"
    admin = await asyncpg.connect(with_database(postgres_dsn, "postgres"))
    await admin.execute(f"CREATE DATABASE {name}")
    connection = await asyncpg.connect(with_database(postgres_dsn, name))
    await connection.execute("CREATE SCHEMA payment AUTHORIZATION payment_owner; SET search_path = payment")
    await connection.execute("CREATE TABLE alembic_version (version_num text)")
    await run_as_owner(connection, MIGRATIONS / "0001_start.sql")
    yield connection
    await connection.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_stored_replies_lose_the_payers_secrets(old: Any) -> None:
    reply = b'{"id":"1","client_secret":"seti_1_secret_2","status":"open"}'
    insert = "INSERT INTO idempotency_key VALUES ($1, $2, '', 201, '{}', $3, now())"
    await old.execute(insert, new_id(), "of a setup intent", reply)
    await old.execute(insert, new_id(), "of another", b'{"client_secret":null,"note":"secret"}')

    await run_as_owner(old, MIGRATIONS / "0011_stored_secrets.sql")

    bodies = [row["body"] for row in await old.fetch("SELECT body FROM idempotency_key ORDER BY key")]
    assert bodies == [
        b'{"id":"1","client_secret":null,"status":"open"}',
        b'{"client_secret":null,"note":"secret"}',
    ]


async def run_as_owner(connection: Any, *files: Path) -> None:
    await connection.execute("ALTER TABLE alembic_version OWNER TO payment_owner")
    await connection.execute("SET ROLE payment_owner")
    for file in (*files, SHARED_TABLES / "row_security_v1.sql"):
        is_outside = revisions.is_outside_transaction(file)
        for statement in revisions.statements(file) if is_outside else [revisions.sql(file)]:
            await connection.execute(statement)
    await connection.execute("RESET ROLE")


async def test_every_identity_holds_of_what_was_there_before(old: Any) -> None:
    workspace, one, two, payment = (new_id() for _ in range(4))
    await old.execute(
        MONEY.replace("$1", f"'{workspace}'").replace("$2", f"'{one}'").replace("$3", f"'{two}'")
    )
    await old.execute(
        """INSERT INTO payment (workspace_id, id, version, created_at, updated_at, contact_id, state,
            amount_minor, unallocated_minor, currency, method, paid_on)
        VALUES ($1, $2, 1, now(), now(), $3, 'succeeded', 450, 150, 'EUR', 'bank', '2026-04-12')""",
        workspace,
        payment,
        one,
    )
    await old.execute(
        "INSERT INTO allocation VALUES ($1, $2, 1, $2, $3, 300, 300, 700, 300, 2)", workspace, payment, one
    )
    await old.execute(
        "INSERT INTO credit_balance VALUES ($1, $2, 1, now(), now(), $3, 'EUR', 150)", workspace, payment, one
    )

    # The proof reads the tables of today.
    for revision in revisions.revisions("payment")[1:]:
        await run_as_owner(old, revision)

    findings = await prove(old)
    assert [(found.name, found.faults) for found in findings if found.fault_count] == []
    booked = await old.fetch("SELECT source_type, amount_minor FROM ledger_entry ORDER BY amount_minor")
    assert [tuple(row) for row in booked] == [("payment", 150), ("payment", 300), ("invoice", 1000)]
    forced = (
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'payment'::regnamespace AND relforcerowsecurity"
    )
    assert await old.fetchval(forced) >= 9
