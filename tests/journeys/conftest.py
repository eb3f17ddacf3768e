"""The whole platform as its own processes, and what a customer of it has: a workspace, a key, a receiver."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from deploy.local.started import started_stack
from deploy.local.state import temporary_state
from shared.kernel.ids import new_id
from tests.collector import Collector, collecting

MakeWorkspace: TypeAlias = Callable[..., Awaitable[httpx.AsyncClient]]


@dataclass(frozen=True)
class Stack:
    """A running platform, as its stack.json tells of it."""

    file: Path

    @property
    def facts(self) -> dict[str, Any]:
        """What stack.json says now."""
        facts: dict[str, Any] = json.loads(self.file.read_text())
        return facts

    def __getattr__(self, name: str) -> Any:
        return self.facts[name]

    def pid(self, name: str) -> int:
        """The pid of a process by its name."""
        pid: int = next(process["pid"] for process in self.facts["processes"] if process["name"] == name)
        return pid

    def kill(self, name: str) -> int:
        """End a process without warning; returns the pid that it had."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid


@dataclass
class Receiver:
    """An integrator's webhook endpoint; keeps what arrives, verified or not."""

    url: str = ""
    secret: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.raw.append((dict(request.headers), body))
        self.messages.append({"id": request.headers["webhook-id"], **json.loads(body)})
        return web.Response(status=204)

    def verified(self) -> list[dict[str, Any]]:
        """Every body, its signature checked by the reference library; raises where one is wrong."""
        webhook = Webhook(self.secret)
        return [
            webhook.verify(body, {k.lower(): v for k, v in headers.items()}) for headers, body in self.raw
        ]

    def of_type(self, type_: str) -> list[dict[str, Any]]:
        """The messages of one type."""
        return [message for message in self.messages if message["type"] == type_]


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Takes the spans of the platform: of requests alone whose caller asked for it."""
    with collecting() as collector, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        patch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        yield collector


@pytest.fixture(scope="session")
def stack(collector: Collector) -> Iterator[Stack]:
    """The platform, started as `make up` starts it, with Postgres as safe as in production."""
    with temporary_state() as state, _sparing_the_cores(), started_stack(state, is_fast=False) as file:
        stack = Stack(file)
        yield stack
        assert money_faults(stack) == []


@contextlib.contextmanager
def _sparing_the_cores() -> Iterator[None]:
    """What is started in here works as ever, but leaves more of few cores to others."""
    with pytest.MonkeyPatch.context() as patch:
        # C2 would compile, for half of Kafka's work here, what ends in a few minutes.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
        # An idle consumer asks four times a second, not sixteen; whatever there is comes at once.
        patch.setenv("KAFKA_FETCH_MIN_BYTES", "1")
        patch.setenv("KAFKA_FETCH_WAIT_MS", "250")
        yield


def money_faults(stack: Stack) -> list[str]:
    """What `prove` finds wrong with the money of every workspace of this platform."""
    secrets = json.loads((stack.file.parent / "secrets.json").read_text())
    address = stack.postgres_dsn.rpartition("@")[2]
    dsn = f"postgresql://payment_worker:{secrets['postgres_role_password']}@{address}"
    done = subprocess.run(
        [sys.executable, "-m", "services.payment.main", "prove"],
        env=os.environ | {"POSTGRES_WORKER_DSN": dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "checked" in done.stdout, done.stderr
    faults = [line for line in done.stdout.splitlines() if line.startswith("FAULT")]
    assert bool(faults) == bool(done.returncode)
    return faults


@pytest.fixture
async def make_workspace(stack: Stack) -> AsyncIterator[MakeWorkspace]:
    """Makes workspaces: `await make_workspace(mode="sandbox")` → a client with its key."""
    clients: list[httpx.AsyncClient] = []

    async def make(**fields: Any) -> httpx.AsyncClient:
        body = {"slug": f"t-{new_id().hex[-20:]}", "name": "Test", "mode": "live", **fields}
        async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=30) as admin:
            reply = await admin.post(
                "/v1/workspaces", json=body, headers={"authorization": f"Bearer {stack.admin_token}"}
            )
        assert reply.status_code == 201, reply.text
        headers = {"x-api-key": reply.json()["api_key"]["key"]}
        clients.append(httpx.AsyncClient(base_url=stack.gateway_url, headers=headers, timeout=30))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def client(make_workspace: MakeWorkspace) -> httpx.AsyncClient:
    """A client of a new workspace."""
    return await make_workspace()


@pytest.fixture
async def receiver(client: httpx.AsyncClient) -> AsyncIterator[Receiver]:
    """A webhook endpoint of the client's workspace that hears everything."""
    async with receiving(client) as receiver:
        yield receiver


@contextlib.asynccontextmanager
async def receiving(client: httpx.AsyncClient) -> AsyncIterator[Receiver]:
    """The same for the workspace of any client."""
    receiver = Receiver()
    app = web.Application(client_max_size=2**21)
    app.router.add_post("/hooks", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/hooks"
    reply = await client.post("/v1/webhook-endpoints", json={"url": receiver.url, "event_types": ["*"]})
    assert reply.status_code == 201, reply.text
    receiver.secret = reply.json()["secret"]
    try:
        yield receiver
    finally:
        await runner.cleanup()


async def a_contact(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A contact, created."""
    return await created(client, "/v1/contacts", {"name": "Acme BV", "email": "info@acme.nl", **fields})


async def an_invoice(client: httpx.AsyncClient, total: str = "339.00", **fields: Any) -> dict[str, Any]:
    """An open invoice of this total, without tax."""
    contact_id = fields.pop("contact_id", None) or (await a_contact(client))["id"]
    lines = [{"description": "Work", "quantity": 1, "unit_price": total}]
    return await created(
        client, "/v1/invoices", {"contact_id": contact_id, "status": "open", "lines": lines, **fields}
    )


async def created(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a POST that must succeed answers."""
    reply = await client.post(path, json=body)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def until_status(
    client: httpx.AsyncClient, invoice_id: str, status: str, seconds: float = 20
) -> dict[str, Any]:
    """The invoice, once it has this status."""
    deadline = time.monotonic() + seconds
    while True:
        reply = await client.get(f"/v1/invoices/{invoice_id}")
        if reply.status_code == 200 and reply.json()["status"] == status:
            found: dict[str, Any] = reply.json()
            return found
        assert time.monotonic() < deadline, reply.text
        await asyncio.sleep(0.05)


async def advanced(client: httpx.AsyncClient, to: datetime, seconds: float = 120) -> dict[str, Any]:
    """The sandbox's clock, moved to the instant: all that fell due until then is done."""
    reply = await client.post("/v1/sandbox/clock/advance", json={"to": to.isoformat()})
    assert reply.status_code == 202, reply.text
    deadline = time.monotonic() + seconds
    while True:
        clock: dict[str, Any] = (await client.get("/v1/sandbox/clock")).json()
        if clock["target"] is None:
            return clock
        assert time.monotonic() < deadline, clock
        await asyncio.sleep(0.05)
