"""One after the other, and no faster than agreed."""

import asyncio
import json
from typing import Any

import httpx
from aiohttp import web

from tests.integration.webhook_delivery.conftest import (
    Receiver,
    a_message,
    an_endpoint,
    are,
    fetch,
    listening,
)


def numbers(receiver: Receiver) -> list[int]:
    return [json.loads(one.body)["data"]["number"] for one in receiver.received]


async def test_an_ordered_endpoint_hears_in_order_and_waits_for_a_failure(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.script = [200, 200, 500]
    await an_endpoint(client, receiver.url, ordering="fifo")

    for number in range(20):
        await a_message(client, data={"number": number})
    received = await receiver.wait(21, timeout_seconds=20)

    assert numbers(receiver) == [0, 1, 2, *range(2, 20)]
    assert received[3].arrived_at - received[2].arrived_at >= 5


async def test_what_waits_in_line_is_shown_as_pending_and_let_go_when_order_ends(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    receiver.script = [500]
    endpoint = await an_endpoint(client, receiver.url, ordering="fifo")
    for number in range(3):
        await a_message(client, data={"number": number})
    await receiver.wait()
    await asyncio.sleep(0.3)
    assert await are(client, "pending", "pending", "pending")
    assert len(receiver.received) == 1

    changed = await client.patch(f"/v1/webhook-endpoints/{endpoint['id']}", json={"ordering": "none"})

    assert changed.json()["ordering"] == "none"
    await receiver.wait(3, timeout_seconds=4)
    assert sorted(numbers(receiver)[:3]) == [0, 1, 2]


async def test_a_line_that_is_held_is_recovered_in_its_order(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    endpoint = await an_endpoint(client, receiver.url, ordering="fifo")
    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    assert (await client.post(f"{path}/pause")).json()["status"] == "paused"
    for number in range(5):
        await a_message(client, data={"number": number})
    assert await are(client, *["held"] * 5)
    await client.post(f"{path}/enable")

    job = await client.post(f"{path}/recover", json={"since": endpoint["created_at"]})

    assert job.status_code == 202, job.text
    await receiver.wait(5)
    assert numbers(receiver) == [0, 1, 2, 3, 4]


async def test_a_rate_limit_spaces_deliveries_and_holds_nobody_else_back(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    async with listening() as other:
        await an_endpoint(client, receiver.url, rate_limit=5)
        await an_endpoint(client, other.url)

        for number in range(8):
            await a_message(client, data={"number": number})
        await other.wait(8, timeout_seconds=2)
        received = await receiver.wait(8)

    assert received[-1].arrived_at - received[0].arrived_at >= 7 / 5 - 0.1


async def test_an_ordered_endpoint_has_one_request_under_way(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    under_way = most = 0

    async def note(_: web.Request) -> web.StreamResponse:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        return web.Response()

    receiver.script = [note] * 10
    await an_endpoint(client, receiver.url, ordering="fifo", max_concurrency=8)
    for number in range(10):
        await a_message(client, data={"number": number})

    await receiver.wait(10)

    assert most == 1


async def test_a_fresh_delivery_is_leased_at_its_insert_and_needs_no_query(
    client: httpx.AsyncClient, receiver: Receiver, databases: Any
) -> None:
    release = asyncio.Event()

    async def wait(_: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    receiver.script = [wait]
    await an_endpoint(client, receiver.url)
    await a_message(client)
    await receiver.wait()

    rows = await fetch(
        databases, "SELECT lease_token, due_at > now() AS ahead FROM webhook_delivery.delivery_due"
    )
    release.set()

    assert [(row["lease_token"] is not None, row["ahead"]) for row in rows] == [(True, True)]
