"""Renewals and the end of dunning, heard over real Kafka."""

from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from services.invoice import main
from shared.events.dunning import DunningData, DunningEnded
from shared.events.event import Event
from shared.http.internal_auth import Principal
from shared.kernel.ids import new_id
from shared.testing.eventually import eventually
from shared.testing.service import RunningService
from tests.integration.invoice.billings import START, a_line, hear, renewed
from tests.integration.invoice.conftest import a_contact, an_invoice


@pytest.fixture
def who(a_principal: Any) -> Principal:
    """Who asks, in a new workspace."""
    return a_principal()


async def publish(bootstrap_servers: str, *events: Event) -> None:
    """Send the events as their service's relay would."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    await producer.start()
    try:
        for event in events:
            headers = [("ce_type", event.type.encode()), ("ce_id", str(event.id).encode())]
            key = str(event.record_key).encode()
            await producer.send(event.type, event.encode(), key=key, headers=headers)
        await producer.flush()
    finally:
        await producer.stop()


def an_end(invoice_id: str, contact_id: str, **fields: Any) -> DunningData:
    """A campaign that came to its end without the money."""
    usual = {
        "id": new_id(),
        "version": 5,
        "created_at": START,
        "updated_at": START,
        "invoice_id": invoice_id,
        "contact_id": contact_id,
        "status": "exhausted",
        "attempt_count": 4,
        "terminal_action": "uncollectible",
        "ended_at": START,
    }
    return DunningData(**(usual | fields))


async def status_of(client: httpx.AsyncClient, invoice_id: str) -> str:
    return (await client.get(f"/v1/invoices/{invoice_id}")).json()["status"]


async def test_one_bad_renewal_of_a_batch_stops_no_other_and_says_why_in_the_dead_letter(
    start_service: Any, kafka_servers: str, who: Principal
) -> None:
    service = await start_service(main.make, "invoice")
    client = service.client(who)
    contact_id = (await a_contact(client))["id"]
    good = [renewed(who.workspace_id, contact_id) for _ in range(5)]
    bad = renewed(who.workspace_id, new_id())

    await publish(kafka_servers, *good[:3], bad, *good[3:], good[0])

    async def all_billed() -> bool:
        found = (await client.get("/v1/invoices")).json()["data"]
        return {one["subscription_id"] for one in found} == {str(one.subject) for one in good}

    await eventually(all_billed, timeout_seconds=30)
    letter = await eventually(lambda: dead_letter(kafka_servers), timeout_seconds=30)
    assert letter["dead_letter_event_id"] == str(bad.id)
    assert "SubscriptionNotBillable" in letter["dead_letter_error"]
    assert f"There is no contact {bad.data.contact_id}" in letter["dead_letter_error"]


async def dead_letter(bootstrap_servers: str) -> dict[str, str]:
    """The headers of the newest dead letter of the invoice service."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    await consumer.start()
    try:
        place = TopicPartition("invoice.dead-letter", 0)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        if not end:
            return {}
        consumer.seek(place, end - 1)
        record = await consumer.getone()
        return {name: value.decode() for name, value in record.headers}
    finally:
        await consumer.stop()


async def test_an_exhausted_campaign_writes_its_invoice_off(
    start_service: Any, kafka_servers: str, who: Principal
) -> None:
    service = await start_service(main.make, "invoice")
    client = service.client(who)
    invoice = await an_invoice(client)

    end = DunningEnded.of(who.workspace_id, an_end(invoice["id"], invoice["contact_id"]))
    await publish(kafka_servers, end, end)

    async def is_written_off() -> bool:
        return await status_of(client, invoice["id"]) == "uncollectible"

    await eventually(is_written_off, timeout_seconds=30)
    timeline = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    kinds = [entry["type"] for entry in timeline]
    assert kinds == ["invoice.created", "invoice.issued", "invoice.updated", "invoice.written_off"]


@pytest.mark.parametrize(
    "said, ends_as",
    [
        ({"terminal_action": "leave"}, "open"),
        ({"terminal_action": "cancel"}, "open"),
        ({"status": "recovered"}, "open"),
        ({}, "uncollectible"),
    ],
)
async def test_only_an_exhausted_campaign_that_says_so_writes_off(
    api: RunningService, who: Principal, said: dict[str, Any], ends_as: str
) -> None:
    client = api.client(who)
    invoice = await an_invoice(client)

    await hear(api, DunningEnded.of(who.workspace_id, an_end(invoice["id"], invoice["contact_id"], **said)))

    assert await status_of(client, invoice["id"]) == ends_as


async def test_an_invoice_that_is_no_longer_open_stays_as_it_is(api: RunningService, who: Principal) -> None:
    client = api.client(who)
    free = await an_invoice(client, lines=[a_line(unit_price=0).model_dump(mode="json", exclude_none=True)])
    void = await an_invoice(client)
    await client.post(f"/v1/invoices/{void['id']}/void")

    for one in (free, void):
        await hear(api, DunningEnded.of(who.workspace_id, an_end(one["id"], one["contact_id"])))

    assert [await status_of(client, one["id"]) for one in (free, void)] == ["paid", "void"]
