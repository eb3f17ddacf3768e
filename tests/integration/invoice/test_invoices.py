"""Invoices over HTTP, on real Postgres."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from shared.kernel.ids import new_id
from tests.conftest import Databases
from tests.integration.invoice import numbering
from tests.integration.invoice.conftest import a_contact, a_line, an_invoice


async def test_an_inclusive_invoice_keeps_its_gross_total(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client, issue_date="2026-04-11", due_date="2026-05-11")

    assert (invoice["total_minor"], invoice["tax_minor"], invoice["subtotal_minor"]) == (33900, 5883, 28017)
    assert invoice["number"] == "INV-2026-00001"
    assert (invoice["status"], invoice["payment_status"]) == ("open", "unpaid")
    assert sum(line["gross_minor"] for line in invoice["lines"]) == 33900
    assert sum(line["tax_minor"] for line in invoice["lines"]) == 5883
    assert invoice["lines"][2]["type"] == "text"


async def test_a_draft_has_no_number_until_it_is_issued(client: httpx.AsyncClient) -> None:
    draft = await an_invoice(client, status="draft")
    assert draft["number"] is None

    issued = (await client.post(f"/v1/invoices/{draft['id']}/issue")).json()

    assert issued["number"].startswith("INV-")
    assert issued["version"] == 2
    assert issued["due_date"] > issued["issue_date"]


async def test_an_issued_invoice_cannot_be_edited(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client)

    reply = await client.patch(f"/v1/invoices/{invoice['id']}", json={"lines": []})

    assert reply.status_code == 409
    assert reply.json()["code"] == "invoice_is_issued"
    assert reply.json()["errors"][0]["pointer"] == "/lines"


async def test_a_draft_is_edited_and_issued_in_one_request(client: httpx.AsyncClient) -> None:
    draft = await an_invoice(client, status="draft")

    reply = await client.patch(
        f"/v1/invoices/{draft['id']}",
        json={
            "lines": [a_line("Consulting", 2, 175, tax_rate=20, tax_behavior="exclusive")],
            "status": "open",
        },
    )

    assert reply.status_code == 200, reply.text
    assert reply.json()["total_minor"] == 42000
    assert reply.json()["status"] == "open"
    assert reply.json()["version"] == 2


async def test_a_void_invoice_keeps_its_number(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client)

    voided = (await client.post(f"/v1/invoices/{invoice['id']}/void")).json()

    assert (voided["status"], voided["number"]) == ("void", invoice["number"])
    assert (await client.post(f"/v1/invoices/{invoice['id']}/void")).status_code == 409


async def test_only_a_draft_can_be_deleted(client: httpx.AsyncClient) -> None:
    draft, issued = await an_invoice(client, status="draft"), await an_invoice(client)

    assert (await client.delete(f"/v1/invoices/{draft['id']}")).status_code == 204
    assert (await client.get(f"/v1/invoices/{draft['id']}")).status_code == 404
    assert (await client.delete(f"/v1/invoices/{issued['id']}")).status_code == 409


async def test_an_invoice_of_nothing_is_paid_at_once(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client, lines=[a_line("Free", 1, 0)])

    assert (invoice["status"], invoice["payment_status"]) == ("paid", "paid")


async def test_numbers_have_no_gap_when_many_issue_at_once_and_some_fail(
    client: httpx.AsyncClient, databases: Databases
) -> None:
    drafts = [
        await an_invoice(client, status="draft", lines=[] if n % 4 == 0 else [a_line("x", 1, 1)])
        for n in range(32)
    ]

    replies = await asyncio.gather(*(client.post(f"/v1/invoices/{draft['id']}/issue") for draft in drafts))

    numbers = sorted(reply.json()["number"] for reply in replies if reply.status_code == 200)
    assert len(numbers) == 24
    sequences = [int(number[-5:]) for number in numbers]
    assert sequences == list(range(1, 25))
    connection = await asyncpg.connect(databases.admin_dsn)
    assert await connection.fetchval("SELECT last_number FROM invoice.number_counter") == 24
    await connection.execute("SET search_path = invoice")
    workspace_id = await connection.fetchval("SELECT workspace_id FROM number_counter")
    assert await numbering.gaps(connection, workspace_id, "invoices") == 0
    await connection.execute("UPDATE number_counter SET last_number = last_number + 1")
    assert await numbering.gaps(connection, workspace_id, "invoices") == 1
    await connection.close()


async def test_a_replayed_request_makes_one_invoice(client: httpx.AsyncClient) -> None:
    body = {"contact_id": (await a_contact(client))["id"], "status": "open", "lines": [a_line("x", 1, 1)]}
    headers = {"idempotency-key": "order-1"}

    first = await client.post("/v1/invoices", json=body, headers=headers)
    again = await client.post("/v1/invoices", json=body, headers=headers)
    other = await client.post("/v1/invoices", json=body | {"notes": "x"}, headers=headers)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422
    assert len((await client.get("/v1/invoices")).json()["data"]) == 1


async def test_sixteen_equal_requests_at_once_make_one_invoice(client: httpx.AsyncClient) -> None:
    body = {"contact_id": (await a_contact(client))["id"], "lines": [a_line("x", 1, 1)]}

    replies = await asyncio.gather(
        *(client.post("/v1/invoices", json=body, headers={"idempotency-key": "k"}) for _ in range(16))
    )

    assert {reply.status_code for reply in replies} <= {201, 409}
    assert len({reply.json()["id"] for reply in replies if reply.status_code == 201}) == 1
    assert len((await client.get("/v1/invoices")).json()["data"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"lines": [{"description": "x"}]}, "/lines/0/unit_price"),
        ({"lines": [{"type": "text", "description": "x", "quantity": 1}]}, "/lines/0/quantity"),
        (
            {"lines": [{"description": "x", "unit_price": 1, "product_id": str(new_id())}]},
            "/lines/0/product_id",
        ),
        ({"lines": [{"description": "x", "unit_price": "1e15"}]}, "/lines/0/unit_price"),
        ({"lines": [{"description": "x", "unit_price": "1e12", "quantity": "1e12"}]}, "/lines/0"),
        ({"lines": [{"description": "x", "unit_price": 1, "discount": {}}]}, "/lines/0/discount"),
        ({"contact_id": str(new_id())}, "/contact_id"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "eur"}, "/currency"),
        ({"due_date": "2020-01-01", "issue_date": "2020-01-02"}, "/due_date"),
        ({"total_minor": 1}, "/total_minor"),
        ({"lines": []}, "/lines"),
        ({"notes": "a\x00b"}, "/notes"),
    ],
)
async def test_bad_input_names_the_field_and_stores_nothing(
    client: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    body = {"contact_id": (await a_contact(client))["id"], "status": "open", "lines": [a_line("x", 1, 1)]}

    reply = await client.post("/v1/invoices", json=body | change)

    assert reply.status_code == 422, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["errors"][0]["pointer"] == pointer, reply.text
    assert (await client.get("/v1/invoices")).json()["data"] == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
async def test_a_number_that_is_none_is_refused(client: httpx.AsyncClient, number: str) -> None:
    contact = await a_contact(client)
    content = f'{{"contact_id":"{contact["id"]}","lines":[{{"description":"x","unit_price":{number}}}]}}'

    reply = await client.post("/v1/invoices", content=content, headers={"content-type": "application/json"})

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/lines/0/unit_price"


async def test_another_workspace_sees_nothing(client: httpx.AsyncClient, api: Any, a_principal: Any) -> None:
    invoice = await an_invoice(client)

    stranger = api.client(a_principal())

    assert (await stranger.get(f"/v1/invoices/{invoice['id']}")).status_code == 404
    assert (await stranger.get("/v1/invoices")).json()["data"] == []
    assert (await stranger.post(f"/v1/invoices/{invoice['id']}/void")).status_code == 404
    reply = await stranger.post("/v1/invoices", json={"contact_id": invoice["contact_id"]})
    assert reply.status_code == 422


async def test_a_scope_that_is_missing_is_named(
    client: httpx.AsyncClient, api: Any, a_principal: Any
) -> None:
    reader = api.client(a_principal(scopes=frozenset({"invoices:read"})))

    assert (await reader.get("/v1/invoices")).status_code == 200
    reply = await reader.post("/v1/invoices", json={"contact_id": str(new_id())})
    assert reply.status_code == 403
    assert reply.json()["scope"] == "invoices:write"
    assert (await api.client().get("/v1/invoices")).status_code == 401


async def test_a_list_is_filtered_and_paged(client: httpx.AsyncClient) -> None:
    made = [await an_invoice(client, external_id=f"X{n}") for n in range(5)]
    await an_invoice(client, status="draft")

    pages, cursor = [], None
    while True:
        query = {"status": "open", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/invoices", params=query)).json()
        pages += page["data"]
        cursor = page["meta"]["next_cursor"]
        if cursor is None:
            break

    assert [invoice["id"] for invoice in pages] == [invoice["id"] for invoice in reversed(made)]
    found = (await client.get("/v1/invoices", params={"external_id": "X3"})).json()["data"]
    assert [invoice["id"] for invoice in found] == [made[3]["id"]]
    both = await client.get("/v1/invoices", params={"status": ["draft", "open"], "include": "total"})
    assert both.json()["meta"]["total"] == 6
    assert (await client.get("/v1/invoices?status=nonsense")).status_code == 422


async def test_a_change_from_an_old_version_is_refused(client: httpx.AsyncClient) -> None:
    draft = await client.get(f"/v1/invoices/{(await an_invoice(client, status='draft'))['id']}")
    headers = {"if-match": draft.headers["etag"]}

    first = await client.patch(f"/v1/invoices/{draft.json()['id']}", json={"notes": "a"}, headers=headers)
    second = await client.patch(f"/v1/invoices/{draft.json()['id']}", json={"notes": "b"}, headers=headers)

    assert (first.status_code, second.status_code) == (200, 412)
