"""Registering payments over HTTP, on real Postgres."""

import json
from typing import Any
from uuid import UUID

import httpx

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.conftest import Issue, a_known_contact, counted, paid, receivable_of, recorded


async def test_paying_an_invoice_settles_it_in_one_transaction(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue()

    payment = await paid(
        client,
        invoice_id=str(invoice.id),
        amount="339.00",
        method="bank_transfer",
        external_reference="BANK-2026-0001",
        paid_on="2026-04-12",
        note="Thank you",
    )

    [allocation] = payment["allocations"]
    assert (allocation["amount_minor"], allocation["amount_due_minor"]) == (33900, 0)
    assert allocation["invoice_payment_status"] == "paid"
    assert (payment["amount_minor"], payment["unallocated_minor"], payment["currency"]) == (33900, 0, "EUR")
    assert (payment["method"], payment["paid_on"], payment["note"]) == (
        "bank_transfer",
        "2026-04-12",
        "Thank you",
    )
    assert payment["contact_id"] == str(invoice.contact_id)
    stored = await receivable_of(service, invoice.id)
    assert (stored["status"], stored["paid_minor"], stored["version"]) == ("settled", 33900, 2)
    assert await recorded(service) == [("payment.created", 1)]


async def test_the_event_says_what_the_reply_says(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue()

    payment = await paid(client, invoice_id=str(invoice.id), amount_minor=40000)

    async with service.parts.worker.transaction() as tx:
        rows = await tx.fetch("SELECT payload, record_key FROM outbox ORDER BY position")
    events = [json.loads(row["payload"]) for row in rows]
    assert events[0]["data"] == payment
    assert rows[0]["record_key"] == UUID(payment["id"])
    assert [event["type"] for event in events] == ["payment.created", "credit_balance.updated"]
    assert events[1]["data"]["amount_minor"] == 6100


async def test_a_reply_can_be_read_again(client: httpx.AsyncClient, issue: Issue) -> None:
    invoice = await issue()

    reply = await client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount_minor": 100})

    assert reply.headers["etag"] == '"1"'
    again = await client.get(f"/v1/payments/{reply.json()['id']}")
    assert again.json() == reply.json()


async def test_a_json_number_in_major_units_keeps_every_digit(
    client: httpx.AsyncClient, issue: Issue
) -> None:
    invoice = await issue(total_minor=10**15)
    body = f'{{"invoice_id": "{invoice.id}", "amount": 9007199254740.93}}'

    reply = await client.post("/v1/payments", content=body, headers={"content-type": "application/json"})

    assert reply.json()["amount_minor"] == 900719925474093


async def test_surplus_becomes_the_contacts_credit_balance(client: httpx.AsyncClient, issue: Issue) -> None:
    contact_id = new_id()
    first, second = await issue(contact_id=contact_id), await issue(contact_id=contact_id)

    await paid(client, invoice_id=str(first.id), amount_minor=34000)
    late = await paid(client, invoice_id=str(first.id), amount_minor=5)
    await paid(client, invoice_id=str(second.id), amount_minor=33900)

    assert (late["allocations"], late["unallocated_minor"]) == ([], 5)
    balances = (await client.get("/v1/credit-balances", params={"contact_id": str(contact_id)})).json()[
        "data"
    ]
    assert [(balance["amount_minor"], balance["currency"], balance["version"]) for balance in balances] == [
        (105, "EUR", 2)
    ]


async def test_one_payment_settles_many_invoices(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    contact_id = new_id()
    invoices = [await issue(contact_id=contact_id) for _ in range(3)]

    payment = await paid(
        client,
        allocations=[
            {"invoice_id": str(invoice.id), "amount_minor": 30000} for invoice in reversed(invoices)
        ],
    )

    assert payment["amount_minor"] == 90000
    named = [allocation["invoice_id"] for allocation in payment["allocations"]]
    assert named == [str(invoice.id) for invoice in reversed(invoices)]
    serials = [allocation["serial"] for allocation in payment["allocations"]]
    assert serials == sorted(set(serials))
    assert (await client.get(f"/v1/payments/{payment['id']}")).json() == payment
    assert {(await receivable_of(service, invoice.id))["paid_minor"] for invoice in invoices} == {30000}


async def test_money_for_a_contact_goes_into_its_balance(
    client: httpx.AsyncClient, service: RunningService, who: Principal
) -> None:
    contact_id = await a_known_contact(service, who.workspace_id)

    payment = await paid(client, contact_id=str(contact_id), amount="12.50")

    assert (payment["allocations"], payment["unallocated_minor"]) == ([], 1250)
    assert await recorded(service) == [("payment.created", 1), ("credit_balance.updated", 1)]


async def test_a_reference_is_taken_once_per_method(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue()
    body: dict[str, Any] = {"invoice_id": str(invoice.id), "amount_minor": 100, "external_reference": "R-1"}
    first = await paid(client, **body)

    again = await client.post("/v1/payments", json=body)
    by_another_method = await client.post("/v1/payments", json=body | {"method": "cash"})

    assert again.status_code == 409
    assert again.json()["code"] == "duplicate_external_reference"
    assert again.json()["payment_id"] == first["id"]
    assert again.json()["errors"][0]["pointer"] == "/external_reference"
    assert by_another_method.status_code == 201
    assert (await receivable_of(service, invoice.id))["paid_minor"] == 200
    assert await counted(service, "payment") == 2


async def test_a_scope_is_needed(service: RunningService, a_principal: Any) -> None:
    reader = a_principal(scopes=frozenset({"payments:read"}))

    async with service.client(reader) as client:
        reply = await client.post("/v1/payments", json={"contact_id": str(new_id()), "amount_minor": 1})
        listed = await client.get("/v1/payments")
    async with service.client() as nobody:
        refused = await nobody.get("/v1/payments")

    assert (reply.status_code, reply.json()["scope"]) == (403, "payments:write")
    assert listed.status_code == 200
    assert refused.status_code == 401
