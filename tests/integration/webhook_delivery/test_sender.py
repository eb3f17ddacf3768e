"""The sender against receivers that misbehave, over real sockets, with a resolver that lies."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from services.webhook_delivery.deliveries.channels.http1 import Http1Transport
from services.webhook_delivery.deliveries.domain.delivery import Fault, Result
from services.webhook_delivery.deliveries.domain.request import Request
from shared.kernel.addresses import Egress, networks
from tests.integration.webhook_delivery.conftest import Receiver, listening

LOCAL = Egress(networks(["127.0.0.0/8"]), allows_http=True)
PUBLIC = Egress(allows_http=True)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class FakeResolver:
    """Answers with the next of the given sets of addresses."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def addresses(self, _: str) -> Sequence[str]:
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise socket.gaierror("no such name")
        return found


def a_request(url: str, timeout_seconds: int = 5, **headers: str) -> Request:
    return Request(url, {"content-type": "application/json", **headers}, b'{"a":1}', timeout_seconds)


@asynccontextmanager
async def a_transport(egress: Egress = LOCAL, *answers: list[str]) -> AsyncIterator[Http1Transport]:
    transport = Http1Transport(egress, 8, FakeResolver(*answers).addresses if answers else None)
    try:
        yield transport
    finally:
        await transport.close()


@asynccontextmanager
async def talking(talk: Talk, listens_first: bool = True) -> AsyncIterator[str]:
    """A server that says over TCP what it is told to."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if listens_first:
                await reader.readuntil(b"\r\n\r\n")
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


def saying(*parts: bytes, pause_seconds: float = 0.0) -> Talk:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_seconds)

    return talk


async def sent(talk: Talk, timeout_seconds: int = 2) -> Result:
    async with talking(talk) as url, a_transport() as transport:
        return await transport.send(a_request(url, timeout_seconds))


@pytest.mark.parametrize(
    "addresses, reason",
    [
        (["10.0.0.1"], "private"),
        (["169.254.169.254"], "link_local"),
        (["8.8.8.8", "127.0.0.1"], "loopback"),
        (["::ffff:127.0.0.1"], "loopback"),
        (["2606:4700:4700::1111", "fd00:ec2::254"], "private"),
        (["64:ff9b::a9fe:a9fe"], "link_local"),
        (["2002:7f00:1::"], "six_to_four"),
    ],
)
async def test_a_name_with_any_address_of_a_private_network_is_blocked(
    addresses: list[str], reason: str
) -> None:
    async with a_transport(PUBLIC, addresses) as transport:
        result = await transport.send(a_request("http://example.com/"))

    assert (result.fault, result.detail, result.body) == (Fault.BLOCKED, reason, b"")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "169.254.169.254", "127.1", "2130706433", "0"]
)
async def test_a_literal_address_is_judged_at_the_dial(receiver: Receiver, host: str) -> None:
    port = receiver.url.rpartition(":")[2]

    async with a_transport(PUBLIC) as transport:
        result = await transport.send(a_request(f"http://{host}:{port}"))

    # The client itself refuses what no URL standard takes for an address.
    assert result.fault is Fault.BLOCKED or "not a canonical IPv4 address" in (result.detail or "")
    assert receiver.received == []


async def test_a_name_that_is_bound_anew_between_two_attempts_is_blocked(receiver: Receiver) -> None:
    url = receiver.url.replace("127.0.0.1", "rebinding.example")

    async with a_transport(LOCAL, ["127.0.0.1"], ["10.0.0.7"]) as transport:
        first = await transport.send(a_request(url, connection="close"))
        second = await transport.send(a_request(url))

    assert first.status == 200, first
    assert second.fault is Fault.BLOCKED


async def test_environment_proxies_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    async with a_transport() as transport:
        result = await transport.send(a_request(receiver.url))

    assert result.status == 200


async def test_the_request_is_what_was_built_and_nothing_more(receiver: Receiver) -> None:
    async with a_transport() as transport:
        await transport.send(
            a_request(receiver.url + "?a=%2F&b=+", **{"user-agent": "ours", "accept-encoding": "identity"})
        )

    [request] = receiver.received
    assert request.body == b'{"a":1}'
    assert set(request.headers) == {"host", "content-type", "user-agent", "accept-encoding", "content-length"}


async def test_a_connection_is_kept_for_the_next_request() -> None:
    peers: list[Any] = []

    async def note(request: web.Request) -> web.StreamResponse:
        peers.append(request.transport.get_extra_info("peername"))  # type: ignore[union-attr]
        return web.Response(text="x" * 100)

    async with listening() as receiver, a_transport() as transport:
        receiver.script = [note] * 3
        for _ in range(3):
            assert (await transport.send(a_request(receiver.url))).status == 200

    assert len(set(peers)) == 1


async def test_nothing_that_a_receiver_does_raises() -> None:
    results = {
        "silence": await sent(saying(), 1),
        "garbage": await sent(saying(b"SSH-2.0-OpenSSH\r\n\r\n")),
        "early end": await sent(saying(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")),
        "endless header": await sent(saying(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000)),
        "many headers": await sent(saying(b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n"] * 50_000)),
        "bad chunk": await sent(saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")),
    }

    assert {
        name: result.fault for name, result in results.items() if result.fault in (None, Fault.OURS)
    } == {}


async def test_a_receiver_that_drips_is_cut_off_after_the_whole_time() -> None:
    drip = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", *[b"x"] * 100, pause_seconds=0.1)

    result = await sent(drip, timeout_seconds=1)

    assert result.fault is Fault.TIMEOUT
    assert 900 <= result.duration_ms <= 1_500


async def test_a_giant_answer_is_read_for_16_kilobytes_only() -> None:
    giant = saying(b"HTTP/1.1 500 No\r\ncontent-length: 1000000000\r\n\r\n", *[b"x" * 65_536] * 1_000)

    result = await sent(giant)

    assert (result.status, len(result.body), result.fault) == (500, 16_384, None)


async def test_a_compressed_answer_is_not_unpacked() -> None:
    packed = b"\x1f\x8b\x08\x00" + b"\x00" * 20
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 24\r\n\r\n"

    result = await sent(saying(head + packed))

    assert (result.status, result.body) == (200, packed)


async def test_faults_on_the_way_have_their_names(unused_tcp_port: int) -> None:
    async with a_transport() as transport, talking(saying(b"hello"), listens_first=False) as plain:
        refused = await transport.send(a_request(f"http://127.0.0.1:{unused_tcp_port}/"))
        no_tls = await transport.send(a_request(plain.replace("http:", "https:"), 2))
    async with a_transport(PUBLIC, []) as transport:
        no_name = await transport.send(a_request("http://nowhere.invalid/"))

    assert (refused.fault, no_tls.fault, no_name.fault) == (Fault.CONNECTION, Fault.TLS, Fault.DNS)
