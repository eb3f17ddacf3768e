"""A running service that may deliver to this machine, and receivers that do as they are told."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from services.webhook_delivery import main
from shared.testing.eventually import eventually
from shared.testing.service import RunningService

PACKAGE = "webhook_delivery"
ENVIRONMENT = {
    "ENCRYPTION_KEYS": "k1:" + base64.b64encode(b"1" * 32).decode(),
    "EGRESS_ALLOW_CIDRS": "127.0.0.0/8",
    "ALLOW_HTTP": "true",
}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    headers: dict[str, str]
    body: bytes
    arrived_at: float


@dataclass(slots=True)
class Receiver:
    """An integrator's server; answers with the scripted statuses in turn, then with 200."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    script: list[int | web.Response | Answer] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(headers, await request.read(), time.time()))
        step = self.script.pop(0) if self.script else 200
        if callable(step):
            return await step(request)
        return web.Response(status=step) if isinstance(step, int) else step

    async def wait(self, count: int = 1, timeout_seconds: float = 10) -> list[Received]:
        """The requests, once there are so many."""
        await eventually(lambda: len(self.received) >= count, timeout_seconds)
        return self.received

    def verify(self, secret: str, index: int = 0) -> Any:
        """The body, if the official library accepts its signature."""
        request = self.received[index]
        return Webhook(secret).verify(request.body, request.headers)


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hooks", receiver.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture(scope="session")
def schemas() -> list[str]:
    return ["webhook_delivery"]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """One receiver."""
    async with listening() as one:
        yield one


@pytest.fixture
def start_hooks(start_service: Any, kafka_servers: str) -> Callable[..., Awaitable[RunningService]]:
    """Starts the service: `await start_hooks(role="api", DELIVERY_SLOTS="4")`."""

    async def start(role: str = "all", **environment: str) -> RunningService:
        service: RunningService = await start_service(
            main.make, PACKAGE, role, **{**ENVIRONMENT, **environment}
        )
        return service

    return start


@pytest.fixture
async def hooks(start_hooks: Any) -> RunningService:
    """The service with its workers."""
    service: RunningService = await start_hooks()
    return service


@pytest.fixture
async def client(hooks: RunningService, a_principal: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a workspace of its own."""
    async with hooks.client(a_principal()) as one:
        yield one


@pytest.fixture
async def api(start_hooks: Any) -> RunningService:
    """The service without its workers."""
    service: RunningService = await start_hooks(role="api")
    return service


@pytest.fixture
async def api_client(api: RunningService, a_principal: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a workspace of its own, where nothing is delivered."""
    async with api.client(a_principal()) as one:
        yield one


async def an_endpoint(client: httpx.AsyncClient, url: str, **settings: Any) -> dict[str, Any]:
    """An endpoint that hears everything unless told otherwise."""
    reply = await client.post("/v1/webhook-endpoints", json={"url": url, "event_types": ["*"], **settings})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def a_message(
    client: httpx.AsyncClient, event_type: str = "order.packed", **body: Any
) -> dict[str, Any]:
    """A published message."""
    reply = await client.post("/v1/messages", json={"event_type": event_type, "data": {"number": 7}, **body})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def listed(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """The rows of a list."""
    reply = await client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["data"])


async def are(client: httpx.AsyncClient, *states: str, **query: Any) -> bool:
    """Whether the workspace's deliveries are in these states, in any order."""
    found = await listed(client, "/v1/deliveries", **query)
    return sorted(one["state"] for one in found) == sorted(states)


async def fetch(databases: Any, sql: str) -> list[Any]:
    """Rows as the administrator sees them."""
    connection = await asyncpg.connect(databases.admin_dsn)
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


async def hang(request: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.sleep(60)
    return web.Response()
