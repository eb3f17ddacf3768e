"""Events from real Kafka become messages, once, and survive the end of the process that was to send them."""

import json
from typing import Any
from uuid import UUID

import httpx
from aiokafka import AIOKafkaProducer
from jsonschema import Draft202012Validator

from shared.events.event import Event
from shared.events.payment import CreditBalanceData, CreditBalanceUpdated
from shared.events.registry import JOURNAL, TOPICS
from shared.kernel.ids import new_id
from shared.testing.eventually import eventually
from tests.integration.webhook_delivery.conftest import Receiver, a_message, an_endpoint, are, listed
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


async def journal(bootstrap_servers: str, *values: tuple[str, bytes]) -> None:
    """What the relay of a newer release publishes: types and fields of tomorrow, by subject and value."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
    await producer.start()
    try:
        for subject, value in values:
            await producer.send_and_wait(JOURNAL, value, key=subject.encode())
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
        assert (shown["sequence"], shown["type"]) == (3_000, "credit_balance.updated")
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


def of_tomorrow(workspace_id: UUID, data: str, **changes: Any) -> tuple[str, bytes]:
    said = {
        "specversion": "1.0",
        "id": str(new_id()),
        "type": "shipment.packed",
        "source": "/shipping",
        "subject": str(new_id()),
        "time": NOW.isoformat(),
        "dataschema": "urn:billing:event:shipment.packed:v3",
        "workspaceid": str(workspace_id),
        "sequence": "1",
    } | changes
    return str(said["subject"]), json.dumps(said)[:-1].encode() + b',"data":' + data.encode() + b"}"


async def test_types_fields_and_digits_that_are_not_known_here_reach_integrators_as_published(
    start_hooks: Any, a_principal: Any, kafka_servers: str, receiver: Receiver
) -> None:
    hooks, who = await start_hooks(), a_principal()
    known = an_event(who.workspace_id)
    data = known.data.model_dump_json()[:-1] + ',"rate":1.10,"lines":[{"tomorrow":1e2}]}'
    packed = '{ "weight":0.1234567890123456789, "parcels":[10000000000000000000001] }'
    async with hooks.client(who) as client:
        endpoint = await an_endpoint(client, receiver.url, event_types=["shipment.*", "credit_balance.*"])

        await produce(
            kafka_servers,
            (known, known.encode().partition(b',"data":')[0] + b',"data":' + data.encode() + b"}"),
        )
        await journal(kafka_servers, of_tomorrow(who.workspace_id, packed))
        await receiver.wait(2)

        texts = [one.body.decode() for one in receiver.received]
        assert any(f'"data":{data}}}' in text for text in texts)
        assert any(f'"data":{packed}}}' in text for text in texts)
        feed = (await client.get("/v1/events")).text
        assert data in feed
        assert packed in feed
        for index in range(2):
            assert receiver.verify(endpoint["secret"], index)


async def test_a_version_that_is_not_known_is_set_aside_as_such_and_others_go_on(
    start_hooks: Any, a_principal: Any, kafka_servers: str, receiver: Receiver, databases: Any
) -> None:
    hooks, who = await start_hooks(), a_principal()
    async with hooks.client(who) as client:
        await an_endpoint(client, receiver.url, event_types=["credit_balance.*"])
        newer, event = an_event(who.workspace_id), an_event(who.workspace_id)

        value = newer.encode().replace(b"credit_balance.updated:v1", b"credit_balance.updated:v2")
        await produce(kafka_servers, (newer, value), (event, event.encode()))
        await receiver.wait()

        assert [json.loads(one.body)["data"]["id"] for one in receiver.received] == [str(event.subject)]


async def test_events_of_one_object_are_heard_in_order_though_their_topics_have_none(
    start_hooks: Any, a_principal: Any, kafka_servers: str, receiver: Receiver
) -> None:
    hooks, who = await start_hooks(), a_principal()
    subject = str(new_id())
    types = ["invoice.created", "invoice.updated", "invoice.issued", "invoice.updated", "invoice.paid"]
    places = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1)]
    told = [
        of_tomorrow(
            who.workspace_id,
            "{}",
            type=type_,
            subject=subject,
            sequence=str(version),
            step=step,
            dataschema=f"urn:billing:event:{type_}:v1",
        )
        for type_, (version, step) in zip(types, places, strict=True)
    ]
    async with hooks.client(who) as client:
        await an_endpoint(client, receiver.url, event_types=["invoice.*"], ordering="fifo")
        # The copies in the topics of their types may come in any order: they have their place in the journal.
        await produce_marked(kafka_servers, *reversed(list(zip(types, told, strict=True))))
        await journal(kafka_servers, *told)
        await receiver.wait(5)

        assert [json.loads(one.body)["type"] for one in receiver.received] == types
        feed = await listed(client, "/v1/events")
        assert [one["sequence"] for one in feed] == [1_000, 2_000, 2_001, 3_000, 3_001]
        assert [json.loads(one.body)["sequence"] for one in receiver.received] == [
            one["sequence"] for one in feed
        ]


async def produce_marked(bootstrap_servers: str, *values: tuple[str, tuple[str, bytes]]) -> None:
    """As the relay publishes to the topics of the types what it publishes to the journal too."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
    await producer.start()
    try:
        for type_, (subject, value) in values:
            headers = [("ce_type", type_.encode()), ("in_journal", b"1")]
            await producer.send_and_wait(type_, value, key=subject.encode(), headers=headers)
    finally:
        await producer.stop()


