"""Single lines of a draft over HTTP, and the audit log that tells of every change."""

import asyncpg
import httpx
import pytest

from shared.kernel.ids import new_id
from tests.conftest import Databases
from tests.integration.invoice.conftest import a_contact, a_line, an_invoice


async def test_a_drafts_lines_are_added_changed_and_removed(client: httpx.AsyncClient) -> None:
    draft = await an_invoice(client, status="draft", lines=[a_line("a", 1, "10.00")])

    added = await client.post("/v1/invoice-lines", json={"invoice_id": draft["id"], **a_line("b", 2, "5.00")})
    path = f"/v1/invoice-lines/{added.json()['id']}"
    changed = await client.patch(path, json={"quantity": 3, "discount": {"percent": 10}})
    shown = await client.get(path)
    with_both = (await client.get(f"/v1/invoices/{draft['id']}")).json()
    removed = await client.delete(path)
    with_one = (await client.get(f"/v1/invoices/{draft['id']}")).json()

    assert added.status_code == 201, added.text
    assert changed.json()["gross_minor"] == 1350
    assert shown.json() == changed.json()
    assert (with_both["total_minor"], with_both["version"]) == (2350, 3)
    assert removed.status_code == 204
    assert (with_one["total_minor"], with_one["version"]) == (1000, 4)


async def test_lines_of_an_issued_invoice_stay(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client)
    path = f"/v1/invoice-lines/{invoice['lines'][0]['id']}"

    for reply in (
        await client.patch(path, json={"quantity": 2}),
        await client.delete(path),
        await client.post("/v1/invoice-lines", json={"invoice_id": invoice["id"], **a_line("x", 1, 1)}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (409, "invoice_is_issued")


async def test_lines_are_listed_by_invoice(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client)
    await an_invoice(client)

    found = (await client.get("/v1/invoice-lines", params={"invoice_id": invoice["id"]})).json()["data"]

    assert {line["id"] for line in found} == {line["id"] for line in invoice["lines"]}
    assert len((await client.get("/v1/invoice-lines")).json()["data"]) == 6


async def test_every_change_stands_in_the_audit_log_for_good(
    client: httpx.AsyncClient, databases: Databases
) -> None:
    invoice = await an_invoice(client)

    entries = (await client.get("/internal/audit-log", params={"limit": 1})).json()
    rest = await client.get("/internal/audit-log", params={"before": entries[0]["position"]})

    assert [entry["types"] for entry in entries] == [["invoice.created", "invoice.issued"]]
    assert entries[0]["resource_id"] == invoice["id"]
    assert "contact" in [entry["resource"] for entry in rest.json()]
    for dsn in (databases.api_dsn("invoice"), databases.worker_dsn("invoice")):
        connection = await asyncpg.connect(dsn)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM audit_entry")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE audit_entry SET actor = 'nobody'")
        await connection.close()


@pytest.mark.parametrize("kind", ["invoice", "quote"])
async def test_the_id_of_another_documents_line_is_refused_and_both_stay(
    client: httpx.AsyncClient, kind: str
) -> None:
    contact_id = (await a_contact(client))["id"]
    body = {"contact_id": contact_id, "lines": [a_line("a", 1, "10.00"), a_line("b", 1, "5.00")]}
    one, other = [(await client.post(f"/v1/{kind}s", json=body)).json() for _ in range(2)]
    taken = [a_line("new", 1, "1.00"), a_line("c", 1, "7.00", id=one["lines"][1]["id"])]

    made = await client.post(f"/v1/{kind}s", json={**body, "lines": taken})
    changed = await client.patch(f"/v1/{kind}s/{other['id']}", json={"lines": taken})

    for reply in (made, changed):
        assert (reply.status_code, reply.json()["code"]) == (422, "line_id_taken"), reply.text
        assert reply.json()["errors"][0]["pointer"] == "/lines/1/id"
    for stays in (one, other):
        assert (await client.get(f"/v1/{kind}s/{stays['id']}")).json()["lines"] == stays["lines"]


async def test_a_line_is_added_once_and_errors_name_its_own_fields(client: httpx.AsyncClient) -> None:
    draft, other = [await an_invoice(client, status="draft", lines=[a_line("a", 1, 1)]) for _ in range(2)]
    wrong = {
        "id": {"id": draft["lines"][0]["id"]},
        "product_id": {"product_id": str(new_id())},
        "parent_line_id": {"parent_line_id": other["lines"][0]["id"]},
        "invoice_id": {"invoice_id": str(new_id())},
    }

    for name, fields in wrong.items():
        body = {"invoice_id": draft["id"], **a_line("b", 1, 1), **fields}
        reply = await client.post("/v1/invoice-lines", json=body)
        assert reply.status_code in (404, 422), reply.text
        assert [one["pointer"] for one in reply.json()["errors"]] == [f"/{name}"]
    path = f"/v1/invoice-lines/{draft['lines'][0]['id']}"
    changed = await client.patch(path, json={"product_id": str(new_id())})
    assert changed.json()["errors"][0]["pointer"] == "/product_id"


async def test_a_batch_refuses_the_invoice_whose_line_has_a_known_id_alone(client: httpx.AsyncClient) -> None:
    draft = await an_invoice(client, status="draft", lines=[a_line("a", 1, 1)])
    contact_id, fresh = draft["contact_id"], str(new_id())
    known = [
        {"contact_id": contact_id, "lines": [a_line("b", 1, 1, id=id_)]}
        for id_ in (draft["lines"][0]["id"], fresh, fresh)
    ]

    reply = await client.post("/v1/invoices/batch", json={"invoices": known})

    first, second, third = reply.json()["data"]
    assert second["invoice"]["lines"][0]["id"] == fresh
    for refused in (first, third):
        assert (refused["error"]["status"], refused["error"]["code"]) == (422, "line_id_taken")
        assert refused["error"]["errors"][0]["pointer"] == "/lines/0/id"
