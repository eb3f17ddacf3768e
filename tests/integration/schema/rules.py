"""What must hold of the whole database: who may see what. Each function gives the faults it finds."""

from typing import Any

from shared.postgres import roles
from shared.postgres.roles import SERVICES

_UNGUARDED = """
SELECT n.nspname AS service, c.relname AS name, c.relispartition, c.relrowsecurity,
    c.relforcerowsecurity,
    ARRAY(SELECT r::regrole::text FROM pg_policy p, unnest(p.polroles) r WHERE p.polrelid = c.oid) AS roles
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND EXISTS (
    SELECT FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped)
ORDER BY 1, 2
"""
_POLICIES = """
SELECT n.nspname AS service, c.relname AS name, p.polroles[1]::regrole::text AS role,
    pg_get_expr(p.polqual, p.polrelid) AS seen, pg_get_expr(p.polwithcheck, p.polrelid) AS written
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) ORDER BY 1, 2, 3
"""
_FOREIGN = """
SELECT role, n.nspname AS schema, c.relname AS name
FROM unnest($1::text[]) AS role, pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(role, c.oid, 'USAGE, SELECT, UPDATE')
        ELSE has_table_privilege(role, c.oid,
            'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN')
        OR has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END
"""
_KEYS = """
SELECT n.nspname AS service, c.relname AS name, con.conname AS key
FROM pg_constraint con
JOIN pg_class c ON c.oid = con.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) AND con.contype = 'f' AND con.conparentid = 0
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = con.confrelid AND a.attname = 'workspace_id')
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = con.conrelid
        AND a.attname = 'workspace_id' AND a.attnum = ANY(con.conkey))
"""
_OWN_WORKSPACE = "(workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid)"


async def unguarded_tables(admin: Any) -> list[str]:
    """Tables with a workspace whose rows are not guarded by forced row-level security and two policies."""
    faults = []
    for row in await admin.fetch(_UNGUARDED, list(SERVICES)):
        table = f"{row['service']}.{row['name']}"
        if not row["relrowsecurity"] or not row["relforcerowsecurity"]:
            faults.append(f"{table}: row-level security is not forced")
        counts = {role: row["roles"].count(role) for role in _guarded_roles(row)}
        faults += [
            f"{table}: {count} policies for {role}, not one" for role, count in counts.items() if count != 1
        ]
    return faults


def _guarded_roles(table: Any) -> list[str]:
    # Without any policy nobody sees a row: right for a partition, which is used through its table alone.
    if table["relispartition"] and not table["roles"]:
        return []
    return [f"{table['service']}_api", f"{table['service']}_worker"]


async def wide_policies(admin: Any) -> list[str]:
    """Policies that let an api role see or write more than its own workspace, or that are for everybody."""
    faults = []
    for row in await admin.fetch(_POLICIES, list(SERVICES)):
        policy = f"{row['service']}.{row['name']} for {row['role']}"
        if row["role"] == f"{row['service']}_api":
            if row["seen"] != _OWN_WORKSPACE or row["written"] not in (None, _OWN_WORKSPACE):
                faults.append(f"{policy}: {row['seen']} / {row['written']}")
        elif row["role"] not in (f"{row['service']}_worker", *_resolvers(row["service"])):
            faults.append(f"{policy}: nobody else has a policy")
    return faults


def _resolvers(service: str) -> list[str]:
    # Finds out whose a key is, before any workspace is known.
    return ["gateway_auth"] if service == "gateway" else []


async def foreign_privileges(admin: Any) -> list[str]:
    """What a service's role may do in another service's schema."""
    faults = []
    for service in SERVICES:
        names = [f"{service}_owner", *(login.name for login in roles.logins(service))]
        others = [other for other in SERVICES if other != service]
        rows = await admin.fetch(_FOREIGN, names, others)
        faults += [f"{row['role']} may use {row['schema']}.{row['name']}" for row in rows]
        rows = await admin.fetch(
            "SELECT role, schema FROM unnest($1::text[]) role, unnest($2::text[]) schema "
            "WHERE has_schema_privilege(role, schema, 'USAGE, CREATE')",
            names,
            others,
        )
        faults += [f"{row['role']} may use the schema {row['schema']}" for row in rows]
    return faults


async def mighty_roles(admin: Any) -> list[str]:
    """Roles of services that are above the rules, or that may become another service's role."""
    names = [name for service in SERVICES for name in _all_roles(service)]
    rows = await admin.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND "
        "(rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)",
        names,
    )
    members = await admin.fetch(
        "SELECT member::regrole::text AS member, roleid::regrole::text AS role FROM pg_auth_members "
        "WHERE member::regrole::text = ANY($1)",
        names,
    )
    allowed = {(f"{service}_migrate", f"{service}_owner") for service in SERVICES}
    return [f"{row['rolname']} is above the rules" for row in rows] + [
        f"{row['member']} may become {row['role']}"
        for row in members
        if (row["member"], row["role"]) not in allowed
    ]


async def keys_without_workspace(admin: Any) -> list[str]:
    """Foreign keys between rows of workspaces that do not hold them to the same workspace."""
    rows = await admin.fetch(_KEYS, list(SERVICES))
    return [f"{row['service']}.{row['name']}: {row['key']}" for row in rows]


async def missing_roles(admin: Any) -> list[str]:
    """Roles that a service should have and has not: without them the other rules would hold of nothing."""
    names = [name for service in SERVICES for name in _all_roles(service)]
    found = {row["rolname"] for row in await admin.fetch("SELECT rolname FROM pg_roles")}
    return [name for name in names if name not in found]


def _all_roles(service: str) -> list[str]:
    return [f"{service}_owner", *(login.name for login in roles.logins(service))]
