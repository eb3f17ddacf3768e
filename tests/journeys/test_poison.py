"""A poison event goes to the dead-letter topic and its partition goes on."""

import asyncio

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from shared.kernel.ids import new_id
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
