"""Webhooks of 1 KB to a sink on this machine: rate, latency, CPU, and how one that hangs slows the others."""

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from aiokafka import AIOKafkaProducer

from shared.http.internal_auth import InternalTokens, Principal
from shared.kernel.ids import new_id
from tests.bench import load
from tests.bench.platform import Platform

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "20000"))
BODY_BYTES = 1_024
TYPE = "quote.updated"
TEMPLATE = Path(__file__).parents[1] / "contract" / "corpus" / f"{TYPE}.v1.json"
IDLE_SECONDS = 5
ISOLATION_PER_SECOND, ISOLATION_SECONDS = 400, 20
TICKS = os.sysconf("SC_CLK_TCK")
ARRIVE_TIMEOUT_SECONDS = 300
HEADS_EVERY = 2_000


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """Throughput by ingest and number of endpoints; latency at a steady rate; isolation."""
    with sink() as url:
        bench = Bench(platform, url)
        idle = await bench.idle()
        rates = []
        for endpoint_count in (1, 100):
            rates.append(await bench.through_kafka(endpoint_count, idle))
            rates.append(await bench.through_http(endpoint_count, idle))
        return {
            f"{MESSAGES} messages of {BODY_BYTES} bytes to a local sink": rates,
            "accept → arrival at a steady rate, 100 endpoints": [await bench.steadily(500)],
            "99 endpoints, without and with one more that hangs for 15 s": await bench.isolation(),
        }


