"""Any one process is killed while payments and messages come in: none is lost, none applied twice."""

import asyncio
import os
from typing import Any

import httpx
import pytest

from shared.testing.eventually import eventually
from tests.journeys.conftest import Receiver, Stack, a_contact, an_invoice, until_status

PROCESSES = (
    "gateway",
    "invoice",
    "payment",
    "subscription-renewal",
    "webhook-delivery",
    "postgres",
    "kafka",
)
# `make soak` multiplies the number of invoices.
FACTOR = int(os.environ.get("SOAK_FACTOR", "1"))
INVOICES, PAYMENTS_EACH, CLIENTS = 20 * FACTOR, 10, 8
KILL_AFTER = 60 * FACTOR
MESSAGES, PUBLISHERS = 400 * FACTOR, 24


@pytest.mark.parametrize("victim", PROCESSES)
async def test_no_payment_is_lost_or_doubled_when_a_process_is_killed(
    stack: Stack, client: httpx.AsyncClient, receiver: Receiver, victim: str
) -> None:
    contact = await a_contact(client)
    invoices = [await an_invoice(client, "10.00", contact_id=contact["id"]) for _ in range(INVOICES)]
    wanted = [(invoice["id"], f"{invoice['id']}-{n}") for n in range(PAYMENTS_EACH) for invoice in invoices]

    old_pid = await _pay_all(stack, client, wanted, victim)

    for invoice in invoices:
        paid = await until_status(client, invoice["id"], "paid", seconds=60)
        assert (paid["amount_paid_minor"], paid["amount_due_minor"]) == (1000, 0)
    registered = await _all_payments(client)
    assert sorted(payment["external_reference"] for payment in registered) == sorted(ref for _, ref in wanted)
    assert all(payment["amount_minor"] == 100 for payment in registered)
    announced = await eventually(lambda: _announced(receiver, len(wanted)), timeout_seconds=60)
    assert announced == {payment["id"] for payment in registered}
    await eventually(lambda: stack.pid(victim) != old_pid, timeout_seconds=30)


async def _pay_all(
    stack: Stack, client: httpx.AsyncClient, wanted: list[tuple[str, str]], victim: str
) -> int:
    """Register every payment, each again and again under its own key until it has an answer."""
    left, done, old_pid = list(reversed(wanted)), 0, 0

    async def pay() -> None:
        nonlocal done, old_pid
        while left:
            invoice_id, reference = left.pop()
            await _register(client, invoice_id, reference)
            done += 1
            if done == KILL_AFTER:
                old_pid = stack.kill(victim)

    await asyncio.gather(*(pay() for _ in range(CLIENTS)))
    return old_pid


async def _register(client: httpx.AsyncClient, invoice_id: str, reference: str) -> None:
    body = {"invoice_id": invoice_id, "amount": "1.00", "external_reference": reference}
    for _ in range(600):
        try:
            reply = await client.post("/v1/payments", json=body, headers={"idempotency-key": reference})
        except httpx.TransportError:
            await asyncio.sleep(0.1)
            continue
        if reply.status_code == 201:
            return
        in_flight = reply.json().get("code") == "idempotency_key_in_flight"
        assert reply.status_code >= 500 or in_flight, reply.text
        await asyncio.sleep(0.1)
    raise AssertionError(f"payment {reference} was never accepted")


async def _all_payments(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = {"limit": "500"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/payments", params=query)).json()
        found += page["data"]
        cursor = page["meta"]["next_cursor"]
        if cursor is None:
            return found


async def _announced(receiver: Receiver, count: int) -> set[str] | None:
    ids = {message["data"]["id"] for message in receiver.of_type("payment.created")}
    return ids if len(ids) >= count else None


@pytest.mark.parametrize("victim", ["webhook-delivery", "postgres"])
async def test_no_message_is_lost_or_doubled_when_a_process_is_killed_while_many_are_published(
    stack: Stack, client: httpx.AsyncClient, receiver: Receiver, victim: str
) -> None:
    left, published, old_pid = list(range(MESSAGES)), dict[str, str](), 0

    async def publish_all() -> None:
        nonlocal old_pid
        while left:
            event_id = str(left.pop())
            published[event_id] = await _published(client, event_id)
            if len(published) == MESSAGES // 4:
                old_pid = stack.kill(victim)

    await asyncio.gather(*(publish_all() for _ in range(PUBLISHERS)))

    # Whatever was answered arrives; what comes twice has the same id, and no event_id has two.
    def arrived() -> set[str]:
        return {message["id"] for message in receiver.of_type("parcel.packed")}

    await eventually(lambda: arrived() >= set(published.values()), timeout_seconds=60)
    assert arrived() == set(published.values())
    assert len(arrived()) == MESSAGES
    said = {message["id"]: message["data"]["number"] for message in receiver.of_type("parcel.packed")}
    assert {said[webhook_id]: webhook_id for webhook_id in said} == published
    await eventually(lambda: stack.pid(victim) != old_pid, timeout_seconds=30)


async def _published(client: httpx.AsyncClient, event_id: str) -> str:
    """Publish until it is answered; the message's webhook-id."""
    body = {"event_type": "parcel.packed", "event_id": event_id, "data": {"number": event_id}}
    for _ in range(600):
        try:
            reply = await client.post("/v1/messages", json=body)
        except httpx.TransportError:
            await asyncio.sleep(0.1)
            continue
        if reply.status_code in (200, 201):
            return str(reply.json()["webhook_id"])
        assert reply.status_code >= 500 or reply.status_code == 429, reply.text
        await asyncio.sleep(0.1)
    raise AssertionError(f"message {event_id} was never accepted")
