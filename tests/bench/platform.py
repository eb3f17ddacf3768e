"""The platform under load: started as `make up` starts it, with its defaults and with fsync."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from deploy.local.paths import REPOSITORY
from deploy.local.state import temporary_state
from shared.http.internal_auth import InternalTokens, Principal
from tests.bench import processes

# Limits guard one key from taking all of a machine, which is what is measured here. They are still counted.
WITHOUT_LIMITS = dict.fromkeys(
    ("KEY_REQUESTS_PER_SECOND", "KEY_REQUESTS_BURST", "WORKSPACE_REQUESTS_IN_FLIGHT"), "1000000"
)
POLL_SECONDS = 0.25
# So long nothing may move for it to be over; and so much of that still belongs to what was done.
STILL_SECONDS, TAIL_SECONDS = 1.5, 0.25
SETTLE_TIMEOUT_SECONDS = 300
STOP_SECONDS = 90
_WAITING = "SELECT EXISTS (SELECT FROM {}.outbox)"
_OUTBOXES = "SELECT schemaname FROM pg_tables WHERE tablename = 'outbox'"


@dataclass(frozen=True, slots=True)
class Settled:
    """When the last of what was asked for had happened, and what all processes had cost until then."""

    at: float
    cpu: dict[str, float]
    cpu_at: float


@dataclass
class Platform:
    """Where it is, and who asks."""

    checkout: Path
    state: Path
    database: asyncpg.Connection
    waiting: str
    session: aiohttp.ClientSession
    workspace_id: str = ""
    api_key: str = ""

    @property
    def name(self) -> str:
        """How it is called where there are several."""
        return self.checkout.name

    @property
    def facts(self) -> dict[str, Any]:
        """What `stack.json` says now: a process that was started again has another number."""
        found: dict[str, Any] = json.loads((self.state / "stack.json").read_text())
        return found

    @property
    def secrets(self) -> dict[str, Any]:
        """The passwords of this stack."""
        found: dict[str, Any] = json.loads((self.state / "secrets.json").read_text())
        return found

    def url(self, name: str) -> str:
        """The address of a process."""
        port = next(process["port"] for process in self.facts["processes"] if process["name"] == name)
        return f"http://127.0.0.1:{port}"

    @property
    def token(self) -> str:
        """An internal token of the workspace, for asking a service past the gateway."""
        tokens = InternalTokens(self.secrets["internal_token_secret"])
        return tokens.sign(Principal(UUID(self.workspace_id), "bench"))

    @property
    def pids(self) -> dict[str, int]:
        """Each process of the platform by its name."""
        return {process["name"]: process["pid"] for process in self.facts["processes"]}

    def cpu_seconds(self) -> dict[str, float]:
        """What each process has cost since it began."""
        return processes.cpu_seconds(self.pids)

    async def new_workspace(self, sink_url: str | None = None) -> "Workspace":
        """A live workspace with a key, and where a sink is named an endpoint that wants every event."""
        admin = {"authorization": f"Bearer {self.facts['admin_token']}"}
        body = {"slug": f"bench-{time.time_ns()}", "name": "Bench", "mode": "live"}
        made = await self.post("/v1/workspaces", body, admin)
        workspace = Workspace(self, made["id"], made["api_key"]["key"])
        if sink_url:
            await workspace.listen(sink_url)
        return workspace

    async def post(self, path: str, body: object, headers: Mapping[str, str]) -> Any:
        """A reply of the gateway; raises AssertionError with what it says otherwise."""
        async with self.session.post(self.facts["gateway_url"] + path, json=body, headers=headers) as reply:
            answer = await reply.json(content_type=None)
            assert reply.status < 300, f"{path} {reply.status} {answer}"
            return answer

    async def settled(self, sink_url: str) -> Settled:
        """Once outboxes are empty and nothing arrives any more; raises TimeoutError."""
        seen, moved_at = -1, time.perf_counter()
        samples: list[tuple[float, dict[str, float]]] = []
        async with asyncio.timeout(SETTLE_TIMEOUT_SECONDS):
            while time.perf_counter() < moved_at + STILL_SECONDS:
                count = await self._arrived(sink_url)
                now = time.perf_counter()
                if count != seen or await self.database.fetchval(self.waiting):
                    seen, moved_at, samples = count, now, []
                samples.append((time.perf_counter(), self.cpu_seconds()))
                await asyncio.sleep(POLL_SECONDS)
        cpu_at, cpu = next(sample for sample in samples if sample[0] >= moved_at + TAIL_SECONDS)
        return Settled(moved_at, cpu, cpu_at)

    async def _arrived(self, sink_url: str) -> int:
        async with self.session.get(f"{sink_url}/count") as reply:
            return int(json.loads(await reply.read())["count"])


@dataclass(frozen=True, slots=True)
class Workspace:
    """One customer of the platform."""

    platform: Platform
    id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """Who asks."""
        return {"x-api-key": self.key}

    async def post(self, path: str, body: object) -> Any:
        """A reply of the gateway."""
        return await self.platform.post(path, body, self.headers)

    async def listen(self, url: str) -> None:
        """An endpoint with the defaults of endpoints, which wants every event."""
        await self.post("/v1/webhook-endpoints", {"url": url, "event_types": ["*"]})


@contextlib.asynccontextmanager
async def running(repository: Path = REPOSITORY) -> AsyncIterator[Platform]:
    """Start the platform of a checkout in a folder of its own, with fsync, and stop it at the end."""
    with temporary_state() as state:
        options = ["--state", str(state), "--gateway-port", "0", "--quiet"]
        environment = {**os.environ, **WITHOUT_LIMITS, "PYTHONPATH": str(repository)}
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.up", *options], env=environment, cwd=repository
        )
        try:
            while not (state / "stack.json").exists():
                if process.poll() is not None:
                    raise SystemExit(f"the platform of {repository} did not start")
                await asyncio.sleep(0.2)
            async with joined(state, repository) as platform:
                yield platform
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


@contextlib.asynccontextmanager
async def joined(state: Path, checkout: Path = REPOSITORY) -> AsyncIterator[Platform]:
    """The platform that runs in this folder, as it is."""
    facts = json.loads((state / "stack.json").read_text())
    database = await asyncpg.connect(facts["postgres_dsn"])
    try:
        schemas = [row["schemaname"] for row in await database.fetch(_OUTBOXES)]
        waiting = "SELECT " + " OR ".join(f"({_WAITING.format(schema)})" for schema in schemas)
        async with aiohttp.ClientSession() as session:
            platform = Platform(checkout, state, database, waiting, session)
            workspace = await platform.new_workspace()
            platform.workspace_id, platform.api_key = workspace.id, workspace.key
            yield platform
    finally:
        await database.close()
