"""Messages on their way to a real receiver, over real Postgres."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from aiohttp import web

from shared.testing.eventually import eventually
from tests.integration.webhook_delivery.conftest import (
    Receiver,
    a_message,
    an_endpoint,
    are,
    fetch,
    listed,
    listening,
)


async def test_a_message_arrives_signed_and_byte_for_byte_as_it_is_stored(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url, headers={"Authorization": "Bearer theirs"})
    published = await client.post(
        "/v1/messages",
        content='{"event_type": "order.packed", "data": {"rate": 0.1234567890123456789, "text": "é"}}',
        headers={"content-type": "application/json", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
    )

    [request] = await receiver.wait()

    stored = (await client.get(f"/v1/messages/{request.headers['webhook-id']}")).content
    assert stored.endswith(b',"body":' + request.body + b"}")
    assert b"0.1234567890123456789" in request.body
    assert receiver.verify(endpoint["secret"])["type"] == "order.packed"
    assert request.headers["webhook-id"] == published.json()["webhook_id"]
    assert request.headers["authorization"] == "Bearer theirs"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["traceparent"][3:35] == "a" * 32


async def test_a_delivery_that_arrived_leaves_the_queue_and_stands_in_the_log(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    await an_endpoint(client, receiver.url)
    message = await a_message(client)
    await receiver.wait()

    [attempt] = await eventually(lambda: listed(client, f"/v1/messages/{message['id']}/attempts"))

    assert (attempt["status"], attempt["state"], attempt["number"]) == (200, "delivered", 1)
    assert attempt["request_headers"]["webhook-id"] == message["webhook_id"]
    assert attempt["request_headers"]["webhook-signature"] == "(hidden)"
    assert [one["state"] for one in await listed(client, "/v1/deliveries")] == ["delivered"]
    assert await fetch(databases, "SELECT FROM webhook_delivery.delivery_due") == []


async def test_a_500_is_tried_again_with_the_same_id_and_a_new_signature(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [500]
    endpoint = await an_endpoint(client, receiver.url)
    message = await a_message(client)

    first, second = await receiver.wait(2)

    assert first.headers["webhook-id"] == second.headers["webhook-id"] == message["webhook_id"]
    assert first.body == second.body
    assert receiver.verify(endpoint["secret"], 0) == receiver.verify(endpoint["secret"], 1)
    assert 5 <= second.arrived_at - first.arrived_at <= 6
    await eventually(lambda: are(client, "delivered"))
    attempts = await listed(client, f"/v1/messages/{message['id']}/attempts")
    assert [(one["status"], one["state"]) for one in attempts] == [(500, "pending"), (200, "delivered")]
    shown = (await client.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    assert shown["failing_since"] is None


async def test_410_disables_the_endpoint_at_once_and_holds_the_rest(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url, max_concurrency=1)
    receiver.script = [410]
    messages = [await a_message(client) for _ in range(3)]

    await eventually(lambda: are(client, "gone", "held", "held"))

    shown = (await client.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", "gone")
    assert len(receiver.received) == 1
    assert receiver.received[0].headers["webhook-id"] == messages[0]["webhook_id"]
    await a_message(client)
    assert len(await listed(client, "/v1/deliveries", state="held")) == 3


async def test_retry_after_of_429_holds_for_the_delivery_and_for_the_whole_endpoint(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [web.Response(status=429, headers={"Retry-After": "3"})]
    endpoint = await an_endpoint(client, receiver.url)
    await a_message(client)
    [limited] = await receiver.wait()
    await asyncio.sleep(0.1)
    for _ in range(3):
        await a_message(client)

    received = await receiver.wait(5, timeout_seconds=12)

    assert min(request.arrived_at for request in received[1:]) >= limited.arrived_at + 3
    shown = (await client.get(f"/v1/webhook-endpoints/{endpoint['id']}")).json()
    paused_until = datetime.fromisoformat(shown["paused_until"]).timestamp()
    assert limited.arrived_at + 3 <= paused_until <= limited.arrived_at + 4


async def test_enabling_an_endpoint_anew_ends_its_pause(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [web.Response(status=429, headers={"Retry-After": "3600"})]
    endpoint = await an_endpoint(client, receiver.url)
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    await a_message(client)

    async def is_paused() -> bool:
        return (await client.get(path)).json()["paused_until"] is not None

    await eventually(is_paused)
    await client.post(f"{path}/disable")
    await client.post(f"{path}/enable")
    message = await a_message(client)

    _, second = await receiver.wait(2)
    assert second.headers["webhook-id"] == message["webhook_id"]


async def test_the_next_attempt_is_due_when_retry_after_says_so(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    at = (datetime.now(UTC) + timedelta(hours=2)).replace(microsecond=0)
    header = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    receiver.script = [web.Response(status=429, headers={"Retry-After": header})]
    await an_endpoint(client, receiver.url)
    await a_message(client)
    await receiver.wait()

    async def tried() -> Any:
        return [
            one
            for one in await listed(client, "/v1/deliveries", state="pending")
            if one["attempt_count"] == 1
        ]

    [pending] = await eventually(tried)

    due_at = datetime.fromisoformat(pending["next_attempt_at"])
    assert at <= due_at <= at + timedelta(seconds=2)


async def test_a_disabled_endpoint_gets_nothing_and_its_deliveries_are_held(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url)
    disabled = await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/disable", json={"reason": "moving"})
    await a_message(client)
    enabled = await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/enable")
    message = await a_message(client)

    await receiver.wait()

    assert (disabled.json()["status"], disabled.json()["disabled_reason"]) == ("disabled", "moving")
    assert enabled.json()["status"] == "enabled"
    assert [one.headers["webhook-id"] for one in receiver.received] == [message["webhook_id"]]
    assert len(await listed(client, "/v1/deliveries", state="held")) == 1


async def test_what_waits_is_held_when_the_endpoint_is_disabled_and_cancelled_when_it_is_deleted(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [500, 500]
    one, other = [await an_endpoint(client, receiver.url) for _ in range(2)]
    await a_message(client)

    async def both_tried() -> bool:
        pending = await listed(client, "/v1/deliveries", state="pending")
        return [delivery["attempt_count"] for delivery in pending] == [1, 1]

    await eventually(both_tried)
    await client.post(f"/v1/webhook-endpoints/{one['id']}/disable")
    deleted = await client.delete(f"/v1/webhook-endpoints/{other['id']}")

    assert deleted.status_code == 204
    ended = {
        delivery["endpoint_id"]: delivery["state"] for delivery in await listed(client, "/v1/deliveries")
    }
    assert ended == {one["id"]: "held", other["id"]: "cancelled"}
    assert (await client.get(f"/v1/webhook-endpoints/{other['id']}")).status_code == 404


async def test_an_endpoint_hears_only_what_it_wants(client: httpx.AsyncClient, receiver: Receiver) -> None:
    async with listening() as other:
        await an_endpoint(client, receiver.url, event_types=["order.*"])
        endpoint = await an_endpoint(client, other.url, event_types=["parcel.created"])
        await a_message(client, "order.packed")
        await client.patch(f"/v1/webhook-endpoints/{endpoint['id']}", json={"event_types": ["parcel.failed"]})
        await a_message(client, "parcel.created")
        await a_message(client, "parcel.failed")

        await other.wait()
        await receiver.wait()
        await asyncio.sleep(0.3)

    assert [json.loads(one.body)["type"] for one in receiver.received] == ["order.packed"]
    assert [json.loads(one.body)["type"] for one in other.received] == ["parcel.failed"]


async def test_resending_uses_the_same_id_whatever_became_of_the_delivery(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url)
    message = await a_message(client)
    await eventually(lambda: are(client, "delivered"))
    [delivery] = await listed(client, "/v1/deliveries")

    again = await client.post(f"/v1/deliveries/{delivery['id']}/resend")
    await receiver.wait(2)

    assert again.status_code == 202
    assert again.json()["state"] == "pending"
    assert {one.headers["webhook-id"] for one in receiver.received} == {message["webhook_id"]}

    async def kinds() -> bool:
        attempts = await listed(client, f"/v1/messages/{message['id']}/attempts")
        return [one["kind"] for one in attempts] == ["auto", "manual"]

    await eventually(kinds)
    await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/disable")
    refused = await client.post(f"/v1/deliveries/{delivery['id']}/resend")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_endpoint_disabled")


async def test_a_held_delivery_can_be_sent_again_once_its_endpoint_is_back(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url)
    await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/disable")
    message = await a_message(client)
    [held] = await listed(client, "/v1/deliveries", state="held")
    await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/enable")

    await client.post(f"/v1/deliveries/{held['id']}/resend")

    [request] = await receiver.wait()
    assert request.headers["webhook-id"] == message["webhook_id"]
    await eventually(lambda: are(client, "delivered"))
