"""Quotes over HTTP, on real Postgres."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.invoice.quotes.workers import expire_quotes
from shared.kernel.clock import Clock
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, a_line


async def a_quote(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A draft of 339.00, unless told otherwise."""
    body = {
        "contact_id": fields.pop("contact_id", None) or (await a_contact(client))["id"],
        "lines": [a_line("Licentie", 1, "89.00"), a_line("Installatie", 2, "125.00")],
        **fields,
    }
    reply = await client.post("/v1/quotes", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def test_an_accepted_quote_becomes_an_invoice_of_the_same_amounts(client: httpx.AsyncClient) -> None:
    parent = "019637a6-3f4c-7000-8000-2f4c6b7d8e9f"
    lines = [a_line("Licentie", 1, "89.00", id=parent), a_line("Uren", 2, "125.00", parent_line_id=parent)]
    quote = await a_quote(client, lines=lines, notes="Bedankt", discount={"percent": 10})

    sent = (await client.post(f"/v1/quotes/{quote['id']}/send")).json()
    accepted = (await client.post(f"/v1/quotes/{quote['id']}/accept", json={"invoice_status": "open"})).json()
    invoice = (await client.get(f"/v1/invoices/{accepted['invoice_id']}")).json()

    assert (sent["status"], sent["number"][:2]) == ("sent", "Q-")
    assert accepted["status"] == "accepted"
    assert (invoice["status"], invoice["quote_id"], invoice["notes"]) == ("open", quote["id"], "Bedankt")
    for name in ("subtotal_minor", "tax_minor", "total_minor"):
        assert invoice[name] == quote[name]
    assert invoice["total_minor"] == 30510
    assert invoice["lines"][1]["parent_line_id"] == invoice["lines"][0]["id"] != parent


async def test_a_quote_is_accepted_once_however_many_try(client: httpx.AsyncClient) -> None:
    quote = await a_quote(client)
    await client.post(f"/v1/quotes/{quote['id']}/send")

    replies = await asyncio.gather(*(client.post(f"/v1/quotes/{quote['id']}/accept") for _ in range(8)))

    assert sorted(reply.status_code for reply in replies) == [200, *[409] * 7]
    assert len((await client.get("/v1/invoices")).json()["data"]) == 1


async def test_a_sent_quote_does_not_change(client: httpx.AsyncClient) -> None:
    quote = await a_quote(client)
    edited = await client.patch(f"/v1/quotes/{quote['id']}", json={"lines": [a_line("x", 1, 10)]})
    await client.post(f"/v1/quotes/{quote['id']}/send")

    after = await client.patch(f"/v1/quotes/{quote['id']}", json={"notes": "x"})
    deleted = await client.delete(f"/v1/quotes/{quote['id']}")
    declined = await client.post(f"/v1/quotes/{quote['id']}/decline")

    assert edited.json()["total_minor"] == 1000
    assert (after.status_code, deleted.status_code) == (409, 409)
    assert after.json()["code"] == "quote_is_sent"
    assert declined.json()["status"] == "declined"


async def test_a_quote_expires_when_nobody_answers_in_time(
    client: httpx.AsyncClient, api: RunningService
) -> None:
    yesterday = (Clock().today() - timedelta(days=1)).isoformat()
    today = Clock().today().isoformat()
    late = await a_quote(client, valid_until=yesterday)
    in_time = await a_quote(client, valid_until=today)
    refused = await client.post(f"/v1/quotes/{late['id']}/send")
    await client.post(f"/v1/quotes/{in_time['id']}/send")

    async with api.parts.worker.transaction() as tx:
        await tx.execute("UPDATE quote SET valid_until = valid_until - 1")
    more = await expire_quotes(api.parts.worker, 1)
    none_left = await expire_quotes(api.parts.worker, 1)

    assert refused.json()["errors"][0]["pointer"] == "/valid_until"
    assert (more, none_left) == (True, False)
    shown = (await client.get("/v1/quotes", params={"status": "expired"})).json()["data"]
    assert [quote["id"] for quote in shown] == [in_time["id"]]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"contact_id": "019637a6-3f4c-7000-8000-2f4c6b7d8e9f"}, "/contact_id"),
        ({"number": "Q-1"}, "/number"),
        ({"currency": "XXX"}, "/currency"),
        ({"lines": [{"description": "x"}]}, "/lines/0/unit_price"),
    ],
)
async def test_bad_input_names_the_field(
    client: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    body = {"contact_id": (await a_contact(client))["id"], "lines": [a_line("x", 1, 1)]}

    reply = await client.post("/v1/quotes", json=body | change)

    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == pointer
