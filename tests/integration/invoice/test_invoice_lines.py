"""Single lines of a draft over HTTP, and the audit log that tells of every change."""

import asyncpg
import httpx
import pytest

from tests.conftest import Databases
from tests.integration.invoice.conftest import a_line, an_invoice


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
