"""A poison event goes to the dead-letter topic and its partition goes on."""

import asyncio

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from shared.kernel.ids import new_id
from shared.testing.eventually import eventually
from tests.journeys.conftest import Stack, an_invoice, created, until_status

BAD_VALUES = (b"not json", b"", b'{"id": 1}')


async def test_a_poison_event_is_set_aside_and_its_partition_goes_on(
    stack: Stack, client: httpx.AsyncClient
) -> None:
    marker = new_id().hex.encode()
    invoices = [await an_invoice(client, "5.00") for _ in range(6)]

    await _publish_bad(stack, marker)
    for invoice in invoices:
        await created(client, "/v1/payments", {"invoice_id": invoice["id"], "amount": "5.00"})

    for invoice in invoices:
        await until_status(client, invoice["id"], "paid")
    dead = await _dead_letters(stack, marker, len(BAD_VALUES) * 3)
    assert {record.value for record in dead} == set(BAD_VALUES)
    headers = dict(dead[0].headers)
    assert headers["dead_letter_topic"] == b"payment.created"
    assert headers["dead_letter_reason"] == b"undecodable"
    assert headers["dead_letter_error"]
    await _end_as_operator(stack, client)


async def _end_as_operator(stack: Stack, client: httpx.AsyncClient) -> None:
    """Each letter is seen, tried again in vain, and dropped with a reason; a mere key may do nothing."""
    path = "/v1/dead-letters"
    assert (await client.get(path)).status_code == 403
    headers = {"authorization": f"Bearer {stack.admin_token}"}
    async with httpx.AsyncClient(base_url=stack.gateway_url, headers=headers, timeout=30) as admin:
        found = (await admin.get(path)).json()["data"]
        assert {"invoice", "webhook_delivery"} <= {one["service"] for one in found}
        for one in found:
            place = f"{path}/{one['service']}/{one['id']}"
            assert (await admin.get(place)).json()["topic"] == one["topic"]
            assert (await admin.post(f"{place}/replay")).status_code == 202

            async def has_died_again(place: str = place, before: int = one["death_count"]) -> bool:
                shown = (await admin.get(place)).json()
                return shown["status"] == "waiting" and shown["death_count"] == before + 1

            await eventually(has_died_again, 20)
            dropped = await admin.post(f"{place}/drop", json={"reason": "published by a test"})
            assert (dropped.json()["status"], dropped.json()["ended_by"]) == ("dropped", "administrator")
            assert (await admin.post(f"{place}/replay")).status_code == 409
        assert (await admin.get(path)).json()["data"] == []
        assert (await admin.get("/v1/event-lanes")).json()["data"] == []
        assert (await admin.post(f"{path}/payment/{new_id()}/drop", json={"reason": "x"})).status_code == 404


async def _publish_bad(stack: Stack, marker: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap_servers)
    await producer.start()
    for partition in range(3):
        for value in BAD_VALUES:
            await producer.send_and_wait(
                "payment.created",
                value,
                key=marker,
                partition=partition,
                headers=[("odd", b"\xff\xfe"), ("none", None)],
            )
    await producer.stop()


async def _dead_letters(stack: Stack, marker: bytes, count: int) -> "list[ConsumerRecord[bytes, bytes]]":
    consumer = AIOKafkaConsumer(
        "invoice.dead-letter", bootstrap_servers=stack.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: list[ConsumerRecord[bytes, bytes]] = []
    try:
        async with asyncio.timeout(30):
            while len(found) < count:
                record = await consumer.getone()
                if dict(record.headers).get("dead_letter_key") == marker:
                    found.append(record)
    finally:
        await consumer.stop()
    return found
