"""`q`: beginnings of words whatever case and accents, found by an index that row security lets serve."""

from typing import Any

import asyncpg
import httpx
import pytest

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.postgres import search
from shared.postgres.named import compile_statement
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


async def test_a_search_reads_the_words_of_its_own_workspace_for_the_login_that_has_row_security(
    api: RunningService, databases: Databases, a_principal: Any
) -> None:
    who: Principal = a_principal()
    async with api.parts.worker.transaction() as tx:
        await tx.execute(_FILL, [who.workspace_id, *(new_id() for _ in range(5))], 2_000)
    admin = await asyncpg.connect(databases.admin_dsn)
    await admin.execute("ANALYZE invoice.contact_word")
    await admin.close()
    async with api.client(who) as client:
        assert await names(client, q="CONTACT 1999") == ["Contact 1999"]
        ends_or_begins = ["1199", "199", *(f"199{digit}" for digit in range(10))]
        assert await names(client, q="199 cont") == [f"Contact {number}" for number in ends_or_begins]

    async with api.parts.api.transaction(who.workspace_id) as tx:
        statement = compile_statement(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {search.found_in('contact')}"
        )
        await tx.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        rows = await statement.fetch(tx, workspace_id=who.workspace_id, q="contact 1999")
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "contact_word_pk" in plan, plan
    assert "AND (word >= 'contact'::text)" in plan, plan
    assert "Rows Removed" not in plan, plan


FOUND = (
    "GX-2026-00042|gx 2026|2026-00042|0042|42|po-77/b|po 77|77b|muller|MÜLLER söhne|sohne 42|sohne po|/"
).split("|")


async def test_documents_are_found_by_the_beginnings_of_words_and_the_ends_of_digits(
    client: httpx.AsyncClient,
) -> None:
    contact = await a_contact(client, name="Müller & Söhne")
    line = {"description": "Work", "quantity": 1, "unit_price": 10}
    body = {"contact_id": contact["id"], "lines": [line], "reference": "PO-77/B", "number": "GX-2026-00042"}
    made = await client.post("/v1/invoices", json={**body, "status": "open"})
    assert made.status_code == 201, made.text

    for q in (*FOUND, "hne", "41", "muller 43", "@"):
        found = (await client.get("/v1/invoices", params={"q": q, "include": "total"})).json()
        assert [row["number"] for row in found["data"]] == (["GX-2026-00042"] if q in FOUND else []), q
        assert (found["meta"]["total"], found["meta"]["total_is_estimate"]) == (q in FOUND, False), q


async def test_documents_stay_found_by_the_name_they_show_and_by_what_is_changed(
    client: httpx.AsyncClient,
) -> None:
    contact = await a_contact(client, name="Oldname", tags=["VIP"])
    line = {"description": "Work", "quantity": 1, "unit_price": 10}
    body = {"contact_id": contact["id"], "lines": [line], "reference": "First"}
    issued = (await client.post("/v1/invoices", json={**body, "status": "open"})).json()
    draft = (await client.post("/v1/invoices", json=body)).json()

    await client.patch(f"/v1/contacts/{contact['id']}", json={"name": "Newname", "tags": ["other"]})
    await client.patch(f"/v1/invoices/{draft['id']}", json={"reference": "Second"})

    async def ids(**query: str) -> list[str]:
        return [row["id"] for row in (await client.get("/v1/invoices", params=query)).json()["data"]]

    assert issued["id"] in await ids(q="oldname")
    assert (await names(client, q="oldname"), await names(client, q="newname")) == ([], ["Newname"])
    assert (await names(client, tag="VIP"), await names(client, tag="other")) == ([], ["Newname"])
    assert (await ids(q="first"), await ids(q="second")) == ([issued["id"]], [draft["id"]])
    assert (await ids(reference="First"), await ids(reference="Fir")) == ([issued["id"]], [])
    await client.delete(f"/v1/invoices/{draft['id']}")
    assert await ids(q="second") == []
