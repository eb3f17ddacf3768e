"""The client to the other services: our errors, whatever goes wrong on the way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from deploy.local.ports import free_port
from shared.http.client import ServiceClient
from shared.kernel import context
from shared.kernel.errors import NotFound, Unavailable


@contextlib.asynccontextmanager
async def answering(handler: Any) -> AsyncIterator[ServiceClient]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    client = ServiceClient("invoice", f"http://127.0.0.1:{port}", timeout_seconds=0.5)
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def test_a_reply_keeps_every_digit_and_the_request_its_id() -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.headers["authorization"] == "Bearer token"
        assert request.headers["x-request-id"] == "order-7"
        return web.Response(text='{"price": 0.1234567890123456789}', content_type="application/json")

    token = context.request_id.set("order-7")
    async with answering(answer) as client:
        assert await client.get("/v1/x", "token") == {"price": Decimal("0.1234567890123456789")}
    context.request_id.reset(token)


@pytest.mark.parametrize(
    "status, error, message",
    [
        (404, NotFound, "There is no invoice 7."),
        (500, Unavailable, "answered 500"),
        (401, Unavailable, "answered 401"),
        (301, Unavailable, "answered 301"),
    ],
)
async def test_a_reply_that_is_no_success_is_our_error(
    status: int, error: type[Exception], message: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"detail": "There is no invoice 7."}, status=status)

    async with answering(answer) as client:
        with pytest.raises(error, match=message):
            await client.get("/v1/x", "token")


async def test_a_404_that_says_nothing_is_not_found_all_the_same() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=404, text="<html>")

    async with answering(answer) as client:
        with pytest.raises(NotFound):
            await client.get("/v1/x", "token")


async def test_a_service_that_takes_too_long_is_unavailable() -> None:
    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with answering(answer) as client:
        with pytest.raises(Unavailable, match="The invoice service does not answer"):
            await client.get("/v1/x", "token")


async def test_a_service_that_hangs_up_is_unavailable() -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with answering(answer) as client:
        with pytest.raises(Unavailable):
            await client.get("/v1/x", "token")


async def test_a_service_that_is_not_there_is_unavailable() -> None:
    client = ServiceClient("invoice", f"http://127.0.0.1:{free_port()}", timeout_seconds=1)

    with pytest.raises(Unavailable) as caught:
        await client.get("/v1/x", "token")

    assert caught.value.retry_after_seconds == 1
    await client.close()


@contextlib.asynccontextmanager
async def hanging_up(read_bytes: int) -> AsyncIterator[tuple[ServiceClient, list[int]]]:
    """A server that hangs up on its first connection after so many bytes, and answers on the others."""
    seen: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(0)
        is_first = len(seen) == 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        if is_first:
            await reader.readexactly(read_bytes)
            writer.transport.abort()
            return
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    client = ServiceClient("x", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_seconds=5)
    try:
        yield client, seen
    finally:
        await client.close()
        server.close()


async def test_a_post_that_did_not_arrive_whole_is_sent_again() -> None:
    async with hanging_up(read_bytes=1) as (client, seen):
        answer = await client.ask("POST", "/v1/x", {}, b"x" * 30_000_000)

    assert (answer.body, len(seen)) == (b"ok", 2)


async def test_a_post_that_arrived_whole_is_never_sent_twice() -> None:
    async with hanging_up(read_bytes=1000) as (client, seen):
        with pytest.raises(Unavailable):
            await client.ask("POST", "/v1/x", {}, b"x" * 1000)

    assert len(seen) == 1


@contextlib.asynccontextmanager
async def saying(*replies: bytes) -> AsyncIterator[tuple[ServiceClient, list[int]]]:
    """A server that answers the n-th request of each connection so, whatever is asked, and then hangs up."""
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(0)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            for reply in replies:
                connections[-1] += 1
                await reader.readuntil(b"\r\n\r\n")
                writer.write(reply)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = ServiceClient("x", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_seconds=1)
    try:
        yield client, connections
    finally:
        await client.close()
        server.close()


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "reply, body",
    [
        (b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-late: 1\r\n\r\n",
            b"ok",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000, b"x" * 1_000_000),
    ],
)
async def test_a_reply_is_read_however_it_is_framed_and_its_trailers_are_no_headers(
    reply: bytes, body: bytes
) -> None:
    async with saying(reply) as (client, _):
        answer = await client.ask("GET", "/v1/x", {})

    assert (answer.status, answer.body) == (200, body)
    assert not {"link", "x-late"} & set(answer.headers)


@pytest.mark.parametrize(
    "reply",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 101 + b"\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 300_000,
    ],
)
async def test_a_reply_that_is_none_is_a_service_that_does_not_answer(reply: bytes) -> None:
    async with saying(reply) as (client, _):
        with pytest.raises(Unavailable) as caught:
            await client.ask("GET", "/v1/x", {})

    # It was heard at once, not after the time that a reply may take.
    assert caught.value.code == "unavailable"


@pytest.mark.parametrize("extra", [b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", b"garbage"])
@pytest.mark.parametrize("is_late", [False, True])
async def test_what_follows_a_reply_is_not_taken_for_that_of_the_next_request(
    extra: bytes, is_late: bool
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(OK if is_late else OK + extra)
                await asyncio.sleep(0.02)
                if is_late:
                    writer.write(extra)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = ServiceClient("x", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_seconds=1)

    for _ in range(3):
        answer = await client.ask("GET", "/v1/x", {})
        assert (answer.status, answer.body) == (200, b"ok")
        await asyncio.sleep(0.04)

    await client.close()
    server.close()


async def test_a_reply_that_came_before_the_request_was_sent_whole_ends_the_connection() -> None:
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(0)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await asyncio.sleep(0.5)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1024)
    client = ServiceClient("x", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_seconds=5)

    for body in (b"x" * 30_000_000, b"x"):
        assert (await client.ask("POST", "/v1/x", {}, body)).status == 413

    # The rest of the first request would have stood before the second.
    assert len(connections) == 2
    await client.close()
    server.close()
