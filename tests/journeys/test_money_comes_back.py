"""Disputes, refunds that come back, credit before a card, payments at once: money is booked once each way."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import (
    Receiver,
    a_contact,
    advanced,
    an_invoice,
    created,
    receiving,
    until_status,
)

Json = dict[str, Any]


async def got(client: httpx.AsyncClient, path: str, **params: Any) -> Json:
    reply = await client.get(path, params=params)
    assert reply.status_code == 200, reply.text
    found: Json = reply.json()
    return found


async def a_payer(client: httpx.AsyncClient, card: str) -> str:
    """A contact with a test card; its id."""
    contact_id: str = (await a_contact(client))["id"]
    await created(client, "/v1/payment-methods/setup-intents", {"contact_id": contact_id, "test_card": card})
    return contact_id


async def charged(client: httpx.AsyncClient, contact_id: str) -> tuple[Json, Json]:
    """An invoice of 100.00 that the contact's card pays, and its payment."""
    invoice = await an_invoice(
        client, "100.00", contact_id=contact_id, collection_method="charge_automatically"
    )

    async def has_succeeded() -> bool:
        found = (await got(client, "/v1/payments", invoice_id=invoice["id"]))["data"]
        return bool(found) and found[0]["state"] == "succeeded"

    await eventually(has_succeeded)
    [payment] = (await got(client, "/v1/payments", invoice_id=invoice["id"]))["data"]
    return invoice, payment


async def credit_of(client: httpx.AsyncClient, contact_id: str) -> int:
    found = (await got(client, "/v1/credit-balances", contact_id=contact_id))["data"]
    return sum(one["amount_minor"] for one in found)


def has_told(receiver: Receiver, *types: str) -> bool:
    return set(types) <= {message["type"] for message in receiver.messages}


async def test_a_won_dispute_pays_its_invoice_again(
    make_workspace: Callable[..., Any],
) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    async with receiving(sandbox) as receiver:
        invoice, payment = await charged(sandbox, await a_payer(sandbox, "disputed"))
        path = f"/v1/payments/{payment['id']}"

        async def is_disputed() -> bool:
            return bool((await got(sandbox, path))["disputes"])

        await eventually(is_disputed)
        await until_status(sandbox, invoice["id"], "open")
        again = await sandbox.post("/v1/payments/collect", json={"invoice_id": invoice["id"]})
        won = await sandbox.post(f"/v1/sandbox{path[3:]}/decide-dispute", json={"outcome": "won"})
        await until_status(sandbox, invoice["id"], "paid")
        nothing = await sandbox.post("/v1/payments/collect", json={"invoice_id": invoice["id"]})
        kept = await got(sandbox, path)
        await eventually(lambda: has_told(receiver, "payment.disputed", "payment.dispute_closed"))

    assert (again.status_code, again.json()["code"]) == (409, "dispute_undecided")
    assert (won.json()["status"], nothing.json()["code"]) == ("won", "nothing_due")
    assert (kept["amount_disputed_minor"], kept["disputes"][0]["status"]) == (0, "won")


async def test_a_refund_that_came_back_is_credit(make_workspace: Callable[..., Any]) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    async with receiving(sandbox) as receiver:
        payer = await a_payer(sandbox, "refund_fails")
        returned, other = await charged(sandbox, payer)
        await created(sandbox, f"/v1/payments/{other['id']}/refunds", {})

        async def has_come_back() -> bool:
            refunds = (await got(sandbox, f"/v1/payments/{other['id']}"))["refunds"]
            return bool(refunds[0]["state"] == "failed")

        await eventually(has_come_back)
        held = await got(sandbox, f"/v1/payments/{other['id']}")
        settled = await sandbox.post("/v1/payments/collect", json={"invoice_id": returned["id"]})
        await until_status(sandbox, returned["id"], "paid")

        # The bank's word may be heard before the refund's success, which then never was.
        await eventually(lambda: has_told(receiver, "payment.refund_failed"))

    assert (held["amount_refunded_minor"], held["unallocated_minor"]) == (0, 10_000)
    assert held["refunds"][0]["failure_reason"]
    # The credit that came back pays it: no second charge.
    assert (settled.status_code, settled.json()["id"]) == (200, other["id"])
    assert await credit_of(sandbox, payer) == 0


async def test_a_retry_charges_nothing_where_credit_came_meanwhile(
    make_workspace: Callable[..., Any],
) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    payer = await a_payer(sandbox, "insufficient")
    subscription = await created(
        sandbox,
        "/v1/subscriptions",
        {
            "contact_id": payer,
            "interval": "month",
            "collection_method": "charge_automatically",
            "lines": [{"description": "Seat", "quantity": 1, "unit_price": "30.00", "tax_rate": "0"}],
        },
    )

    async def is_(status: str) -> bool:
        return bool((await got(sandbox, f"/v1/subscriptions/{subscription['id']}"))["status"] == status)

    await eventually(lambda: is_("past_due"))
    await created(
        sandbox, "/v1/payments", {"contact_id": payer, "amount_minor": 3_000, "method": "bank_transfer"}
    )
    good = {"contact_id": payer, "test_card": "success"}
    method = await created(sandbox, "/v1/payment-methods/setup-intents", good)
    path = f"/v1/payment-methods/{method['payment_method_id']}"
    assert (await sandbox.patch(path, json={"is_default": True})).status_code == 200
    now = datetime.fromisoformat((await got(sandbox, "/v1/sandbox/clock"))["now"])
    await advanced(sandbox, now + timedelta(days=3))
    await eventually(lambda: is_("active"))

    payments = (await got(sandbox, "/v1/payments", contact_id=payer))["data"]
    assert sorted((one["method"], one["state"]) for one in payments) == [
        ("bank_transfer", "succeeded"),
        ("card", "failed"),
    ]
    assert await credit_of(sandbox, payer) == 0


async def test_payments_at_once_settle_the_oldest_invoices_and_leave_credit_only_when_all_are_paid(
    client: httpx.AsyncClient,
) -> None:
    payer = (await a_contact(client))["id"]
    invoices = [await an_invoice(client, "10.00", contact_id=payer) for _ in range(4)]
    for one in invoices:
        await eventually(lambda one=one: _is_heard(client, one["id"]))
    money = {"contact_id": payer, "amount_minor": 700, "allocate": "oldest_first"}

    await asyncio.gather(*(created(client, "/v1/payments", money) for _ in range(5)))
    due = [(await got(client, f"/v1/receivables/{one['id']}"))["amount_due_minor"] for one in invoices]
    without = await credit_of(client, payer)
    await asyncio.gather(*(created(client, "/v1/payments", money) for _ in range(2)))
    for one in invoices:
        await until_status(client, one["id"], "paid")

    assert (due, without) == ([0, 0, 0, 500], 0)
    assert await credit_of(client, payer) == 900


async def _is_heard(client: httpx.AsyncClient, invoice_id: str) -> bool:
    return (await client.get(f"/v1/receivables/{invoice_id}")).status_code == 200
