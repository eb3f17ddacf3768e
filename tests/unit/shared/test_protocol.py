"""A server closes connections that send a request without end, or for ever."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn

from shared.runtime.protocol import BoundedProtocol
from shared.testing.eventually import eventually


class _Impatient(BoundedProtocol):
    head_seconds = 0.3


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


@pytest.fixture
async def connection() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that says "ok"."""

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        while (await receive())["more_body"]:
            pass
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=_Impatient, log_config=None, access_log=False, lifespan="off")
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await eventually(lambda: server.started, timeout_seconds=10)
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    yield reader, writer
    writer.close()
    server.should_exit = True
    await task


async def _reply(reader: asyncio.StreamReader) -> bytes:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    await reader.readexactly(2)
    return head.split(b"\r\n")[0]


async def test_requests_that_come_in_pieces_are_answered_on_one_connection(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    replies = []
    for _ in range(3):
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncont")
        await asyncio.sleep(0.05)
        writer.write(b"ent-length: 100000\r\n\r\n")
        await asyncio.sleep(0.5)
        writer.write(b"x" * 100_000)
        replies.append(await _reply(reader))

    assert replies == [b"HTTP/1.1 200 OK"] * 3


@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "])
async def test_whoever_does_not_finish_a_head_is_hung_up_on(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], beginning: bytes
) -> None:
    reader, writer = connection
    writer.write(beginning)

    assert await asyncio.wait_for(reader.read(), 10) == b""


async def test_a_head_without_end_is_refused(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nx-long: ")
    for _ in range(17):
        writer.write(b"x" * 4096)
        await asyncio.sleep(0.01)

    assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 400")
