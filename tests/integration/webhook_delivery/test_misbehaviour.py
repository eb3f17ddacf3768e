"""Receivers and workers that misbehave."""

import asyncio
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
    hang,
    listed,
    listening,
)


async def test_an_endpoint_that_hangs_does_not_keep_others_waiting(
    start_hooks: Any, a_principal: Any, receiver: Receiver
) -> None:
    hooks = await start_hooks(DELIVERY_SLOTS="8")
    async with (
        hooks.client(a_principal()) as slow,
        hooks.client(a_principal()) as quick,
        listening() as hanging,
    ):
        hanging.script = [hang] * 100
        await an_endpoint(slow, hanging.url, timeout_seconds=5)
        await an_endpoint(quick, receiver.url)
        for _ in range(30):
            await a_message(slow)
        await hanging.wait(4)
        started = asyncio.get_running_loop().time()
        for _ in range(10):
            await a_message(quick)

        await receiver.wait(10)

        assert asyncio.get_running_loop().time() - started < 2
        assert len(hanging.received) == 4


async def test_a_redirect_is_a_failure_and_is_not_followed(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    async with listening() as elsewhere:
        receiver.script = [web.Response(status=302, headers={"Location": elsewhere.url})]
        await an_endpoint(client, receiver.url)
        message = await a_message(client)

        [attempt] = await eventually(lambda: listed(client, f"/v1/messages/{message['id']}/attempts"))

    assert (attempt["status"], attempt["state"]) == (302, "pending")
    assert elsewhere.received == []


async def test_little_of_an_endless_answer_is_read(client: httpx.AsyncClient, receiver: Receiver) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=500, headers={"x-odd": "caf\udce9"})
        await response.prepare(request)
        while True:
            await response.write(b"\x00\xff" * 8192)

    receiver.script = [endless]
    await an_endpoint(client, receiver.url)
    message = await a_message(client)

    [attempt] = await eventually(lambda: listed(client, f"/v1/messages/{message['id']}/attempts"))

    assert attempt["status"] == 500
    assert len(attempt["response_body"]) == 16 * 1024


async def test_an_address_that_is_not_allowed_is_never_dialled(start_hooks: Any, a_principal: Any) -> None:
    hooks = await start_hooks(EGRESS_ALLOW_CIDRS="")
    async with hooks.client(a_principal()) as client, listening() as receiver:
        literal = await client.post("/v1/webhook-endpoints", json={"url": receiver.url, "event_types": ["*"]})
        by_name = receiver.url.replace("127.0.0.1", "localhost")
        await an_endpoint(client, by_name)
        message = await a_message(client)

        [attempt] = await eventually(lambda: listed(client, f"/v1/messages/{message['id']}/attempts"))

        assert literal.status_code == 422
        assert (attempt["error"], attempt["status"], attempt["state"]) == ("blocked", None, "pending")
        assert receiver.received == []


async def test_a_lease_that_ran_out_is_taken_over(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    endpoint = await an_endpoint(client, receiver.url)
    await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/disable")
    message = await a_message(client)
    await client.post(f"/v1/webhook-endpoints/{endpoint['id']}/enable")
    # As a worker leaves it that was killed between its claim and its outcome.
    await fetch(
        databases,
        """
        INSERT INTO webhook_delivery.delivery_due (id, endpoint_id, workspace_id, message_id,
                                                   message_created_at, seq, shard, due_at, lease_token)
        SELECT id, endpoint_id, workspace_id, message_id, message_created_at, seq, 3,
               now() + interval '2 seconds', gen_random_uuid()
        FROM webhook_delivery.delivery_failed
        """,
    )

    [request] = await receiver.wait()

    assert request.headers["webhook-id"] == message["webhook_id"]

    async def queue_is_empty() -> bool:
        return not await fetch(databases, "SELECT FROM webhook_delivery.delivery_due")

    await eventually(queue_is_empty)


async def test_a_late_outcome_is_logged_but_changes_nothing(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    async def lose_the_lease(request: web.Request) -> web.StreamResponse:
        await fetch(
            databases,
            """
            UPDATE webhook_delivery.delivery_due
            SET lease_token = gen_random_uuid(), due_at = now() + interval '1 hour'
            """,
        )
        return web.Response()

    receiver.script = [lose_the_lease]
    await an_endpoint(client, receiver.url)
    message = await a_message(client)

    [attempt] = await eventually(lambda: listed(client, f"/v1/messages/{message['id']}/attempts"))

    assert attempt["status"] == 200
    assert await are(client, "pending", state="pending")
