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
