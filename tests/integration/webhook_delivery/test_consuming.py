"""Events from real Kafka become messages, once, and survive the end of the process that was to send them."""

import json
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.events.event import Event
from shared.events.payment import CreditBalanceData, CreditBalanceUpdated
from shared.kernel.ids import new_id
from tests.integration.webhook_delivery.conftest import Receiver, an_endpoint, listed
from tests.unit.webhook_delivery.builders import NOW

TRACE = f"00-{'c' * 32}-{'d' * 16}-01"


def an_event(workspace_id: Any, version: int = 1) -> Event:
    data = CreditBalanceData(
        id=new_id(),
        version=version,
        created_at=NOW,
        updated_at=NOW,
        contact_id=new_id(),
        currency="EUR",
        amount_minor=250,
    )
    return CreditBalanceUpdated.of(workspace_id, data)


async def produce(bootstrap_servers: str, *values: tuple[Event, bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
    await producer.start()
    try:
        for event, value in values:
            headers = [("ce_id", str(event.id).encode()), ("ce_type", event.type.encode())]
            await producer.send_and_wait(event.type, value, key=str(event.subject).encode(), headers=headers)
    finally:
        await producer.stop()


async def test_an_event_that_comes_twice_is_one_message_and_one_delivery(
    start_hooks: Any, a_principal: Any, kafka_servers: str, receiver: Receiver
) -> None:
    hooks, who = await start_hooks(), a_principal()
    async with hooks.client(who) as client:
        endpoint = await an_endpoint(client, receiver.url, event_types=["credit_balance.*"])
        event, last = an_event(who.workspace_id, 3), an_event(who.workspace_id)

        await produce(kafka_servers, *[(event, event.encode(TRACE))] * 2, (last, last.encode()))
        await receiver.wait(2)

        feed = await listed(client, "/v1/events")
        assert sorted(one["subject"] for one in feed) == sorted([str(event.subject), str(last.subject)])
        assert len(receiver.received) == 2
        arrived = {json.loads(one.body)["data"]["id"]: index for index, one in enumerate(receiver.received)}
        index = arrived[str(event.subject)]
        assert receiver.verify(endpoint["secret"], index)["data"] == json.loads(event.data.model_dump_json())
        assert receiver.received[index].headers["traceparent"][3:35] == "c" * 32
        [shown] = [one for one in feed if one["subject"] == str(event.subject)]
        assert (shown["sequence"], shown["type"]) == (3, "credit_balance.updated")
        assert shown["id"] == receiver.received[index].headers["webhook-id"]


async def test_an_event_of_another_workspace_is_not_delivered_here(
    start_hooks: Any, a_principal: Any, kafka_servers: str, receiver: Receiver
) -> None:
    hooks, who = await start_hooks(), a_principal()
    async with hooks.client(who) as client:
        await an_endpoint(client, receiver.url)
        theirs, mine = an_event(new_id()), an_event(who.workspace_id)

        await produce(kafka_servers, (theirs, theirs.encode()), (mine, mine.encode()))
        await receiver.wait()

        assert [json.loads(one.body)["data"]["id"] for one in receiver.received] == [str(mine.subject)]
        assert len(await listed(client, "/v1/events")) == 1
