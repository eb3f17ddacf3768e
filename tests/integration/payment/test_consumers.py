"""Receivables follow the events of their invoices, in whatever order these come."""

import itertools
from datetime import date
from typing import Any

import httpx
import pytest

from services.payment import main
from shared.events.event import Event
from shared.events.invoice import InvoiceData, InvoiceIssued, InvoiceUpdated, InvoiceVoided
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.messaging.work import begin
from shared.testing.eventually import eventually
from shared.testing.service import RunningService
from tests.integration.payment.conftest import NOBODY, Issue, counted, hear, paid, receivable_of, recorded
from tests.unit.payment.builders import an_invoice


def changed(invoice: InvoiceData, sequence: int, **fields: Any) -> InvoiceData:
    return invoice.model_copy(update={"version": sequence, **fields})


async def test_the_newest_snapshot_sets_the_due_date_in_whatever_order(
    service: RunningService, who: Principal
) -> None:
    def history(invoice: InvoiceData) -> list[Event]:
        later = changed(invoice, 3, due_date=date(2026, 6, 1))
        latest = changed(invoice, 4, due_date=date(2026, 7, 1))
        return [
            InvoiceIssued.of(who.workspace_id, invoice),
            InvoiceUpdated.of(who.workspace_id, later),
            InvoiceUpdated.of(who.workspace_id, latest),
        ]

    for order in itertools.permutations(range(3)):
        for in_one_batch in (True, False):
            invoice = an_invoice()
            events = [history(invoice)[index] for index in order]
            for batch in [events] if in_one_batch else [[event] for event in events]:
                await hear(service, *batch)

            stored = await receivable_of(service, invoice.id)
            assert (stored["due_date"], stored["invoice_sequence"]) == (date(2026, 7, 1), 4), order
            assert (stored["version"], stored["status"]) == (1, "open")


async def test_a_draft_opens_nothing(service: RunningService, who: Principal) -> None:
    draft = an_invoice(status="draft", number=None, issue_date=None, version=1)

    await hear(service, InvoiceUpdated.of(who.workspace_id, draft))

    assert await counted(service, "receivable") == 0


async def test_a_new_due_date_leaves_the_money_alone(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    invoice = await issue()
    await paid(client, invoice_id=str(invoice.id), amount_minor=100)

    await hear(service, InvoiceUpdated.of(who.workspace_id, changed(invoice, 9, due_date=date(2027, 1, 1))))

    stored = await receivable_of(service, invoice.id)
    assert (stored["paid_minor"], stored["version"], stored["due_date"]) == (100, 2, date(2027, 1, 1))


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)])
async def test_a_void_invoice_stays_closed_in_whatever_order(
    client: httpx.AsyncClient, service: RunningService, who: Principal, order: tuple[int, ...]
) -> None:
    invoice = an_invoice()
    void = changed(invoice, 3, status="void")
    events: list[Event] = [
        InvoiceIssued.of(who.workspace_id, invoice),
        InvoiceVoided.of(who.workspace_id, void),
        InvoiceUpdated.of(who.workspace_id, void),
    ]

    for index in order:
        await hear(service, events[index])

    assert (await receivable_of(service, invoice.id))["status"] == "closed"
    reply = await client.post("/v1/payments", json={"invoice_id": str(invoice.id), "amount_minor": 1})
    assert (reply.status_code, reply.json()["code"]) == (409, "receivable_closed")
    assert reply.json()["errors"][0]["pointer"] == "/invoice_id"


async def test_money_on_a_void_invoice_moves_to_the_credit_balance(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    contact_id = new_id()
    void, kept = await issue(contact_id=contact_id), await issue(contact_id=contact_id)
    first = await paid(client, invoice_id=str(void.id), amount_minor=1000)
    second = await paid(
        client,
        allocations=[
            {"invoice_id": str(void.id), "amount_minor": 2000},
            {"invoice_id": str(kept.id), "amount_minor": 300},
        ],
        amount_minor=2350,
    )

    event = InvoiceVoided.of(who.workspace_id, changed(void, 3, status="void"))
    await hear(service, event)
    await hear(service, event)

    stored = await receivable_of(service, void.id)
    assert (stored["status"], stored["paid_minor"], stored["version"]) == ("closed", 0, 4)
    assert (await receivable_of(service, kept.id))["paid_minor"] == 300
    now_first = (await client.get(f"/v1/payments/{first['id']}")).json()
    now_second = (await client.get(f"/v1/payments/{second['id']}")).json()
    assert (now_first["version"], now_first["unallocated_minor"]) == (2, 1000)
    assert (now_second["version"], now_second["unallocated_minor"]) == (2, 2050)
    [freed] = now_first["allocations"]
    assert (freed["amount_minor"], freed["invoice_amount_paid_minor"]) == (0, 0)
    assert freed["receivable_version"] == 4
    [balance] = (await client.get("/v1/credit-balances")).json()["data"]
    assert (balance["amount_minor"], balance["version"]) == (3050, 2)
    assert await recorded(service) == [
        ("payment.created", 1),
        ("payment.created", 1),
        ("credit_balance.updated", 1),
        ("payment.updated", 2),
        ("payment.updated", 2),
        ("credit_balance.updated", 2),
    ]


async def test_many_void_invoices_in_one_batch_free_their_money_once(
    client: httpx.AsyncClient, service: RunningService, who: Principal, issue: Issue
) -> None:
    contact_id = new_id()
    invoices = [await issue(contact_id=contact_id) for _ in range(3)]
    targets = [{"invoice_id": str(invoice.id), "amount_minor": 10} for invoice in invoices]
    payment = await paid(client, allocations=targets)

    await hear(
        service,
        *(InvoiceVoided.of(who.workspace_id, changed(invoice, 3, status="void")) for invoice in invoices),
    )

    now = (await client.get(f"/v1/payments/{payment['id']}")).json()
    assert (now["version"], now["unallocated_minor"]) == (2, 30)
    [balance] = (await client.get("/v1/credit-balances")).json()["data"]
    assert (balance["amount_minor"], balance["version"]) == (30, 1)


@pytest.mark.usefixtures("kafka_servers")
async def test_the_walk_over_real_kafka(start_service: Any, who: Principal) -> None:
    service = await start_service(main.make, "payment", INVOICE_URL=NOBODY)
    invoice = an_invoice()

    # An event of ours that goes through our own relay, topic and consumer.
    async with begin(service.parts.worker) as unit:
        unit.record(InvoiceIssued.of(who.workspace_id, invoice))
    await eventually(lambda: receivable_of(service, invoice.id))
    async with service.client(who) as client:
        payment = await paid(client, invoice_id=str(invoice.id), amount_minor=33900)

    assert payment["allocations"][0]["invoice_payment_status"] == "paid"
    await eventually(lambda: _is_empty(service))


async def _is_empty(service: RunningService) -> bool:
    return await counted(service, "outbox") == 0
