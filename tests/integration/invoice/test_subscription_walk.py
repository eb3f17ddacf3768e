"""Renewals and the end of dunning, heard over real Kafka."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

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


async def test_a_renewal_that_lacks_something_waits_and_catches_up_once_it_is_mended(
    start_service: Any, kafka_servers: str, who: Principal
) -> None:
    service = await start_service(main.make, "invoice")
    nameless = service.client(replace(who, workspace_name=""))
    contact_id = (await a_contact(nameless))["id"]
    late = [renewed(who.workspace_id, contact_id) for _ in range(3)]
    other = replace(who, workspace_id=new_id())
    good = renewed(other.workspace_id, (await a_contact(service.client(other)))["id"])
    await hear(service, good)

    await publish(kafka_servers, *late, late[0])

    async def waiting() -> Any:
        found = (await nameless.get("/v1/waiting-billings", params={"include": "total"})).json()
        return found if len(found["data"]) == len(late) else None

    found = await eventually(waiting, timeout_seconds=30)
    assert {one["problem"]["code"] for one in found["data"]} == {"seller_missing"}
    assert found["meta"]["total"] == len(late)
    assert [one["subscription_id"] for one in await listed(service.client(other))] == [str(good.subject)]

    path = f"/v1/waiting-billings/{found['data'][0]['id']}/retry"
    assert [(await one.post(path)).status_code for one in (nameless, service.client(other))] == [204, 404]
    assert (await nameless.patch("/v1/business", json={"name": "Spont BV"})).status_code == 200

    async def all_billed() -> Any:
        found = await listed(nameless)
        return found if len(found) == len(late) else None

    billed = await eventually(all_billed, timeout_seconds=30)
    assert {one["subscription_id"] for one in billed} == {str(one.subject) for one in late}
    assert {one["number"] for one in billed} == {f"INV-2026-0000{n}" for n in (1, 2, 3)}
    assert {one["seller"]["name"] for one in billed} == {"Spont BV"}
    assert {one["issue_date"] for one in billed} == {"2026-04-01"}
    # Nobody is late with what could not be asked for.
    assert all(one["due_date"] > one["issued_at"] for one in billed)
    assert (await nameless.get("/v1/waiting-billings")).json()["data"] == []
    assert await dead_letters(kafka_servers) == 0


async def listed(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/v1/invoices")).json()["data"]
    return found


async def dead_letters(bootstrap_servers: str) -> int:
    """How many dead letters the invoice service has written."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers)
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition("invoice.dead-letter", 0)])
        return sum(ends.values())
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
