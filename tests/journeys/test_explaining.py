"""Why an invoice stands where it stands, asked of the whole platform."""

import asyncio
import os
import signal
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from shared.testing.eventually import eventually
from tests.journeys.conftest import (
    MakeWorkspace,
    Receiver,
    Stack,
    a_contact,
    an_invoice,
    created,
    until_status,
)

NOWHERE = "http://127.0.0.1:1025/hooks"


async def explained(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """The explanation of what has this name."""
    reply = await client.get(f"/v1/explain/{quote(name)}")
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def codes(explanation: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in explanation["findings"]}


async def until_found(client: httpx.AsyncClient, name: str, *wanted: str) -> dict[str, Any]:
    """The explanation, once it has these findings: events need a moment."""
    last: dict[str, Any] = {}

    async def has_them() -> bool:
        last.update(await explained(client, name))
        return codes(last) >= set(wanted)

    try:
        await eventually(has_them, 15)
    except TimeoutError:
        pytest.fail(f"{name}: {wanted} are not among {sorted(codes(last))}")
    return last


async def test_invoices_say_what_holds_them_up(
    client: httpx.AsyncClient, receiver: Receiver, make_workspace: MakeWorkspace
) -> None:
    await created(client, "/v1/webhook-endpoints", {"url": NOWHERE, "event_types": ["invoice.issued"]})
    contact = await a_contact(client)
    of_contact = {"contact_id": contact["id"]}
    draft = await an_invoice(client, status="draft", **of_contact)
    late = await an_invoice(client, "1210.00", issue_date="2026-05-01", **of_contact)
    await created(client, "/v1/payments", {"invoice_id": late["id"], "amount_minor": 50000})
    paid = await an_invoice(client, **of_contact)
    payment = await created(client, "/v1/payments", {"invoice_id": paid["id"], "amount_minor": 33900})
    back = await an_invoice(client, **of_contact)
    given = await created(client, "/v1/payments", {"invoice_id": back["id"], "amount_minor": 33900})
    credited = await an_invoice(client, **of_contact)
    note = await created(client, f"/v1/invoices/{credited['id']}/credit-notes", {})
    await until_status(client, paid["id"], "paid")
    await until_status(client, back["id"], "paid")
    await created(client, f"/v1/payments/{given['id']}/refunds", {"amount_minor": 10000})
    await created(client, "/v1/payments", {"contact_id": contact["id"], "amount_minor": 2500})

    of_draft = await explained(client, draft["id"])
    of_late = await until_found(
        client,
        late["number"],
        "open_partly_paid",
        "not_sent",
        "credit_exists_but_not_applied",
        "webhook_failing",
    )
    of_paid = await until_found(client, paid["number"], "paid")
    await until_found(client, back["number"], "reopened_by_refund")
    of_credited = await until_found(client, credited["number"], "marked_paid_by_credit_only")
    messages = (await client.get("/v1/messages", params={"subject": late["id"]})).json()["data"]
    [issued] = [one for one in messages if one["event_type"] == "invoice.issued"]
    of_message = await until_found(client, issued["webhook_id"], "webhook_failing", "webhook_delivered")
    by_other_names = [
        await explained(client, name) for name in (late["id"], payment["id"], note["number"], issued["id"])
    ]
    async with httpx.AsyncClient(base_url=client.base_url) as nobody:
        refused = await nobody.get(f"/v1/explain/{late['number']}")
    stranger = await make_workspace()
    foreign = [
        await stranger.get(f"/v1/explain/{name}")
        for name in (late["number"], late["id"], payment["id"], issued["webhook_id"], note["number"])
    ]
    unknown = [
        await client.get(f"/v1/explain/{name}") for name in ("2026-99999", "msg_1", "%E2%82%AC", "a%2Fb")
    ]

    assert (of_draft["state"], "draft_has_no_number" in codes(of_draft)) == ("draft", True)
    assert of_late["subject"] == {"type": "invoice", "id": late["id"], "number": late["number"]}
    assert of_late["unavailable"] == []
    partly = next(one for one in of_late["findings"] if one["code"] == "open_partly_paid")
    assert "500.00 EUR of 1,210.00 EUR was paid" in partly["text"]
    assert "710.00 EUR is due since 31 May 2026" in partly["text"]
    assert {"invoice.issued", "payment.created"} <= {entry["type"] for entry in of_late["timeline"]} or any(
        "paid" in entry["type"] or "payment" in entry["type"] for entry in of_late["timeline"]
    )
    assert (of_paid["state"], of_credited["state"], of_message["state"]) == ("paid", "paid", "mixed")
    assert "connection_refused" in next(
        one["text"] for one in of_message["findings"] if one["code"] == "webhook_failing"
    )
    assert [(one["subject"]["type"], one["state"]) for one in by_other_names] == [
        ("invoice", "open"),
        ("payment", "paid"),
        ("credit_note", "paid"),
        ("message", "mixed"),
    ]
    assert [reply.status_code for reply in foreign + unknown] == [404] * 9
    assert refused.status_code == 401


async def test_what_cannot_be_asked_is_said(client: httpx.AsyncClient, stack: Stack) -> None:
    invoice = await an_invoice(client)
    await until_found(client, invoice["number"], "open_unpaid")
    key = await created(client, "/v1/api-keys", {"name": "Reader", "scopes": ["invoices:read"]})
    async with httpx.AsyncClient(base_url=client.base_url, headers={"x-api-key": key["key"]}) as reader:
        narrow = await explained(reader, invoice["number"])

    os.kill(stack.pid("payment"), signal.SIGSTOP)
    try:
        started = asyncio.get_running_loop().time()
        stopped = await explained(client, invoice["number"])
        seconds = asyncio.get_running_loop().time() - started
    finally:
        os.kill(stack.pid("payment"), signal.SIGCONT)

    assert "open_unpaid" in codes(narrow)
    lacking = {(one["part"], one["reason"]) for one in narrow["unavailable"]}
    assert lacking >= {("payments", "forbidden"), ("webhooks", "forbidden"), ("contact", "forbidden")}
    assert "open_unpaid" in codes(stopped)
    assert {one["part"] for one in stopped["unavailable"]} == {
        "receivable",
        "payments",
        "credit_balances",
        "payment_methods",
        "bank_lines",
    }
    assert {(one["service"], one["reason"]) for one in stopped["unavailable"]} == {("payment", "timeout")}
    assert 2.5 < seconds < 8