async def test_an_endpoint_does_not_hear_of_before_it_existed(
    start_hooks: Any, a_principal: Any, kafka_servers: str, receiver: Receiver
) -> None:
    hooks, who = await start_hooks(), a_principal()
    before = an_event(who.workspace_id)
    moved = before.model_copy(update={"id": UUID(int=before.id.int - (10_000 << 80))})
    async with hooks.client(who) as client:
        await an_endpoint(client, receiver.url)
        after = an_event(who.workspace_id)

        await produce(kafka_servers, (moved, moved.encode()), (after, after.encode()))
        await receiver.wait()
        feed = await listed(client, "/v1/events")

        assert [json.loads(one.body)["data"]["id"] for one in receiver.received] == [str(after.subject)]
        assert len(feed) == 2


async def test_what_the_platform_says_cannot_be_published_and_odd_types_are_warned_of(
    api_client: httpx.AsyncClient,
) -> None:
    forged = await api_client.post("/v1/messages", json={"event_type": "invoice.paid", "data": {}})
    wanted = ["invoice.payd", "invoice.*", "order.packed"]
    endpoint = await an_endpoint(api_client, "http://127.0.0.1:9999/x", event_types=wanted)
    types = await listed(api_client, "/v1/event-types")
    paid = (await api_client.get("/v1/event-types/invoice.paid")).json()

    assert (forged.status_code, forged.json()["code"]) == (422, "reserved_event_type")
    assert forged.json()["errors"][0]["pointer"] == "/event_type"
    assert [one.split()[0] for one in endpoint["warnings"]] == ["invoice.payd", "order.packed"]
    assert "Did you mean invoice.paid?" in endpoint["warnings"][0]
    assert [one["type"] for one in types] == list(TOPICS)
    Draft202012Validator(paid["schema"]).validate(paid["example"]["data"])
    assert (await api_client.get("/v1/event-types/invoice.payd")).status_code == 404


async def test_retries_of_a_type_that_is_no_longer_wanted_are_cancelled(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [500]
    endpoint = await an_endpoint(client, receiver.url, event_types=["order.*"])
    await a_message(client)
    await receiver.wait()

    changed = await client.patch(
        f"/v1/webhook-endpoints/{endpoint['id']}", json={"event_types": ["parcel.*"]}
    )
    assert changed.status_code == 200, changed.text
    await eventually(lambda: are(client, "cancelled"), 20)

    assert len(receiver.received) == 1
