"""Clients that speak bare TCP: none of them grows a process or holds a connection."""

import asyncio
import contextlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import Stack

POST = b"POST /v1/contacts HTTP/1.1\r\nhost: x\r\n"
MIB = 1024 * 1024
LINGERING = {
    "says nothing": b"",
    "half a head": b"GET /v1/contacts HTTP/1.1\r\nhost: x\r\nx-slow: ",
    "half a body, refused": POST + b"content-length: 1000\r\n\r\nx",
    "half a body, awaited": POST.replace(b"/v1/contacts", b"/providers/stripe/x/webhooks")
    + b"content-length: 1000\r\n\r\nx",
    "half a chunk": POST + b"transfer-encoding: chunked\r\n\r\n5\r\nab",
    "answered": b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n",
}


def _resident_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


async def _open(stack: Stack) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(stack.gateway_url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def _pour(stack: Stack, head: bytes, piece: bytes, total: int) -> int:
    """Send the piece until the server hangs up; returns how many bytes it took."""
    _, writer = await _open(stack)
    writer.write(head)
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < total and not writer.transport.is_closing():
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
            await asyncio.sleep(0)
    writer.close()
    return sent


@pytest.mark.parametrize(
    "head, piece",
    [
        (POST + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"a:b\r\n" * 4000),
        (POST + b"transfer-encoding: chunked\r\n\r\n0\r\na:", b"x" * 20_000),
        (POST + b"transfer-encoding: chunked\r\n\r\n", b"1;" + b"e" * 20_000 + b"\r\nx\r\n"),
        (b"GET / HTTP/1.1\r\nhost: x\r\na:", b"x" * 20_000),
        (POST + b"content-length: 100000000\r\n\r\n", b"x" * 65_536),
    ],
    ids=["trailers", "one trailer", "chunk extensions", "a head", "a body that is refused"],
)
async def test_ten_megabytes_around_a_request_do_not_stay(stack: Stack, head: bytes, piece: bytes) -> None:
    pid = stack.pid("gateway")
    await _pour(stack, head, piece, MIB)
    before = _resident_bytes(pid)

    sent = [await _pour(stack, head, piece, 10 * MIB) for _ in range(3)]

    assert max(sent) < 8 * MIB, "it goes on reading"
    assert _resident_bytes(pid) - before < 5 * MIB


async def test_five_hundred_connections_that_linger_are_gone_in_half_a_minute(stack: Stack) -> None:
    async def linger(beginning: bytes) -> str | None:
        reader, writer = await _open(stack)
        with contextlib.suppress(ConnectionError):
            writer.write(beginning)
            while await reader.read(65_536):
                pass
        writer.close()

    kinds = [kind for kind in LINGERING for _ in range(84)]
    tasks = {asyncio.create_task(linger(LINGERING[kind]), name=kind) for kind in kinds}

    _, left = await asyncio.wait(tasks, timeout=30)

    for task in left:
        task.cancel()
    assert {task.get_name() for task in left} == set()
