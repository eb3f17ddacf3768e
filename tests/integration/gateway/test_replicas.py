"""Two real processes: a key that is revoked at one opens nothing at the other, and one leaves unnoticed."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
from starlette.types import Receive, Send

from deploy.local.ports import free_port
from shared.testing.eventually import eventually
from tests.conftest import Databases, environment_of
from tests.integration.gateway.conftest import ADMIN, settings_of
from tests.integration.gateway.upstreams import Upstream

CACHE_SECONDS = 2.0
DRAIN_SECONDS = 2.0
CLIENTS = 6


@dataclass
class Replica:
    """A gateway as a process."""

    url: str
    process: subprocess.Popen[bytes]

    async def is_ready(self) -> bool:
        """Whether it takes work, as a balancer would ask."""
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"{self.url}/readyz", timeout=2)).status_code == 200
            except httpx.TransportError:
                return False


@contextlib.asynccontextmanager
async def _running(count: int, environment: dict[str, str]) -> AsyncIterator[list[Replica]]:
    replicas = []
    try:
        for _ in range(count):
            port = free_port()
            process = subprocess.Popen(
                [sys.executable, "-m", "services.gateway.main", "--role", "api"],
                env={**os.environ, **environment, "PORT": str(port)},
                stdout=subprocess.DEVNULL,
            )
            replicas.append(Replica(f"http://127.0.0.1:{port}", process))
        for replica in replicas:
            await eventually(replica.is_ready, timeout_seconds=60)
        yield replicas
    finally:
        for replica in replicas:
            replica.process.kill()
            replica.process.wait(10)


async def test_two_processes_agree_on_keys_and_one_leaves_without_a_failed_request(
    behind: dict[str, Upstream], databases: Databases
) -> None:
    environment = {
        **environment_of(databases, "gateway"),
        **settings_of(behind),
        "POSTGRES_POOL_MAX": "3",
        "CREDENTIAL_CACHE_SECONDS": str(CACHE_SECONDS),
        "DRAIN_SECONDS": str(DRAIN_SECONDS),
    }
    behind["invoice"].behaviours["GET /v1/contacts"] = _taking_its_time
    behind["invoice"].behaviours["POST /v1/contacts"] = _taking_its_time
    async with _running(2, environment) as (staying, leaving), httpx.AsyncClient() as client:
        made = await client.post(
            f"{staying.url}/v1/workspaces",
            json={"slug": "acme", "name": "Acme", "mode": "live"},
            headers={"authorization": f"Bearer {ADMIN}"},
        )
        key = {"x-api-key": made.json()["api_key"]["key"]}

        seconds = await _seconds_until_refused(client, staying, leaving, key)
        answers = await _load_while_one_leaves(staying, leaving, key)
        code = await asyncio.to_thread(leaving.process.wait, 30)

    assert seconds < 30
    assert {status for _, status in answers} == {200}
    assert {url for url, _ in answers} == {staying.url, leaving.url}
    assert code == 0


async def _taking_its_time(_: Receive, send: Send) -> None:
    await asyncio.sleep(0.05)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def _seconds_until_refused(
    client: httpx.AsyncClient, one: Replica, other: Replica, owner: dict[str, str]
) -> float:
    """How long a key that is revoked at one replica still opens the other, which has just seen it good."""
    made = (await client.post(f"{one.url}/v1/api-keys", json={"name": "x"}, headers=owner)).json()
    key = {"x-api-key": made["key"]}
    assert (await client.get(f"{other.url}/v1/api-keys", headers=key)).status_code == 200
    await client.delete(f"{one.url}/v1/api-keys/{made['id']}", headers=owner)
    revoked_at = time.monotonic()
    assert (await client.get(f"{one.url}/v1/api-keys", headers=key)).status_code == 401

    async def is_refused() -> bool:
        return (await client.get(f"{other.url}/v1/api-keys", headers=key)).status_code == 401

    await eventually(is_refused, timeout_seconds=30)
    return time.monotonic() - revoked_at


async def _load_while_one_leaves(
    staying: Replica, leaving: Replica, key: dict[str, str]
) -> list[tuple[str, int]]:
    """The answers to clients that ask, over kept connections, whichever replicas are ready."""
    ready, answers, is_over = [staying, leaving], [], asyncio.Event()

    async def balance() -> None:
        while not is_over.is_set():
            ready[:] = [replica for replica in (staying, leaving) if await replica.is_ready()] or [staying]
            await asyncio.sleep(0.1)

    async def ask(number: int) -> None:
        async with httpx.AsyncClient(headers=key) as client:
            while not is_over.is_set():
                number += 1
                url = ready[number % len(ready)].url
                method = "POST" if number % 3 == 0 else "GET"
                answers.append((url, (await client.request(method, f"{url}/v1/contacts")).status_code))

    tasks = [asyncio.create_task(balance()), *(asyncio.create_task(ask(number)) for number in range(CLIENTS))]
    await asyncio.sleep(0.5)
    leaving.process.send_signal(signal.SIGTERM)
    await eventually(lambda: leaving.process.poll() is not None, timeout_seconds=30)
    await asyncio.sleep(0.2)
    is_over.set()
    await asyncio.gather(*tasks)
    return answers
