"""Numbers never stop billing: formats that meet numbers already given, hand-set ones, and many at once."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.invoice import numbering
from tests.integration.invoice.billings import hear, renewed
from tests.integration.invoice.conftest import a_contact, a_line, an_invoice


@pytest.fixture
def who(a_principal: Any) -> Principal:
    """Who asks, in a new workspace."""
    return a_principal()


@pytest.fixture
def client(api: RunningService, who: Principal) -> httpx.AsyncClient:
    """Speaks for `who`."""
    return api.client(who)


async def _formats(client: httpx.AsyncClient, **formats: str) -> None:
    reply = await client.patch("/v1/business", json={"number_formats": formats})
    assert reply.status_code == 200, reply.text


async def _number(client: httpx.AsyncClient, **fields: Any) -> str:
    made = await an_invoice(client, **{"issue_date": "2026-05-01", **fields})
    return str(made["number"])


async def _gaps(service: RunningService, who: Principal) -> int:
    async with service.parts.worker.transaction() as tx:
        return await numbering.gaps(tx, who.workspace_id, "invoices")


async def test_a_format_that_meets_its_own_numbers_goes_on_after_them(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    first = [await _number(client) for _ in range(2)]

    await _formats(client, invoices="INV-2026-{seq:5}")
    preview = (await client.get("/v1/invoices/next-number", params={"date": "2026-06-01"})).json()
    literal = [await _number(client) for _ in range(2)]
    await _formats(client, invoices="INV-{year}-{seq:5}")
    again = await _number(client)
    contact_id = (await a_contact(client))["id"]
    await hear(api, renewed(who.workspace_id, contact_id))

    assert first == ["INV-2026-00001", "INV-2026-00002"]
    assert preview["number"] == literal[0]
    assert literal == ["INV-2026-00003", "INV-2026-00004"]
    assert again == "INV-2026-00005"
    billed = (await client.get("/v1/invoices", params={"limit": 1})).json()["data"][0]
    assert billed["number"] == "INV-2026-00006"
    assert await _gaps(api, who) == 0


async def test_numbers_of_ones_own_that_lie_ahead_are_passed_over(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    for number in ("2026-0003", "2026-0004"):
        await an_invoice(client, contact_id=contact_id, number=number)
    draft = await an_invoice(client, status="draft", number="K7")
    await _formats(client, invoices="{year}-{seq:4}")
    imported = await _number(client)
    await _formats(client, invoices="K{seq}")
    counted = [await _number(client) for _ in range(2)]
    issued = await client.post(f"/v1/invoices/{draft['id']}/issue")

    assert imported == "2026-0005"
    assert counted == ["K8", "K9"]
    assert issued.json()["number"] == "K7"
    assert await _gaps(api, who) == 0


async def test_a_number_that_stands_on_a_document_of_another_series_is_passed_over(
    client: httpx.AsyncClient,
) -> None:
    invoice = await an_invoice(client)
    await _formats(client, credit_notes="X{seq}")
    note = (await client.post(f"/v1/invoices/{invoice['id']}/credit-notes", json={})).json()
    await _formats(client, credit_notes="CN{seq}", invoices="X{seq}")

    own = await client.post(
        "/v1/invoices", json={"contact_id": invoice["contact_id"], "number": note["number"] + "A"}
    )
    after = await _number(client)

    assert (note["number"], after) == ("X1", "X2")
    assert own.status_code == 201
    await _formats(client, invoices="Y{seq}")
    batch = {"invoices": [{"contact_id": invoice["contact_id"], "number": "X1"}]}
    taken = await client.post("/v1/invoices", json=batch["invoices"][0])
    at_once = (await client.post("/v1/invoices/batch", json=batch)).json()["data"][0]
    assert (taken.status_code, taken.json()["code"]) == (409, "number_taken")
    assert (at_once["status"], at_once["error"]["code"]) == (409, "number_taken")


async def test_a_number_is_passed_over_where_a_format_came_to_meet_it_later(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    await _formats(client, invoices="Z{seq}")
    await _number(client)
    # What only a race or an older release can leave: a number ahead of the counter, in the format of today.
    await an_invoice(client, number="OLD")
    async with api.parts.worker.transaction() as tx:
        await tx.execute(
            "UPDATE invoice SET number = 'Z3' WHERE workspace_id = $1 AND number = 'OLD'", who.workspace_id
        )
    lines = [a_line("x", 1, 1)]
    contact_id = (await a_contact(client))["id"]
    one = {"contact_id": contact_id, "status": "open", "issue_date": "2026-01-01", "lines": lines}

    made = await client.post("/v1/invoices/batch", json={"invoices": [one] * 4})

    found = [result["invoice"]["number"] for result in made.json()["data"]]
    assert found == ["Z2", "Z4", "Z5", "Z6"]
    assert await _number(client) == "Z7"
    assert await _gaps(api, who) == 0


async def test_series_stay_gapless_and_apart_while_formats_change_under_them(
    api: RunningService, client: httpx.AsyncClient, who: Principal
) -> None:
    contact_id = (await a_contact(client))["id"]
    body = {"contact_id": contact_id, "status": "open", "issue_date": "2026-01-01"}
    body["lines"] = [a_line("x", 1, 1)]
    formats = ("INV-2026-{seq:5}", "INV-{year}-{seq:5}", "INV-202{seq:6}", "INV-{year}-{seq:5}")

    async def issue(times: int) -> list[str]:
        found = []
        for _ in range(times):
            reply = await client.post("/v1/invoices", json=body)
            while reply.status_code == 503:
                assert reply.json()["code"] == "number_taken_meanwhile"
                reply = await client.post("/v1/invoices", json=body)
            assert reply.status_code == 201, reply.text
            found.append(reply.json()["number"])
        return found

    async def change() -> None:
        for text in formats:
            await _formats(client, invoices=text)
            await asyncio.sleep(0.05)

    *issued, _ = await asyncio.gather(*(issue(8) for _ in range(5)), change())
    flat = [number for some in issued for number in some]

    assert len(set(flat)) == len(flat) == 40
    assert await _gaps(api, who) == 0
