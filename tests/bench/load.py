"""A load generator that costs little: keep-alive connections that write ready-made requests.

It asks this machine only, so many times at most and so long at most: a mistyped address floods nobody.
"""

import asyncio
import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

MOST_REQUESTS, MOST_SECONDS = 1_000_000, 600
REPLY_SECONDS = 60
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes over the wire, and whom it is from."""

    url: str
    headers: dict[str, str]
    body: bytes = b""
    method: str = "POST"

    def wire(self) -> bytes:
        """Head and body."""
        parts = urlsplit(self.url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        lines = [f"{self.method} {target} HTTP/1.1", f"host: {parts.netloc}"]
        headers = {"content-type": "application/json", **self.headers, "content-length": str(len(self.body))}
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(slots=True)
class Result:
    """What a run of requests came to; latencies in seconds, replies in the order in which they came."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0


def quantile_ms(seconds: list[float], share: float) -> float:
    """The milliseconds that this share of them stayed within; 0 of none."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def content_length(head: bytes) -> int:
    """What the head says; 0 where it says nothing."""
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


class Connection(asyncio.Protocol):
    """One keep-alive HTTP/1.1 connection; one request at a time."""

    def __init__(self, url: str) -> None:
        self._host, self._port = loopback(url)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = b""

    async def ask(self, wire: bytes) -> tuple[int, bytes]:
        """Send a request as it goes over the wire; the status and the reply's body."""
        if self._transport is None or self._transport.is_closing():
            await asyncio.get_running_loop().create_connection(lambda: self, self._host, self._port)
        assert self._transport
        self._waiter, self._received = asyncio.get_running_loop().create_future(), b""
        self._transport.write(wire)
        return await asyncio.wait_for(self._waiter, REPLY_SECONDS)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._waiter is None:
            return
        head, body = self._received[:end], self._received[end + 4 :]
        if _is_whole(head, body):
            self._answer(int(head[9:12]), body)
            if self._transport and _CLOSES.search(head):
                self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error or ConnectionResetError("the connection was closed"))

    def _answer(self, status: int, body: bytes) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result((status, body))


def _is_whole(head: bytes, body: bytes) -> bool:
    if head[9:12] == b"204":
        return True
    return body.endswith(b"0\r\n\r\n") if _CHUNKED.search(head) else len(body) >= content_length(head)


def loopback(url: str) -> tuple[str, int]:
    """Host and port; raises ValueError for what is not this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url!r} is no http:// address")
    port = parts.port or 80
    for *_, address in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(address[0]).is_loopback:
            raise ValueError(f"{parts.hostname} is another machine: load is put on this one only")
    return parts.hostname, port


Heard = Callable[[int, float, bytes], None]


async def run(
    requests: Iterator[bytes],
    url: str,
    *,
    clients: int,
    count: int,
    seconds: float = MOST_SECONDS,
    per_second: float | None = None,
    heard: Heard | None = None,
) -> Result:
    """Ask so often, with so many clients, at full speed or at a given rate, but no longer than `seconds`.

    `heard` is told each good reply: its number, when it was sent (time.time()), and its body.
    """
    count, seconds = min(count, MOST_REQUESTS), min(seconds, MOST_SECONDS)
    result, numbers = Result(), iter(range(count))
    connections = [Connection(url) for _ in range(clients)]
    started = time.perf_counter()

    async def client(connection: Connection) -> None:
        for number in numbers:
            now = time.perf_counter()
            if now - started > seconds:
                return
            if per_second and (due := started + number / per_second) > now:
                await asyncio.sleep(due - now)
            await _ask(connection, next(requests), number, result, heard)

    await asyncio.gather(*map(client, connections))
    result.seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return result


async def _ask(connection: Connection, wire: bytes, number: int, result: Result, heard: Heard | None) -> None:
    sent_at, began = time.time(), time.perf_counter()
    try:
        status, reply = await connection.ask(wire)
    except (OSError, TimeoutError) as error:
        result.failures.append(repr(error))
        return
    if status >= 300:
        result.failures.append(f"{status} {reply.decode('utf-8', 'replace')[:300]}")
        return
    result.latencies.append(time.perf_counter() - began)
    if heard:
        heard(number, sent_at, reply)
