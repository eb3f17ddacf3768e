"""The example of a CloudNativePG cluster, its statements run on a real Postgres."""

from typing import Any
from urllib.parse import urlsplit

from deploy.kubernetes import postgres
from shared.postgres.roles import SERVICES, logins
from tests.conftest import Databases


async def test_each_login_sees_its_own_schema_and_no_other(databases: Databases, admin: Any) -> None:
    for service in SERVICES:
        await admin.execute(f"DROP SCHEMA {service} CASCADE")
    database = urlsplit(databases.admin_dsn).path.strip("/")
    initdb = postgres.cluster()["spec"]["bootstrap"]["initdb"]

    for statement in initdb["postInitApplicationSQL"]:
        await admin.execute(statement.replace(f"DATABASE {postgres.DATABASE} ", f"DATABASE {database} "))

    rows = await admin.fetch(
        "SELECT r.rolname, n.nspname FROM pg_roles r, pg_namespace n WHERE n.nspname = ANY($1) "
        "AND r.rolname = ANY($2) AND has_schema_privilege(r.rolname, n.nspname, 'USAGE')",
        list(SERVICES),
        [role.name for service in SERVICES for role in logins(service)],
    )
    assert {tuple(row) for row in rows} == {
        (role.name, service) for service in SERVICES for role in logins(service)
    }
    # Nobody else comes in at all: not even to look at what the database is called.
    assert not await admin.fetchval(f"SELECT has_database_privilege('public', '{database}', 'CONNECT')")


def test_the_cluster_manages_every_login_and_no_other() -> None:
    managed = {role["name"]: role for role in postgres.cluster()["spec"]["managed"]["roles"]}
    secrets = {secret["stringData"]["username"]: secret["metadata"]["name"] for secret in postgres.secrets()}

    assert set(managed) == set(secrets) == {role.name for service in SERVICES for role in logins(service)}
    assert not any(role["superuser"] or role["bypassrls"] or role["createrole"] for role in managed.values())
    assert {name: role.get("inRoles", []) for name, role in managed.items()} == {
        name: [name.replace("_migrate", "_owner")] if name.endswith("_migrate") else [] for name in managed
    }
    assert all(role["passwordSecret"]["name"] == secrets[name] for name, role in managed.items())
