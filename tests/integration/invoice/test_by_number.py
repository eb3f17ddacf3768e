"""An invoice is read by its number as by its id; what changes it takes the id alone."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import an_invoice

READS = ("", "/events", "/deliveries", "/reminders", "/documents", "/credit-notes", "/pdf", "/ubl")


@pytest.fixture
def client(api: RunningService, a_principal: Any) -> httpx.AsyncClient:
    """Of a workspace of its own."""
    return api.client(a_principal())


async def test_every_read_of_an_invoice_takes_its_number(client: httpx.AsyncClient) -> None:
    await client.patch("/v1/business", json={"number_formats": {"invoices": "ÉÉN F&{year}#{seq:4}"}})
    invoice = await an_invoice(client, issue_date="2026-05-01", status="open")
    number = quote(invoice["number"], safe="")

    for below in READS:
        by_id = await client.get(f"/v1/invoices/{invoice['id']}{below}")
        by_number = await client.get(f"/v1/invoices/{number}{below}")
        assert by_number.status_code == by_id.status_code, (below, by_number.text)
        assert below in ("/pdf", "/ubl") or by_number.json() == by_id.json()
    found = (await client.get("/v1/invoices", params={"number": invoice["number"]})).json()["data"]
    part = (await client.get("/v1/invoices", params={"number": invoice["number"][:-1]})).json()["data"]
    assert ([one["id"] for one in found], part) == ([invoice["id"]], [])


async def test_a_number_of_nobody_or_of_others_is_not_found_and_changes_nothing(
    api: RunningService, client: httpx.AsyncClient, a_principal: Any
) -> None:
    invoice = await an_invoice(client, issue_date="2026-05-01", status="open")
    number = invoice["number"]
    async with api.client(a_principal()) as stranger, api.client(a_principal(scopes=frozenset())) as nobody:
        foreign = [await stranger.get(f"/v1/invoices/{number}{below}") for below in READS]
        forbidden = await nobody.get(f"/v1/invoices/{number}")
    unknown = [await client.get(f"/v1/invoices/{name}") for name in ("2026-9", "x", str(new_id()), "x" * 100)]
    strange = [await client.get(f"/v1/invoices/{name}") for name in ("x" * 101, "%01", "%EF%BF%BF")]
    changes = [
        await client.post(f"/v1/invoices/{number}/void"),
        await client.patch(f"/v1/invoices/{number}", json={"reference": "x"}),
        await client.delete(f"/v1/invoices/{number}"),
    ]

    assert [(reply.status_code, reply.json()["code"]) for reply in foreign + unknown] == [
        (404, "not_found")
    ] * (len(READS) + 4)
    assert forbidden.status_code == 403
    assert [reply.status_code for reply in strange + changes] == [422] * 6
    assert (await client.get(f"/v1/invoices/{number}")).json()["status"] == "open"
