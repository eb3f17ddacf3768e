"""The platform under load: started as `make up` starts it, with a workspace that has invoices to pay."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp import web

from deploy.local.state import temporary_state
from shared.http.internal_auth import InternalTokens, Principal

INVOICES = 1000
# One key asks for as much as the machine can do.
WITHOUT_LIMITS = dict.fromkeys(
    ("KEY_REQUESTS_PER_SECOND", "KEY_REQUESTS_BURST", "WORKSPACE_REQUESTS_IN_FLIGHT"), "1000000"
)


@dataclass
class Platform:
    """Where it is, and who asks."""

    facts: dict[str, Any]
    secrets: dict[str, Any]
    invoices: list[str] = field(default_factory=list)
    arrivals: dict[str, float] = field(default_factory=dict)
    workspace_id: str = ""
    api_key: str = ""

    def url(self, name: str) -> str:
        """The address of a process."""
        port = next(process["port"] for process in self.facts["processes"] if process["name"] == name)
        return f"http://127.0.0.1:{port}"

    @property
    def token(self) -> str:
        """An internal token of the workspace, for asking a service past the gateway."""
        tokens = InternalTokens(self.secrets["internal_token_secret"])
        return tokens.sign(Principal(UUID(self.workspace_id), "bench"))

    def payments(self) -> Iterator[bytes]:
        """Bodies that pay one cent on one invoice after another."""
        for invoice_id in itertools.cycle(self.invoices):
            yield json.dumps({"invoice_id": invoice_id, "amount_minor": 1}).encode()


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Platform]:
    """Start the platform in a folder of its own, with fsync, and stop it at the end."""
    with temporary_state() as state:
        async with _running(state) as platform:
            yield platform


@contextlib.asynccontextmanager
async def _running(state: Path) -> AsyncIterator[Platform]:
    options = ["--state", str(state), "--gateway-port", "0", "--quiet", "--log-level", "WARNING"]
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.local.up", *options], env={**os.environ, **WITHOUT_LIMITS}
    )
    try:
        while not (state / "stack.json").exists():
            if process.poll() is not None:
                raise SystemExit("the platform did not start")
            time.sleep(0.2)
        secrets = json.loads((state / "secrets.json").read_text())
        platform = Platform(json.loads((state / "stack.json").read_text()), secrets)
        async with _receiver(platform) as hook:
            await _fill(platform, hook)
            yield platform
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)


@contextlib.asynccontextmanager
async def _receiver(platform: Platform) -> AsyncIterator[str]:
    async def take(request: web.Request) -> web.Response:
        data = json.loads(await request.read())["data"]
        platform.arrivals.setdefault(data["id"], time.perf_counter())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def _fill(platform: Platform, hook: str) -> None:
    gateway = platform.facts["gateway_url"]
    slug = f"bench-{time.time_ns()}"
    async with aiohttp.ClientSession(gateway) as session:
        admin = {"authorization": f"Bearer {platform.facts['admin_token']}"}
        made = await _post(session, "/v1/workspaces", {"slug": slug, "name": "Bench", "mode": "live"}, admin)
        platform.workspace_id, platform.api_key = made["id"], made["api_key"]["key"]
        key = {"x-api-key": platform.api_key}
        await _post(session, "/v1/webhook-endpoints", {"url": hook, "event_types": ["payment.created"]}, key)
        contact = await _post(session, "/v1/contacts", {"name": "Bench"}, key)
        for _ in range(INVOICES):
            line = {"description": "Work", "quantity": 1, "unit_price": 10_000_000}
            body = {"contact_id": contact["id"], "status": "open", "lines": [line]}
            platform.invoices.append((await _post(session, "/v1/invoices", body, key))["id"])


async def _post(session: aiohttp.ClientSession, path: str, body: Any, headers: dict[str, str]) -> Any:
    async with session.post(path, json=body, headers=headers) as reply:
        answer = await reply.json()
        assert reply.status == 201, answer
        return answer
