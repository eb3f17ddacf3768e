"""Webhooks as an integrator lives them: endpoints that hang, a worker that is killed, an outage made good."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web

from shared.testing.eventually import eventually
from tests.journeys.conftest import Stack, a_contact, created

ENDPOINTS, MESSAGES_EACH, HANG_SECONDS = 100, 4, 15
KILL_MESSAGES, KILL_AFTER = 300, 60


@dataclass
class Sink:
    """A server with a path for each endpoint; notes what arrives where and when."""

    url: str = ""
    arrivals: list[tuple[str, str, float]] = field(default_factory=list)
    hanging: set[str] = field(default_factory=set)
    pause_seconds: float = 0.0

    async def take(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.arrivals.append((name, request.headers["webhook-id"], time.time()))
        await asyncio.sleep(HANG_SECONDS if name in self.hanging else self.pause_seconds)
        return web.Response(status=204)

    def at(self, names: set[str]) -> list[tuple[str, str, float]]:
        """What arrived at these."""
        return [one for one in self.arrivals if one[0] in names]


@contextlib.asynccontextmanager
async def a_sink() -> AsyncIterator[Sink]:
    sink, app = Sink(), web.Application()
    app.router.add_post("/{name}", sink.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sink.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield sink
    finally:
        await runner.cleanup()


async def test_one_hanging_endpoint_does_not_delay_the_other_99(make_workspace: Any) -> None:
    clients = [await make_workspace() for _ in range(4)]
    async with a_sink() as sink:
        names = [str(number) for number in range(ENDPOINTS)]
        for number, name in enumerate(names):
            body = {"url": f"{sink.url}/{name}", "event_types": [f"to.n{name}"]}
            await created(clients[number % 4], "/v1/webhook-endpoints", body)
        others = set(names[1:])

        # In one run and in turns, so that a machine that slows down slows down both.
        latencies: dict[bool, list[float]] = {False: [], True: []}
        for hangs in (False, True, False, True):
            sink.hanging = {names[0]} if hangs else set()
            sink.arrivals.clear()
            for _ in range(MESSAGES_EACH):
                await asyncio.gather(*(_publish(clients[int(name) % 4], f"to.n{name}") for name in names))
            await eventually(lambda: len(sink.at(others)) >= len(others) * MESSAGES_EACH, 60)
            latencies[hangs] += [at - _accepted_at(id_) for _, id_, at in sink.at(others)]

    alone, beside = (_quantile(latencies[hangs], 0.99) for hangs in (False, True))
    # The exact figure is the benchmark's; here a queue behind the hanging one would cost seconds.
    assert beside < alone * 2 + 1.0, (alone, beside)
    assert max(latencies[True]) < HANG_SECONDS


async def test_nothing_is_lost_when_the_worker_is_killed_in_mid_flow(
    stack: Stack, client: httpx.AsyncClient
) -> None:
    async with a_sink() as sink:
        sink.pause_seconds = 0.05
        body = {"url": f"{sink.url}/all", "event_types": ["order.*"]}
        endpoint = await created(client, "/v1/webhook-endpoints", body)
        published: set[str] = set()
        old_pid = stack.pid("webhook-delivery")

        async def publish(number: int) -> None:
            published.add(await _publish(client, "order.packed", f"order-{number}"))
            if len(published) == KILL_AFTER:
                stack.kill("webhook-delivery")

        numbers = iter(range(KILL_MESSAGES))

        async def work() -> None:
            for number in numbers:
                await publish(number)

        await asyncio.gather(*(work() for _ in range(8)))
        await eventually(lambda: published <= {id_ for _, id_, _ in sink.arrivals}, 90)
        await eventually(lambda: stack.pid("webhook-delivery") != old_pid, 30)

        async def is_empty() -> bool:
            reply = await client.get("/v1/deliveries", params={"state": "pending"})
            return reply.json()["data"] == []

        await eventually(is_empty, 60)

    arrived = [id_ for _, id_, _ in sink.arrivals]
    assert len(published) == KILL_MESSAGES
    assert set(arrived) == published
    # What was under way when the worker died comes again; nothing else does.
    assert len(arrived) - len(published) <= endpoint["max_concurrency"]


async def test_an_outage_is_made_good_by_recovery(client: httpx.AsyncClient) -> None:
    async with a_sink() as sink:
        body = {"url": f"{sink.url}/all", "event_types": ["contact.*"]}
        endpoint = await created(client, "/v1/webhook-endpoints", body)
        path = f"/v1/webhook-endpoints/{endpoint['id']}"
        await client.post(f"{path}/disable", json={"reason": "moving house"})
        contact = await a_contact(client)

        async def held() -> Any:
            return (await client.get("/v1/deliveries", params={"state": "held"})).json()["data"]

        await eventually(held, 20)
        await client.post(f"{path}/enable")
        job = await client.post(f"{path}/recover", json={"since": endpoint["created_at"]})

        await eventually(lambda: sink.arrivals, 20)

    assert job.status_code == 202, job.text
    feed = (await client.get("/v1/events")).json()["data"]
    [event] = [one for one in feed if one["type"] == "contact.created"]
    assert (event["data"]["id"], event["id"]) == (contact["id"], sink.arrivals[0][1])


async def _publish(client: httpx.AsyncClient, event_type: str, event_id: str | None = None) -> str:
    """The webhook-id; asked again while the service is away."""
    body: dict[str, Any] = {"event_type": event_type, "data": {"text": "x"}}
    if event_id:
        body["event_id"] = event_id
    for _ in range(600):
        try:
            reply = await client.post("/v1/messages", json=body)
        except httpx.TransportError:
            await asyncio.sleep(0.1)
            continue
        if reply.status_code in (200, 201):
            return str(reply.json()["webhook_id"])
        assert reply.status_code >= 429, reply.text
        await asyncio.sleep(0.1)
    raise AssertionError("the message was never accepted")


def _accepted_at(webhook_id: str) -> float:
    return int(webhook_id.removeprefix("msg_")[:12], 16) / 1000


def _quantile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(share * (len(seconds) - 1))]
