"""What a request costs the process that asks: our HTTP/1.1 client beside aiohttp, same server, in turns.

Ours is worth its lines while it wins by a factor of two; below that, aiohttp takes its place.
"""

import asyncio
import contextlib
import itertools
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import uvloop

from services.webhook_delivery.deliveries.channels.http1 import Http1Transport
from services.webhook_delivery.deliveries.domain.request import Request
from shared.http.client import ServiceClient
from shared.kernel.addresses import Egress, networks

CLIENTS = (1, 16, 128)
ROUNDS = 5
REQUESTS = 2_000
WARM_UP_REQUESTS = 500
LEAST_RATIO = 2.0
REPLY = b'{"data": [%b]}' % b", ".join([b'"x"'] * 300)
HEADERS = {"authorization": "Bearer " + "t" * 300, "accept": "application/json", "x-request-id": "bench"}
WEBHOOK = Request(
    "",
    {"content-type": "application/json", "webhook-id": "msg_1", "webhook-signature": "v1," + "a" * 44},
    b'{"type": "invoice.issued", "data": "%b"}' % (b"x" * 1_000),
    timeout_seconds=5,
)
Ask = Callable[[], Awaitable[int]]


async def measure() -> dict[str, list[dict[str, Any]]]:
    """Microseconds of CPU for each request, by the median of the rounds, and aiohttp's as a multiple."""
    rows = []
    with _serving() as url:
        async with _ours(url) as ours, _theirs(url) as theirs:
            for what, clients in itertools.product(ours, CLIENTS):
                rows.append(
                    {
                        "request": what,
                        "clients": clients,
                        **await _compared(ours[what], theirs[what], clients),
                    }
                )
    return {f"CPU of a request, ours beside aiohttp (≥ {LEAST_RATIO})": rows}


async def _compared(ours: Ask, theirs: Ask, clients: int) -> dict[str, float]:
    costs: dict[Ask, list[float]] = {ours: [], theirs: []}
    for ask in costs:
        await _cost_us(ask, clients, WARM_UP_REQUESTS)
    for _ in range(ROUNDS):
        for ask, found in costs.items():
            found.append(await _cost_us(ask, clients, REQUESTS))
    mine, others = (statistics.median(found) for found in costs.values())
    return {"ours_us": round(mine, 1), "aiohttp_us": round(others, 1), "ratio": round(others / mine, 2)}


async def _cost_us(ask: Ask, clients: int, requests: int) -> float:
    left = iter(range(requests))

    async def client() -> None:
        for _ in left:
            assert await ask() == 200

    before = time.process_time()
    await asyncio.gather(*(client() for _ in range(clients)))
    return (time.process_time() - before) / requests * 1e6


@contextlib.asynccontextmanager
async def _ours(url: str) -> AsyncIterator[dict[str, Ask]]:
    service = ServiceClient("bench", url, timeout_seconds=5)
    transport = Http1Transport(Egress(networks(["127.0.0.0/8"]), allows_http=True), max_idle=256)
    webhook = Request(url + "/hook", WEBHOOK.headers, WEBHOOK.body, WEBHOOK.timeout_seconds)

    async def get() -> int:
        return (await service.ask("GET", "/v1/invoices/1", HEADERS)).status

    async def post() -> int:
        return (await transport.send(webhook)).status or 0

    yield {"GET of a service": get, "POST of a webhook": post}
    await service.close()
    await transport.close()


@contextlib.asynccontextmanager
async def _theirs(url: str) -> AsyncIterator[dict[str, Ask]]:
    """aiohttp without what it can do besides: no cookies, no unpacking, no proxies, no redirects."""
    session = aiohttp.ClientSession(
        url,
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=256),
        timeout=aiohttp.ClientTimeout(total=5),
    )

    async def get() -> int:
        async with session.get("/v1/invoices/1", headers=HEADERS, allow_redirects=False) as reply:
            await reply.read()
            return reply.status

    async def post() -> int:
        async with session.post(
            "/hook", data=WEBHOOK.body, headers=WEBHOOK.headers, allow_redirects=False
        ) as reply:
            await reply.read()
            return reply.status

    yield {"GET of a service": get, "POST of a webhook": post}
    await session.close()


@contextlib.contextmanager
def _serving() -> Any:
    """A server in a process of its own, so that its CPU is not counted; gives its address."""
    context = multiprocessing.get_context("spawn")
    ports: Any = context.Queue()
    process = context.Process(target=_serve, args=(ports,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ports.get(timeout=30)}"
    finally:
        process.terminate()
        process.join()


def _serve(ports: Any) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


class _Server(asyncio.Protocol):
    """Answers each request with the same reply."""

    _head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"

    def connection_made(self, transport: Any) -> None:
        self._transport, self._come = transport, b""

    def data_received(self, data: bytes) -> None:
        self._come += data
        head, end, body = self._come.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
        if end and len(body) >= int(length or 0):
            self._come = b""
            self._transport.write(self._head % len(REPLY) + REPLY)
