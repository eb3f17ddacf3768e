"""Payments heard over real Kafka: invoices follow their receivables."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.invoice import main
from shared.events.event import Event, decode
from shared.events.payment import AllocationData, PaymentCreated, PaymentData
from shared.http.internal_auth import Principal
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.testing.eventually import eventually
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import an_invoice


@pytest.fixture
async def service(start_service: Callable[..., Any]) -> RunningService:
    """The whole invoice service, with its consumer and its relay."""
    return await start_service(main.make, "invoice")


@pytest.fixture
def principal(a_principal: Callable[..., Principal]) -> Principal:
    return a_principal()


@pytest.fixture
async def client(service: RunningService, principal: Principal) -> httpx.AsyncClient:
    return service.client(principal)


def a_payment(principal: Principal, invoice: dict[str, Any], paid_minor: int, version: int) -> PaymentCreated:
    """A payment after which the invoice's receivable has this much paid, at this version."""
    now = Clock().now()
    allocation = AllocationData(
        id=new_id(),
        serial=version,
        invoice_id=UUID(invoice["id"]),
        amount_minor=1,
        amount_due_minor=invoice["total_minor"] - paid_minor,
        invoice_amount_paid_minor=paid_minor,
        invoice_payment_status="partially_paid",
        receivable_version=version,
    )
    data = PaymentData(
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        contact_id=UUID(invoice["contact_id"]),
        state="succeeded",
        amount_minor=1,
        currency="EUR",
        method="bank_transfer",
        paid_on=date(2026, 4, 11),
        allocations=[allocation],
        unallocated_minor=0,
    )
    return PaymentCreated.of(principal.workspace_id, data)


async def publish(kafka_servers: str, *events: Event) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_servers)
    await producer.start()
    for event in events:
        await producer.send_and_wait(event.type, event.encode(), key=str(event.record_key).encode())
    await producer.stop()


async def shown(client: httpx.AsyncClient, invoice: dict[str, Any]) -> dict[str, Any]:
    return (await client.get(f"/v1/invoices/{invoice['id']}")).json()


async def test_an_invoice_becomes_paid_when_its_payment_is_heard(
    client: httpx.AsyncClient, principal: Principal, kafka_servers: str
) -> None:
    invoice = await an_invoice(client)

    await publish(kafka_servers, a_payment(principal, invoice, 10000, 2))
    partly = await eventually(lambda: _when(client, invoice, "partially_paid"))
    await publish(kafka_servers, a_payment(principal, invoice, 33900, 3))
    paid = await eventually(lambda: _when(client, invoice, "paid"))

    assert (partly["status"], partly["amount_due_minor"]) == ("open", 23900)
    assert (paid["status"], paid["amount_due_minor"], paid["version"]) == ("paid", 0, 3)


async def test_repeated_and_overtaken_payments_change_nothing(
    client: httpx.AsyncClient, principal: Principal, kafka_servers: str
) -> None:
    invoice, marker = await an_invoice(client), await an_invoice(client)
    newest, older = a_payment(principal, invoice, 33900, 5), a_payment(principal, invoice, 100, 4)

    await publish(kafka_servers, newest, newest, older, newest, a_payment(principal, marker, 33900, 2))
    await eventually(lambda: _when(client, marker, "paid"))
    await eventually(lambda: _when(client, invoice, "paid"))

    assert (await shown(client, invoice))["version"] == 2


async def test_a_waiting_reader_is_told_when_the_payment_shows(
    client: httpx.AsyncClient, principal: Principal, kafka_servers: str
) -> None:
    invoice = await an_invoice(client)
    path = f"/internal/invoices/{invoice['id']}/settlement"

    before = await client.get(path, params={"receivable_version": 2})
    await publish(kafka_servers, a_payment(principal, invoice, 33900, 2))
    after = await client.get(path, params={"receivable_version": 2, "wait_seconds": 5})

    assert before.json() == {"is_applied": False}
    assert after.json() == {"is_applied": True}


async def test_events_of_an_invoice_reach_their_topics_in_order(
    client: httpx.AsyncClient, principal: Principal, kafka_servers: str
) -> None:
    invoice = await an_invoice(client, status="draft")
    await client.post(f"/v1/invoices/{invoice['id']}/issue")

    events = await _of_invoice(kafka_servers, invoice["id"], count=3)

    assert {(event.type, event.sequence) for event in events} == {
        ("invoice.created", 1),
        ("invoice.updated", 2),
        ("invoice.issued", 2),
    }
    assert all(event.workspace_id == principal.workspace_id for event in events)
    assert all(event.traceparent for event in events)


async def _when(client: httpx.AsyncClient, invoice: dict[str, Any], status: str) -> dict[str, Any] | None:
    now = await shown(client, invoice)
    return now if now["payment_status"] == status else None


async def _of_invoice(kafka_servers: str, invoice_id: str, count: int) -> list[Event]:
    topics = ("invoice.created", "invoice.updated", "invoice.issued")
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=kafka_servers, auto_offset_reset="earliest")
    await consumer.start()
    found: list[Event] = []
    try:
        while len(found) < count:
            record = await consumer.getone()
            if record.key == invoice_id.encode():
                found.append(decode(record.topic, record.value))
    finally:
        await consumer.stop()
    return found
