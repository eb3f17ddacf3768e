"""The main job through the public API: contact → invoice → payment → paid → announced."""

import json
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import Receiver, a_contact, an_invoice, created, until_status


async def test_an_invoice_is_created_paid_and_announced(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    invoice = await an_invoice(client)

    payment = await created(
        client, "/v1/payments", {"invoice_id": invoice["id"], "amount": "339.00", "method": "bank_transfer"}
    )
    paid = await until_status(client, invoice["id"], "paid")
    announced = await eventually(lambda: receiver.of_type("invoice.paid"))

    assert payment["allocations"][0]["invoice_payment_status"] == "paid"
    assert (paid["amount_paid_minor"], paid["amount_due_minor"]) == (33900, 0)
    assert announced[0]["data"]["id"] == invoice["id"]
    told = {
        "contact.created",
        "invoice.created",
        "invoice.issued",
        "invoice.updated",
        "payment.created",
        "invoice.paid",
    }
    # Of several types none waits for another.
    await eventually(lambda: told <= {body["type"] for body in receiver.verified()})


async def test_the_paydock_examples_work_as_written(client: httpx.AsyncClient, receiver: Receiver) -> None:
    base = "/paydock/api"
    contact = await created(
        client, f"{base}/contacts", {"name": "Acme BV", "email": "info@acme.nl", "external_id": "CRM-12345"}
    )
    product = await created(
        client,
        f"{base}/products",
        {"name": "Spont POS Licentie", "unit_price_incl": 89.00, "tax_percentage": 21},
    )

    invoice = await created(client, f"{base}/invoices", _example_invoice(contact["id"], product["id"]))
    payment = await created(client, f"{base}/payments", _example_payment(invoice["id"]))
    after = (await client.get(f"{base}/invoices/{invoice['id']}")).json()
    portal = (await client.get(f"{base}/client-portal/CRM-12345")).json()

    assert (invoice["status"], invoice["total"]) == ("verzonden", 339.00)
    assert (after["status"], after["amount_paid"]) == ("betaald", 339.00)
    assert payment["invoice_id"] == invoice["id"]
    assert portal["contact"]["name"] == "Acme BV"
    assert portal["summary"]["open_invoice_count"] == 0
    assert [one["id"] for one in portal["invoices"]] == [invoice["id"]]
    assert len(portal["recent_payments"]) == 1
    await eventually(lambda: receiver.of_type("payment.created"))


async def test_a_part_payment_and_a_surplus(client: httpx.AsyncClient) -> None:
    contact = await a_contact(client)
    invoice = await an_invoice(client, "100.00", contact_id=contact["id"])

    part = await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount": "40.00"})
    rest = await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount": "75.50"})
    await until_status(client, invoice["id"], "paid")

    assert part["allocations"][0]["invoice_payment_status"] == "partially_paid"
    assert part["allocations"][0]["amount_due_minor"] == 6000
    assert rest["unallocated_minor"] == 1550
    owed = await eventually(lambda: _credit_balances(client, contact["id"]))
    assert owed == [{"currency": "EUR", "amount_minor": 1550}]


async def test_an_invoice_can_be_paid_the_moment_it_exists(client: httpx.AsyncClient) -> None:
    contact = await a_contact(client)
    for _ in range(10):
        invoice = await an_invoice(client, "1.00", contact_id=contact["id"])
        await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount": "1.00"})


async def test_a_payment_can_wait_until_its_invoice_shows_it(client: httpx.AsyncClient) -> None:
    invoice = await an_invoice(client, "10.00")

    reply = await client.post(
        "/v1/payments", json={"invoice_id": invoice["id"], "amount": "10.00"}, headers={"prefer": "wait=5"}
    )

    assert reply.headers["preference-applied"] == "wait=5"
    assert (await client.get(f"/v1/invoices/{invoice['id']}")).json()["status"] == "paid"


async def _credit_balances(client: httpx.AsyncClient, contact_id: str) -> list[dict[str, Any]]:
    return (await client.get(f"/v1/contacts/{contact_id}")).json()["credit_balances"]


def _example_invoice(contact_id: str, product_id: str) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "status": "verzonden",
        "invoice_date": "2026-04-11",
        "due_date": "2026-05-11",
        "lines": [
            {
                "description": "Spont POS Licentie",
                "quantity": 1,
                "unit_price_incl": 89.00,
                "tax_percentage": 21,
                "product_id": product_id,
            },
            {"description": "Installatie", "quantity": 2, "unit_price_incl": 125.00, "tax_percentage": 21},
            {"description": "Notitie: Levering binnen 5 werkdagen", "is_text_line": True},
        ],
    }


def _example_payment(invoice_id: str) -> dict[str, Any]:
    return {
        "invoice_id": invoice_id,
        "amount": 339.00,
        "payment_date": "2026-04-11",
        "external_method": "bank_transfer",
        "external_reference": "TXN-12345",
        "note": "Betaling ontvangen via extern systeem",
    }


async def test_one_trace_runs_from_the_request_to_the_webhook(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    invoice = await an_invoice(client, "10.00")

    await client.post(
        "/v1/payments",
        json={"invoice_id": invoice["id"], "amount": "10.00"},
        headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01", "x-request-id": "order-77"},
    )

    def traced() -> set[str]:
        return {
            json.loads(body)["type"]
            for headers, body in receiver.raw
            if headers.get("traceparent", "")[3:35] == trace_id
        }

    await eventually(lambda: len(traced()) == 3)
    assert traced() == {"payment.created", "invoice.updated", "invoice.paid"}
