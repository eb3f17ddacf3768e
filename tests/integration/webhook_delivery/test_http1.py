"""The edges of our own HTTP/1.1 client: what frames an answer, and when a connection is used again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvloop

from services.webhook_delivery.deliveries.channels.http1 import MAX_BODY_BYTES, Http1Transport
from services.webhook_delivery.deliveries.channels.resolver import Resolver
from services.webhook_delivery.deliveries.domain.delivery import Fault, Result
from services.webhook_delivery.deliveries.domain.request import Request
from shared.http1.message import head
from shared.kernel.addresses import Egress, networks

LOCAL = Egress(networks(["127.0.0.0/8"]), allows_http=True)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Server:
    """Answers the n-th request of each connection with the n-th of its scripted bytes, then closes."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers
        self.connection_count = 0
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connection_count += 1
        try:
            for answer in self.answers:
                head_ = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head_ + await reader.readexactly(7))
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_server(*answers: bytes) -> AsyncIterator[tuple[Server, Http1Transport]]:
    server = Server(*answers)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/hooks?a=1"
    transport = Http1Transport(LOCAL, 8)
    try:
        yield server, transport
    finally:
        await transport.close()
        listening.close()


def a_request(url: str, seconds: int = 2, **headers: str) -> Request:
    return Request(url, {"content-type": "application/json", **headers}, b'{"a":1}', seconds)


async def results(count: int, *answers: bytes) -> tuple[Server, list[Result]]:
    async with a_server(*answers) as (server, transport):
        found = []
        for _ in range(count):
            found.append(await transport.send(a_request(server.url)))
            await asyncio.sleep(0.02)
        return server, found


def seen(result: Result) -> tuple[int | None, bytes, Fault | None]:
    return result.status, result.body, result.fault


async def test_the_request_is_written_as_it_should_be() -> None:
    server, _ = await results(1, OK)

    port = server.url.split(":")[2].split("/")[0]
    assert server.requests == [
        b"POST /hooks?a=1 HTTP/1.1\r\nhost: 127.0.0.1:" + port.encode() + b"\r\n"
        b'content-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}'
    ]


@pytest.mark.parametrize(
    "answer, body",
    [
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n3;x=y\r\n...\r\n0\r\n\r\n",
            b"ok...",
        ),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-late: 1\r\n\r\n", b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", b"old"),
        (b"HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n", b""),
    ],
)
async def test_every_framing_of_an_answer_is_read(answer: bytes, body: bytes) -> None:
    _, [result] = await results(1, answer)

    assert seen(result) == (200, body, None)


async def test_an_empty_answer_ends_with_its_head() -> None:
    server, found = await results(2, b"HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n", OK)

    assert [seen(one) for one in found] == [(204, b"", None), (200, b"ok", None)]
    assert found[0].headers == {"x-a": "b"}
    assert server.connection_count == 1


@pytest.mark.parametrize(
    "answer, fault",
    [
        (b"", Fault.CONNECTION),
        (b"HTTP/1.1 200 OK\r\ncontent-le", Fault.CONNECTION),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", Fault.CONNECTION),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsho", Fault.CONNECTION),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", Fault.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok", Fault.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nok", Fault.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 101 + b"\r\n", Fault.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 40_000 + b"\r\n\r\n", Fault.PROTOCOL),
        (b"HTTP/1.1 OK\r\n\r\n", Fault.PROTOCOL),
        (b"\x16\x03\x01\x02\x00", Fault.PROTOCOL),
    ],
)
async def test_an_answer_that_is_none_is_a_fault(answer: bytes, fault: Fault) -> None:
    _, [result] = await results(1, answer)

    assert (result.fault, result.status) == (fault, None), result


async def test_a_connection_is_used_again_until_the_receiver_says_not_to() -> None:
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"

    kept, found = await results(3, OK, OK, OK)
    closed, others = await results(2, closing)

    assert (kept.connection_count, closed.connection_count) == (1, 2)
    assert {seen(one) for one in found + others} == {(200, b"ok", None)}


async def test_a_connection_that_ended_while_idle_is_replaced() -> None:
    server, found = await results(3, OK)

    assert server.connection_count == 3
    assert {seen(one) for one in found} == {(200, b"ok", None)}


@pytest.mark.parametrize(
    "extra", [b"HTTP/1.1 500 No\r\nx-evil: 1\r\ncontent-length: 0\r\n\r\n", b"garbage", b"\r\n\r\nH"]
)
async def test_what_follows_an_answer_is_not_taken_for_the_next_one(extra: bytes) -> None:
    server, found = await results(2, OK + extra, OK)

    assert [seen(one) for one in found] == [(200, b"ok", None)] * 2
    assert all("x-evil" not in one.headers for one in found)
    assert server.connection_count == 2


async def test_a_long_answer_is_cut_and_its_connection_closed() -> None:
    length = MAX_BODY_BYTES + 1
    long = b"HTTP/1.1 200 OK\r\ncontent-length: " + str(length).encode() + b"\r\n\r\n" + b"x" * length

    server, found = await results(2, long)

    assert [len(one.body) for one in found] == [MAX_BODY_BYTES] * 2
    assert server.connection_count == 2


async def test_a_late_answer_is_not_read_by_the_next_request() -> None:
    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1.2)
        writer.write(b"HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(slowly, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    transport = Http1Transport(LOCAL, 8)

    first, second = await asyncio.gather(transport.send(a_request(url, 1)), transport.send(a_request(url, 2)))

    assert (first.fault, second.status) == (Fault.TIMEOUT, 500)
    await transport.close()
    listening.close()


@pytest.mark.parametrize("value", ["a\r\nx: y", "a\nx: y", "a\rb", "a\x00b"])
async def test_a_header_cannot_carry_another(value: str) -> None:
    with pytest.raises(ValueError, match="more than one line"):
        head("POST", b"/", [(b"host", b"example.com"), (b"x-a", value.encode())])

    async with a_server(OK) as (server, transport):
        result = await transport.send(a_request(server.url, **{"x-a": value}))

    assert result.fault is Fault.OURS
    assert server.requests == []


async def test_one_lookup_serves_all_that_wait_for_a_name_and_nobody_takes_it_away() -> None:
    names = Resolver()

    asked = [asyncio.create_task(names.resolve("localhost")) for _ in range(5)]
    await asyncio.sleep(0)
    asked[0].cancel()
    found = await asyncio.gather(*asked, return_exceptions=True)

    assert isinstance(found[0], asyncio.CancelledError)
    assert all("127.0.0.1" in one or "::1" in one for one in found[1:])  # type: ignore[operator]
    names.close()


async def test_it_works_on_the_loop_that_runs_in_production() -> None:
    async def twice() -> list[Result]:
        async with a_server(OK, OK) as (server, transport):
            found = [await transport.send(a_request(server.url)) for _ in range(2)]
            assert server.connection_count == 1
            return found

    results_ = await asyncio.to_thread(uvloop.run, twice())

    assert [seen(one) for one in results_] == [(200, b"ok", None)] * 2