@contextlib.contextmanager
def sink() -> Iterator[str]:
    """A sink in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


@dataclass
class Bench:
    """The platform, the sink, and workspaces that were made for one measurement."""

    platform: Platform
    sink_url: str
    workspaces: list[str] = field(default_factory=list)

    async def idle(self) -> tuple[float, float]:
        """CPU seconds a second of service and Postgres while nothing happens."""
        before, started = self._cpu_seconds(), time.monotonic()
        await asyncio.sleep(IDLE_SECONDS)
        after, seconds = self._cpu_seconds(), time.monotonic() - started
        return (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds

    async def through_kafka(self, endpoint_count: int, idle: tuple[float, float]) -> dict[str, Any]:
        """Events as fast as Kafka takes them."""
        async with self._prepared(endpoint_count), self._producer() as producer:
            began = self._begin()
            await self._produce(producer, MESSAGES)
            return await self._row("kafka", endpoint_count, began, idle)

    async def through_http(self, endpoint_count: int, idle: tuple[float, float]) -> dict[str, Any]:
        """Messages as fast as 16 clients can publish them."""
        async with self._prepared(endpoint_count):
            began = self._begin()
            await self._publish(MESSAGES, None)
            return await self._row("http", endpoint_count, began, idle)

    async def steadily(self, per_second: float) -> dict[str, Any]:
        """Published over HTTP at a rate that leaves room."""
        async with self._prepared(100):
            count = int(per_second * 20)
            await self._publish(count, per_second)
            latencies = await self._arrivals(count)
        return {"per_second": per_second, **_quantiles(latencies), "missing": count - len(latencies)}

    async def isolation(self) -> list[dict[str, Any]]:
        """The latencies of 99 endpoints alone, and beside one that hangs."""
        rows = []
        for has_hanging in (False, True, False, True):
            async with self._prepared(100, "/hang" if has_hanging else None):
                count = ISOLATION_PER_SECOND * ISOLATION_SECONDS
                await self._publish(count, ISOLATION_PER_SECOND)
                latencies = await self._arrivals(count * 99 // 100)
            rows.append({"one_hangs": has_hanging, "arrived": len(latencies), **_quantiles(latencies)})
        return rows

    @contextlib.asynccontextmanager
    async def _prepared(self, endpoint_count: int, first_path: str | None = None) -> AsyncIterator[None]:
        self.workspaces = [str(new_id()) for _ in range(endpoint_count)]
        made = []
        async with aiohttp.ClientSession(self.platform.url("webhook-delivery")) as session:
            for number, workspace_id in enumerate(self.workspaces):
                path = first_path if first_path and number == 0 else "/"
                body = {"url": self.sink_url + path, "event_types": ["*"], "max_concurrency": 64}
                headers = {"authorization": f"Bearer {self._token(workspace_id)}"}
                async with session.post("/v1/webhook-endpoints", json=body, headers=headers) as reply:
                    made.append((await reply.json())["id"])
                    assert reply.status == 201
        await self._taken()
        yield
        async with aiohttp.ClientSession(self.platform.url("webhook-delivery")) as session:
            for workspace_id, endpoint_id in zip(self.workspaces, made, strict=True):
                headers = {"authorization": f"Bearer {self._token(workspace_id)}"}
                await session.delete(f"/v1/webhook-endpoints/{endpoint_id}", headers=headers)

    @contextlib.asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.platform.facts["kafka_bootstrap_servers"], linger_ms=5, acks="all"
        )
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def _produce(self, producer: AIOKafkaProducer, count: int) -> None:
        envelope = json.loads(TEMPLATE.read_text())
        envelope["data"] |= {"lines": [], "tax_breakdown": [], "notes": ""}
        envelope["data"]["notes"] = "x" * max(0, BODY_BYTES - len(json.dumps(envelope["data"])))
        sends = []
        for number in range(count):
            workspace_id, subject = self.workspaces[number % len(self.workspaces)], str(new_id())
            envelope |= {"id": str(new_id()), "workspaceid": workspace_id, "subject": subject}
            envelope["data"]["id"] = subject
            headers = [("ce_type", TYPE.encode()), ("ce_workspaceid", workspace_id.encode())]
            sends.append(
                await producer.send(
                    TYPE, json.dumps(envelope).encode(), key=subject.encode(), headers=headers
                )
            )
        await asyncio.gather(*sends)

    async def _publish(self, count: int, per_second: float | None) -> None:
        url = f"{self.platform.url('webhook-delivery')}/v1/messages"
        body = json.dumps({"event_type": TYPE, "data": {"text": "x" * (BODY_BYTES - 100)}}).encode()
        clients = [load.Connection(url, {}) for _ in range(16)]
        await asyncio.gather(*(client.open() for client in clients))
        numbers, started = itertools.count(), time.monotonic()
        heads: dict[str, str] = {}

        async def work(client: load.Connection) -> None:
            while (number := next(numbers)) < count:
                if number % HEADS_EVERY == 0:
                    # Tokens live for a minute.
                    heads.update({id_: self._head(url, id_) for id_ in self.workspaces})
                if per_second and (wait := started + number / per_second - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                client._head = heads[self.workspaces[number % len(self.workspaces)]]
                status, reply = await client.post(body)
                assert status == 201, reply

        await asyncio.gather(*(work(client) for client in clients))
        for client in clients:
            client.close()

    def _head(self, url: str, workspace_id: str) -> str:
        return load.Connection(url, {"authorization": f"Bearer {self._token(workspace_id)}"})._head

    def _token(self, workspace_id: str) -> str:
        tokens = InternalTokens(self.platform.secrets["internal_token_secret"])
        return tokens.sign(Principal(UUID(workspace_id), "bench"))

    def _begin(self) -> tuple[float, tuple[float, float]]:
        return time.time(), self._cpu_seconds()

    async def _row(
        self,
        ingest: str,
        endpoint_count: int,
        began: tuple[float, tuple[float, float]],
        idle: tuple[float, float],
    ) -> dict[str, Any]:
        latencies = await self._arrivals(MESSAGES)
        seconds = max(self._last_arrival - began[0], 0.001)
        passed, now = time.time() - began[0], self._cpu_seconds()
        service, postgres = (now[n] - began[1][n] - idle[n] * passed for n in (0, 1))
        return {
            "ingest": ingest,
            "endpoints": endpoint_count,
            "per_second": round(MESSAGES / seconds),
            **_quantiles(latencies),
            "cpu_s_per_1000": round((service + postgres) / MESSAGES * 1000, 3),
            "of_it_postgres": round(postgres / MESSAGES * 1000, 3),
            "missing": MESSAGES - len(latencies),
        }

    async def _arrivals(self, count: int) -> list[float]:
        """Seconds from acceptance (the millisecond in the id) to the first arrival, once all are there."""
        found: dict[str, list[float]] = {}
        deadline = time.monotonic() + ARRIVE_TIMEOUT_SECONDS
        while len(found) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            found |= await self._taken()
        self._last_arrival = max((times[-1] for times in found.values()), default=time.time())
        return [times[0] - _accepted_at(webhook_id) for webhook_id, times in found.items()]

    async def _taken(self) -> dict[str, list[float]]:
        async with aiohttp.ClientSession(self.sink_url) as session, session.get("/arrivals") as reply:
            return dict(json.loads(await reply.read()))

    def _cpu_seconds(self) -> tuple[float, float]:
        """Of the service, and of Postgres with all its processes, the ended ones included."""
        pids = {process["name"]: process["pid"] for process in self.platform.facts["processes"]}
        service = _ticks(pids["webhook-delivery"], with_children=False)
        return service / TICKS, _ticks(pids["postgres"], with_children=True) / TICKS


def _ticks(pid: int, *, with_children: bool) -> int:
    fields = _stat(pid)
    if not with_children:
        return sum(map(int, fields[11:13]))
    alive = [child for child in _children(pid) if child]
    return sum(map(int, fields[11:15])) + sum(sum(map(int, child[11:13])) for child in alive)


def _children(pid: int) -> list[list[str]]:
    stats = [_stat(int(name)) for name in os.listdir("/proc") if name.isdigit()]
    return [fields for fields in stats if fields and fields[1] == str(pid)]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _accepted_at(webhook_id: str) -> float:
    return (UUID(webhook_id.removeprefix("msg_")).int >> 80) / 1000


def _quantiles(seconds: list[float]) -> dict[str, Any]:
    result = load.Result(latencies=[max(0.0, one) for one in seconds])
    return {"p50_ms": round(result.quantile_ms(0.5), 1), "p99_ms": round(result.quantile_ms(0.99), 1)}
