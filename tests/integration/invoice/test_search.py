"""`q` on contacts: a literal, case-insensitive part of name, e-mail or phone, found without a full scan."""

from typing import Any

import asyncpg
import httpx
import pytest

from services.invoice.contacts import repository as contacts
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.postgres.listing import Window
from shared.testing.eventually import eventually
from shared.testing.service import RunningService
from tests.conftest import Databases
from tests.integration.invoice.conftest import a_contact

# As they come in life: contacts of all workspaces mixed, each with more than a name.
_FILL = """
INSERT INTO contact (workspace_id, id, version, created_at, updated_at, name, email, metadata)
SELECT workspace_id, uuidv7(), 1, now(), now(), 'Contact ' || n, 'c' || n || '@acme.example',
    jsonb_build_object('note', (SELECT string_agg(md5(i::text || n), '') FROM generate_series(1, 15) AS i))
FROM generate_series(1, $2::int) AS n, unnest($1::uuid[]) AS workspace_id
"""


async def vacuumed(databases: Databases) -> None:
    """What autovacuum does after a while: only then does an index alone tell which rows are there."""
    admin = await asyncpg.connect(databases.admin_dsn)

    async def is_all_visible() -> bool:
        # A commit that the test server has not flushed yet counts as unseen: so again.
        await admin.execute("VACUUM (ANALYZE) invoice.contact")
        return await admin.fetchval(
            "SELECT relallvisible = relpages FROM pg_class WHERE oid = 'invoice.contact'::regclass"
        )

    await eventually(is_all_visible)
    await admin.close()


async def names(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    """The names that a list shows, sorted."""
    reply = await client.get("/v1/contacts", params=filters)
    assert reply.status_code == 200, reply.text
    return sorted(contact["name"] for contact in reply.json()["data"])


@pytest.mark.parametrize(
    "q, found",
    [
        ("ACME", ["Acme BV"]),
        ("mÜller", ["Müller & Söhne"]),
        ("MÜLLER & SÖHNE", ["Müller & Söhne"]),
        ("strasse", ["Straße 100%"]),
        ("0%", ["Straße 100%"]),
        ("%", ["Straße 100%"]),
        ("_", ["under_score"]),
        ("\\", ["back\\slash"]),
        ("ΣΊΣΥΦΟΣ", ["Σίσυφος"]),
        ("INFO@", ["Acme BV"]),
        ("612345678", ["Müller & Söhne"]),
        ("nobody", []),
        ("cmeb", []),
    ],
)
async def test_q_is_a_literal_part_in_any_case(client: httpx.AsyncClient, q: str, found: list[str]) -> None:
    await a_contact(client, name="Acme BV", email="info@acme.example")
    await a_contact(client, name="Müller & Söhne", phone="+31612345678")
    for name in ("Straße 100%", "under_score", "back\\slash", "Σίσυφος"):
        await a_contact(client, name=name)

    assert await names(client, q=q) == found
    total = (await client.get("/v1/contacts", params={"q": q, "include": "total"})).json()["meta"]["total"]
    assert total == len(found)


async def test_q_goes_with_the_other_filters_and_follows_changes(client: httpx.AsyncClient) -> None:
    old = await a_contact(client, name="Acme old", tags=["a"])
    await a_contact(client, name="Acme new", tags=["b"])

    await client.patch(f"/v1/contacts/{old['id']}", json={"name": "Renamed"})

    assert await names(client, q="acme") == ["Acme new"]
    assert await names(client, q="RENAMED", tag="a") == ["Renamed"]
    assert await names(client, q="renamed", tag="b") == []


async def test_a_search_reads_the_index_of_its_own_workspace_and_no_row_that_it_does_not_show(
    api: RunningService, databases: Databases, a_principal: Any
) -> None:
    who: Principal = a_principal()
    async with api.parts.worker.transaction() as tx:
        await tx.execute(_FILL, [who.workspace_id, *(new_id() for _ in range(5))], 2_000)
    await vacuumed(databases)
    async with api.client(who) as client:
        assert await names(client, q="CONTACT 1999") == ["Contact 1999"]

    async with api.parts.api.transaction(who.workspace_id) as tx:
        wanted = contacts.ContactFilter(q="contact 1999")
        statement, values = contacts.search(who.workspace_id, wanted, Window(limit=101))
        explained = f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement.sql}"
        rows = await tx.fetch(explained, *statement.values(**values))
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Index Only Scan using contact_search" in plan, plan
    assert "Seq Scan on contact" not in plan
    assert "Rows Removed by Filter: 1999" in plan, plan
