"""A load generator that costs little: keep-alive connections that write ready-made requests."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Result:
    """What a run of requests came to; latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile_ms(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests stayed within."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    def facts(self) -> dict[str, Any]:
        """The figures, for the table and the JSON file."""
        return {
            "requests": len(self.latencies),
            "per_second": round(self.per_second, 1),
            "p50_ms": round(self.quantile_ms(0.5), 2),
            "p99_ms": round(self.quantile_ms(0.99), 2),
            "failures": len(self.failures),
            "first_failure": self.failures[0] if self.failures else None,
        }


class Connection:
    """One keep-alive HTTP/1.1 connection; one request at a time."""

    def __init__(self, url: str, headers: dict[str, str], method: str = "POST") -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self._head = (
            f"{method} {target} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
        )
        self._head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._address, limit=2**20)

    async def post(self, body: bytes) -> tuple[int, bytes]:
        """Send the body; the status and the reply's body."""
        self._writer.write(f"{self._head}content-length: {len(body)}\r\n\r\n".encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lowered = head.lower()
        at = lowered.index(b"content-length:") + 15
        length = int(lowered[at : lowered.index(b"\r\n", at)])
        return status, await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


Heard = Callable[[float, dict[str, Any]], Coroutine[Any, Any, None]]


async def run(
    url: str,
    headers: dict[str, str],
    bodies: Iterator[bytes],
    clients: int,
    seconds: float,
    per_second: float | None = None,
    heard: Heard | None = None,
    heard_every: int = 1,
    method: str = "POST",
) -> Result:
    """Ask for so long with so many clients, at full speed or at a given rate; `heard` sees some replies."""
    result = Result()
    connections = [Connection(url, headers, method) for _ in range(clients)]
    await asyncio.gather(*(connection.open() for connection in connections))
    started = time.perf_counter()
    slots = itertools.count()
    extra: list[asyncio.Task[None]] = []

    async def client(connection: Connection) -> None:
        while (now := time.perf_counter()) - started < seconds:
            slot = next(slots)
            if per_second and (due := started + slot / per_second) > now:
                await asyncio.sleep(due - now)
            began = time.perf_counter()
            status, reply = await connection.post(next(bodies))
            ended = time.perf_counter()
            if status >= 300:
                result.failures.append(reply.decode("utf-8", "replace")[:300])
                continue
            result.latencies.append(ended - began)
            if heard and slot % heard_every == 0:
                extra.append(asyncio.create_task(heard(ended, json.loads(reply))))

    await asyncio.gather(*(client(connection) for connection in connections))
    result.seconds = time.perf_counter() - started
    await asyncio.gather(*extra)
    for connection in connections:
        connection.close()
    return result
