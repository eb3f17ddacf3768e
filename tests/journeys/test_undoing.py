"""What was booked by mistake is undone: payments voided and moved, write-offs taken back, in all services."""

from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import Receiver, a_contact, an_invoice, created, until_status


async def asked(client: httpx.AsyncClient, path: str, body: Any = None) -> dict[str, Any]:
    reply = await client.post(path, json=body)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def until_same(client: httpx.AsyncClient, invoice: dict[str, Any], status: str) -> dict[str, Any]:
    """The invoice, once both services give it the same status and amounts."""
    theirs = {"open": "open", "paid": "settled", "uncollectible": "written_off"}[status]
    amounts = ("amount_paid_minor", "amount_credited_minor", "amount_written_off_minor", "amount_due_minor")
    found = await until_status(client, invoice["id"], status)

    async def is_same() -> bool:
        nonlocal found
        found = (await client.get(f"/v1/invoices/{invoice['id']}")).json()
        receivable = (await client.get(f"/v1/receivables/{invoice['id']}")).json()
        return (found["status"], receivable["status"]) == (status, theirs) and all(
            found[name] == receivable[name] for name in amounts
        )

    await eventually(is_same)
    return found


async def test_an_invoice_written_off_paid_and_refunded_has_one_status_and_a_way_out(
    client: httpx.AsyncClient,
) -> None:
    invoice = await an_invoice(client, "100.00")
    path = f"/v1/invoices/{invoice['id']}/write-off"

    await asked(client, path, {"amount_minor": 50, "reason": "Bank costs"})
    part = await until_same(client, invoice, "open")
    await asked(client, path, {"reason": "Bankrupt"})
    await until_same(client, invoice, "uncollectible")
    payment = await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount_minor": 10000})
    await until_same(client, invoice, "paid")
    refund = {"amount_minor": 4000}
    await created(client, f"/v1/payments/{payment['id']}/refunds", refund)
    refunded = await until_same(client, invoice, "open")
    await asked(client, path)
    await until_same(client, invoice, "uncollectible")
    await asked(client, f"{path}/reverse")
    expected = await until_same(client, invoice, "open")

    assert (part["amount_written_off_minor"], part["write_off_reason"]) == (50, "Bank costs")
    assert (refunded["amount_due_minor"], refunded["amount_written_off_minor"]) == (4000, 0)
    assert (expected["amount_due_minor"], expected["written_off_at"]) == (4000, None)


async def test_a_payment_on_the_wrong_customer_is_moved_and_one_that_never_came_is_voided(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    wrong, right = await a_contact(client), await a_contact(client)
    theirs = await an_invoice(client, "10.00", contact_id=wrong["id"])
    ours = await an_invoice(client, "30.00", contact_id=right["id"])
    transfer = {"invoice_id": theirs["id"], "amount_minor": 3000, "external_reference": "ST-4"}
    payment = await created(client, "/v1/payments", transfer)
    await until_same(client, theirs, "paid")

    parts = [{"invoice_id": ours["id"], "amount_minor": 3000}]
    await asked(
        client, f"/v1/payments/{payment['id']}/move", {"contact_id": right["id"], "allocations": parts}
    )
    await until_same(client, theirs, "open")
    await until_same(client, ours, "paid")
    refused = await client.post("/v1/payments", json=transfer)
    await asked(client, f"/v1/payments/{payment['id']}/void", {"reason": "It was another bank's"})
    await until_same(client, ours, "open")
    again = await created(client, "/v1/payments", transfer)

    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_external_reference")
    assert again["id"] != payment["id"]
    announced = {"payment.moved", "payment.voided"}
    await eventually(lambda: announced <= {body["type"] for body in receiver.verified()})
    [told] = receiver.of_type("payment.voided")
    assert (told["data"]["void_reason"], told["data"]["moved_from_contact_id"]) == (
        "It was another bank's",
        wrong["id"],
    )
