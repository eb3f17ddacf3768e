"""Row-level security on every table with a workspace, and no role in another service's schema."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from shared.postgres.roles import SERVICES
from tests.conftest import Databases
from tests.integration.schema import rules


@pytest.fixture
async def admin(databases: Databases) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(databases.admin_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def planted(admin: Any) -> AsyncIterator[Any]:
    """The administrator within a transaction that is never committed: roles outlive a test's database."""
    transaction = admin.transaction()
    await transaction.start()
    yield admin
    await transaction.rollback()


async def test_every_service_has_its_schema_tables_and_roles(admin: Any) -> None:
    counts = await admin.fetch(
        "SELECT schemaname, count(*) FROM pg_tables WHERE schemaname = ANY($1) GROUP BY 1", list(SERVICES)
    )

    assert {row["schemaname"] for row in counts} == set(SERVICES)
    assert await rules.missing_roles(admin) == []


async def test_every_table_with_a_workspace_is_guarded(admin: Any) -> None:
    assert await rules.unguarded_tables(admin) == []


async def test_no_policy_is_wider_than_its_role(admin: Any) -> None:
    assert await rules.wide_policies(admin) == []


async def test_no_role_has_a_privilege_in_another_services_schema(admin: Any) -> None:
    assert await rules.foreign_privileges(admin) == []


async def test_no_role_is_above_the_rules(admin: Any) -> None:
    assert await rules.mighty_roles(admin) == []


async def test_rows_refer_only_to_rows_of_their_workspace(admin: Any) -> None:
    assert await rules.keys_without_workspace(admin) == []


PLANTED: dict[str, tuple[str, Any, str]] = {
    "a table without row-level security": (
        "CREATE TABLE invoice.planted (workspace_id uuid)",
        rules.unguarded_tables,
        "invoice.planted: row-level security is not forced",
    ),
    "row-level security that is not forced": (
        "ALTER TABLE invoice.invoice NO FORCE ROW LEVEL SECURITY",
        rules.unguarded_tables,
        "invoice.invoice: row-level security is not forced",
    ),
    "a policy that is gone": (
        "DROP POLICY own_workspace ON payment.payment",
        rules.unguarded_tables,
        "payment.payment: 0 policies for payment_api, not one",
    ),
    "a policy that shows everything": (
        "ALTER POLICY own_workspace ON payment.payment USING (true)",
        rules.wide_policies,
        "payment.payment for payment_api: true / None",
    ),
    "a policy that lets everything be written": (
        "ALTER POLICY own_workspace ON payment.payment WITH CHECK (true)",
        rules.wide_policies,
        "payment.payment for payment_api: (workspace_id",
    ),
    "a policy for another role": (
        "CREATE POLICY planted ON payment.payment TO invoice_api USING (true)",
        rules.wide_policies,
        "payment.payment for invoice_api: nobody else has a policy",
    ),
    "a policy for everybody": (
        "CREATE POLICY planted ON payment.payment USING (true)",
        rules.wide_policies,
        "payment.payment for -: nobody else has a policy",
    ),
    "a grant on another's table": (
        "GRANT SELECT ON payment.payment TO invoice_worker",
        rules.foreign_privileges,
        "invoice_worker may use payment.payment",
    ),
    "a grant on a column of another's table": (
        "GRANT SELECT (id) ON payment.payment TO invoice_worker",
        rules.foreign_privileges,
        "invoice_worker may use payment.payment",
    ),
    "a grant to everybody": (
        "GRANT DELETE ON payment.payment TO PUBLIC",
        rules.foreign_privileges,
        "invoice_api may use payment.payment",
    ),
    "a grant on another's schema": (
        "GRANT USAGE ON SCHEMA payment TO gateway_auth",
        rules.foreign_privileges,
        "gateway_auth may use the schema payment",
    ),
    "a role that passes row-level security": (
        "ALTER ROLE invoice_api BYPASSRLS",
        rules.mighty_roles,
        "invoice_api is above the rules",
    ),
    "a role within another": (
        "GRANT payment_worker TO invoice_worker",
        rules.mighty_roles,
        "invoice_worker may become payment_worker",
    ),
    "an api role that is its owner": (
        "GRANT invoice_owner TO invoice_api",
        rules.mighty_roles,
        "invoice_api may become invoice_owner",
    ),
    "a foreign key across workspaces": (
        "CREATE TABLE invoice.one (workspace_id uuid, id uuid PRIMARY KEY);"
        "CREATE TABLE invoice.other (workspace_id uuid, one_id uuid CONSTRAINT leak REFERENCES invoice.one)",
        rules.keys_without_workspace,
        "invoice.other: leak",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_fault_is_found(name: str, planted: Any) -> None:
    statement, rule, expected = PLANTED[name]

    await planted.execute(statement)

    found = await rule(planted)
    assert any(expected in fault for fault in found), found
