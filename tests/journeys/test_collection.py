"""Invoices that are charged automatically, through the public API: kept card → issued → collected → paid."""

from collections.abc import Callable
from typing import Any

from shared.testing.eventually import eventually
from tests.journeys.conftest import a_contact, an_invoice, created, receiving, until_status


async def test_a_charged_invoice_is_paid_by_itself_and_a_declined_one_says_why(
    make_workspace: Callable[..., Any],
) -> None:
    client = await make_workspace(mode="sandbox")
    good, poor = await a_contact(client), await a_contact(client)
    setups = "/v1/payment-methods/setup-intents"
    kept = await created(client, setups, {"contact_id": good["id"], "test_card": "timeout_then_success"})
    await created(client, setups, {"contact_id": poor["id"], "test_card": "insufficient"})

    async with receiving(client) as receiver:
        charged = {"collection_method": "charge_automatically"}
        paid = await an_invoice(client, contact_id=good["id"], **charged)
        declined = await an_invoice(client, contact_id=poor["id"], **charged)
        [failure] = await eventually(lambda: receiver.of_type("payment.failed"), timeout_seconds=60)
        [unknown] = await eventually(
            lambda: [
                message
                for message in receiver.of_type("payment.updated")
                if message["data"]["state"] == "unknown"
            ],
            timeout_seconds=60,
        )

    assert kept["status"] == "succeeded"
    assert failure["data"]["invoice_id"] == declined["id"]
    assert failure["data"]["failure"] == {"code": "insufficient_funds", "advice": "retry", "message": None}
    assert unknown["data"]["invoice_id"] == paid["id"]


async def test_an_invoice_is_collected_by_hand_and_its_money_given_back(
    make_workspace: Callable[..., Any],
) -> None:
    client = await make_workspace(mode="sandbox")
    contact = await a_contact(client)
    setup = {"contact_id": contact["id"], "test_card": "success"}
    await created(client, "/v1/payment-methods/setup-intents", setup)
    invoice = await an_invoice(client, contact_id=contact["id"])

    async def begun() -> Any:
        reply = await client.post("/v1/payments/collect", json={"invoice_id": invoice["id"]})
        return reply.json() if reply.status_code == 201 else None

    payment = await eventually(begun, timeout_seconds=30)
    paid = await until_status(client, invoice["id"], "paid", seconds=60)
    refund = await created(client, f"/v1/payments/{payment['id']}/refunds", {"amount_minor": 900})

    async def refunded() -> Any:
        shown = (await client.get(f"/v1/payments/{payment['id']}")).json()
        return [one for one in shown["refunds"] if one["state"] == "succeeded"]

    assert paid["amount_paid_minor"] == 33900
    assert [one["id"] for one in await eventually(refunded, timeout_seconds=30)] == [refund["id"]]
