"""What integrators hear of one object: in the order in which it happened, and of any size."""

import asyncio
import json
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import Receiver, a_contact, an_invoice, created, receiving

INVOICES = 8
LINE = {"description": "Consulting hours, week 12, project Zuidas", "quantity": 1, "unit_price": "1"}


async def _lived(client: httpx.AsyncClient, contact_id: str) -> str:
    """An invoice that was created, changed, issued and paid, as fast as the API answers."""
    body = {"contact_id": contact_id, "lines": [LINE]}
    invoice = await created(client, "/v1/invoices", body)
    changed = await client.patch(f"/v1/invoices/{invoice['id']}", json={"notes": "changed"})
    assert changed.status_code == 200, changed.text
    issued = await client.post(f"/v1/invoices/{invoice['id']}/issue")
    assert issued.status_code == 200, issued.text
    paid = {"invoice_id": invoice["id"], "amount_minor": issued.json()["amount_due_minor"]}
    await created(client, "/v1/payments", paid)
    return str(invoice["id"])


def _out_of_order(told: list[tuple[str, int]]) -> list[str]:
    """The subjects whose numbers do not grow with every event."""
    last: dict[str, int] = {}
    faults = []
    for subject, sequence in told:
        if sequence <= last.get(subject, 0):
            faults.append(subject)
        last[subject] = sequence
    return faults


async def test_events_of_one_object_arrive_in_the_order_in_which_they_happened(
    client: httpx.AsyncClient,
) -> None:
    contact_id = (await a_contact(client))["id"]
    async with receiving(client) as receiver:
        (endpoint,) = (await client.get("/v1/webhook-endpoints")).json()["data"]
        await client.patch(f"/v1/webhook-endpoints/{endpoint['id']}", json={"ordering": "fifo"})

        lived = await asyncio.gather(*(_lived(client, contact_id) for _ in range(INVOICES)))
        await eventually(lambda: len(receiver.of_type("invoice.paid")) == INVOICES, 60)

    feed = (await client.get("/v1/events", params={"limit": 500})).json()["data"]
    heard = [(one["data"]["id"], one["sequence"]) for one in receiver.messages]
    assert _out_of_order(heard) == []
    assert _out_of_order([(one["subject"], one["sequence"]) for one in feed]) == []
    types = [one["type"] for one in receiver.messages if one["data"]["id"] == lived[0]]
    assert types[0] == "invoice.created"
    assert types[-1] == "invoice.paid"
    assert types.index("invoice.issued") < types.index("invoice.paid")


async def test_events_of_an_invoice_of_any_size_arrive(client: httpx.AsyncClient, receiver: Receiver) -> None:
    lines = [LINE] * 1_000
    large = await an_invoice(client, lines=lines)
    await created(
        client, "/v1/payments", {"invoice_id": large["id"], "amount_minor": large["amount_due_minor"]}
    )

    await eventually(lambda: receiver.of_type("invoice.paid"), 60)

    told = [one for one in receiver.verified() if one["data"]["id"] == large["id"]]
    assert {one["type"] for one in told} >= {
        "invoice.created",
        "invoice.issued",
        "invoice.updated",
        "invoice.paid",
    }
    for one in told:
        (left_out,) = one["data"]["truncated"]["fields"]
        assert (left_out["name"], left_out["total_count"]) == ("lines", 1_000)
        assert 0 < len(one["data"]["lines"]) == left_out["sent_count"] < 1_000
        assert len(json.dumps(one)) < 300_000
    whole: Any = (await client.get(told[0]["data"]["truncated"]["url"])).json()
    assert len(whole["lines"]) == 1_000
    feed = (await client.get("/v1/events", params={"limit": 500})).json()["data"]
    assert {one["type"] for one in feed if one["subject"] == large["id"]} == {one["type"] for one in told}
