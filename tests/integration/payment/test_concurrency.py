"""Many payments at the same moment."""

import asyncio

import httpx

from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.payment.conftest import Issue, counted, receivable_of, recorded

CLIENTS = 16


async def test_sixteen_payers_of_one_invoice_never_overpay_it(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoice = await issue(total_minor=10_000)
    body = {"invoice_id": str(invoice.id), "amount_minor": 1_000}

    replies = await asyncio.gather(*(client.post("/v1/payments", json=body) for _ in range(CLIENTS)))

    payments = [reply.json() for reply in replies]
    assert {reply.status_code for reply in replies} == {201}
    allocated = sum(part["amount_minor"] for payment in payments for part in payment["allocations"])
    surplus = sum(payment["unallocated_minor"] for payment in payments)
    assert (allocated, surplus) == (10_000, 6_000)
    shown = sorted(part["amount_due_minor"] for payment in payments for part in payment["allocations"])
    assert shown == list(range(0, 10_000, 1_000))
    stored = await receivable_of(service, invoice.id)
    assert (stored["paid_minor"], stored["status"], stored["version"]) == (10_000, "settled", 11)
    events = await recorded(service)
    balances = [sequence for kind, sequence in events if kind == "credit_balance.updated"]
    # Those that share a transaction raise the balance once.
    assert sorted(balances) == list(range(1, len(balances) + 1))
    [balance] = (await client.get("/v1/credit-balances")).json()["data"]
    assert balance["amount_minor"] == 6_000


async def test_payments_over_the_same_invoices_in_any_order_do_not_deadlock(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    contact_id = new_id()
    invoices = [await issue(contact_id=contact_id) for _ in range(4)]
    targets = [{"invoice_id": str(invoice.id), "amount_minor": 10} for invoice in invoices]
    orders = [targets, targets[::-1], targets[1:] + targets[:1], targets[2:] + targets[:2]]

    replies = await asyncio.gather(
        *(
            client.post("/v1/payments", json={"allocations": orders[i % 4], "amount_minor": 41})
            for i in range(40)
        )
    )

    assert {reply.status_code for reply in replies} == {201}
    assert {(await receivable_of(service, invoice.id))["paid_minor"] for invoice in invoices} == {400}
    [balance] = (await client.get("/v1/credit-balances")).json()["data"]
    assert balance["amount_minor"] == 40


async def test_of_sixteen_payments_with_one_reference_one_is_taken(
    client: httpx.AsyncClient, service: RunningService, issue: Issue
) -> None:
    invoices = [await issue() for _ in range(CLIENTS)]

    replies = await asyncio.gather(
        *(
            client.post(
                "/v1/payments",
                json={"invoice_id": str(invoice.id), "amount_minor": 1, "external_reference": "R-1"},
            )
            for invoice in invoices
        )
    )

    [first] = [reply.json() for reply in replies if reply.status_code == 201]
    refused = [reply.json() for reply in replies if reply.status_code == 409]
    assert {problem["payment_id"] for problem in refused} == {first["id"]}
    assert len(refused) == CLIENTS - 1
    assert await counted(service, "payment") == 1


async def test_of_sixteen_requests_with_one_key_one_has_an_effect(
    service: RunningService, who: Principal, issue: Issue
) -> None:
    invoice = await issue()
    body = {"invoice_id": str(invoice.id), "amount_minor": 100}

    async with service.client(who, **{"idempotency-key": "k-1"}) as client:
        replies = await asyncio.gather(*(client.post("/v1/payments", json=body) for _ in range(CLIENTS)))
        final = await client.post("/v1/payments", json=body)

    assert {reply.status_code for reply in replies} <= {201, 409}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} <= {
        "idempotency_key_in_flight"
    }
    assert len({reply.json()["id"] for reply in (*replies, final) if reply.status_code == 201}) == 1
    assert final.headers["idempotent-replayed"] == "true"
    assert (await receivable_of(service, invoice.id))["paid_minor"] == 100
