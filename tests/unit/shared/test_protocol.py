"""A server closes connections that send a request without end, or for ever."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import uvicorn

from shared.runtime.protocol import BoundedProtocol
from shared.testing.server import serving


class _Impatient(BoundedProtocol):
    head_seconds = 1.0
    body_seconds = 1.0
    leftover_seconds = 0.5


@pytest.fixture
async def connection() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that says "ok"."""

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        while scope["path"] != "/at-once" and (await receive()).get("more_body"):
            pass
        if scope["path"] == "/slow":
            await asyncio.sleep(1)
        is_odd = any(name == b"x-late" for name, _ in scope["headers"])
        headers = [(b"content-length", b"2"), *([(b"x-odd", b"1")] if is_odd else [])]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    config = uvicorn.Config(app, http=_Impatient, log_config=None, access_log=False, lifespan="off")
    async with serving(config) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        yield reader, writer
        writer.close()


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
    for _ in range(18):
        writer.write(b"x" * 4096)
        await asyncio.sleep(0.01)

    assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 400")


CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
HEAD_ALONE = b"POST /at-once HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n"


async def _pour(writer: asyncio.StreamWriter, piece: bytes, total: int) -> int:
    """Send the piece again and again; returns how much was taken until the server hung up."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < total and not writer.transport.is_closing():
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
            await asyncio.sleep(0)
    return sent


@pytest.mark.parametrize(
    "piece", [b"a:b\r\n" * 1000, b"x" * 5000, b"a: " + b"x" * 5000 + b"\r\n"], ids=["many", "one", "long"]
)
async def test_trailers_without_end_are_refused(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], piece: bytes
) -> None:
    reader, writer = connection
    writer.write(CHUNKED + b"0\r\na:")

    assert await _pour(writer, piece, 10_000_000) < 5_000_000
    with contextlib.suppress(ConnectionError):
        assert b" 200 " not in await asyncio.wait_for(reader.read(), 10)


async def test_chunk_extensions_without_end_are_refused(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    writer.write(CHUNKED)

    assert await _pour(writer, b"1;" + b"e" * 5000 + b"\r\nx\r\n", 10_000_000) < 5_000_000
    with contextlib.suppress(ConnectionError):
        assert b" 200 " not in await asyncio.wait_for(reader.read(), 10)


async def test_a_body_of_one_byte_a_chunk_is_taken(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    writer.write(CHUNKED + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n")

    assert await _reply(reader) == b"HTTP/1.1 200 OK"


async def test_a_trailer_is_no_header(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    writer.write(CHUNKED + b"1\r\nx\r\n0\r\nx-late: 1\r\nhost: y\r\n\r\n")

    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)

    assert head.startswith(b"HTTP/1.1 200")
    assert b"x-odd" not in head


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"])
async def test_a_request_names_one_host(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], head: bytes
) -> None:
    reader, writer = connection
    writer.write(head)

    assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("beginning", [HEAD_ALONE, CHUNKED, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"])
async def test_whoever_sends_a_byte_now_and_then_is_hung_up_on(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], beginning: bytes
) -> None:
    reader, writer = connection
    writer.write(beginning)
    drip = b"1\r\nx\r\n" if beginning is CHUNKED else b"\r\n"

    async def drips() -> None:
        with contextlib.suppress(ConnectionError):
            while not writer.transport.is_closing():
                writer.write(drip)
                await asyncio.sleep(0.1)

    dripping = asyncio.create_task(drips())
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 5)
    dripping.cancel()


async def test_a_request_that_is_answered_early_may_still_come_whole(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    for _ in range(3):
        writer.write(HEAD_ALONE)
        assert await _reply(reader) == b"HTTP/1.1 200 OK"
        await asyncio.sleep(0.2)
        writer.write(b"x" * 1000)
        await asyncio.sleep(0.05)


async def test_what_follows_an_early_answer_is_not_read_for_ever(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    writer.write(HEAD_ALONE.replace(b"1000", b"100000000"))
    assert await _reply(reader) == b"HTTP/1.1 200 OK"

    assert await _pour(writer, b"x" * 65_536, 100_000_000) < 20_000_000


async def test_an_early_next_request_does_not_end_the_one_before(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    reader, writer = connection
    writer.write(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\nGET / HT")

    assert await _reply(reader) == b"HTTP/1.1 200 OK"
