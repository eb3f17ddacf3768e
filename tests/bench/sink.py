"""A receiver that costs little, in a process of its own: notes which unit arrived when, answers 204.

`POST /hang` answers after 15 s, `GET /count` says how many came, `GET /arrivals` gives {unit: time} and
forgets it. Run as `python -m tests.bench.sink PATTERN`, whose group is the unit's name in a body that
arrives; the first line it prints is its port.
"""

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop

from tests.bench import load

HANG_SECONDS = 15
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
PATTERN = r'"unit": ?"([^"]+)"'
STOP_SECONDS = 10


class Arrivals:
    """What came, by whatever connection."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern.encode())
        self._times: dict[str, float] = {}
        self._count = 0

    def note(self, body: bytes) -> None:
        """The first arrival of a unit counts; a body without one is only counted."""
        self._count += 1
        if found := self._pattern.search(body):
            self._times.setdefault(found[1].decode(), time.time())

    def told(self, path: bytes) -> bytes:
        """What is asked for at this path, as JSON."""
        if path == b"/count":
            return json.dumps({"count": self._count, "units": len(self._times)}).encode()
        times, self._times = self._times, {}
        return json.dumps(times).encode()


class Sink(asyncio.Protocol):
    """One connection; requests come one at a time, or none at all."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals, self._received = arrivals, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asyncio's class, but uvloop's, which is none of its subclasses.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next()) is not None:
            self._answer(*request)

    def _next(self) -> tuple[bytes, bytes, bytes] | None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head, start = self._received[:end], end + 4
        length = load.content_length(head)
        if len(self._received) < start + length:
            return None
        body, self._received = self._received[start : start + length], self._received[start + length :]
        method, path, _ = head.split(b" ", 2)
        return method, path, body

    def _answer(self, method: bytes, path: bytes, body: bytes) -> None:
        if method == b"GET":
            reply = self._arrivals.told(path)
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(reply), reply))
        elif path == b"/hang":
            asyncio.get_running_loop().call_later(HANG_SECONDS, self._answer_late)
        else:
            self._arrivals.note(body)
            self._transport.write(EMPTY)

    def _answer_late(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(EMPTY)


@contextlib.contextmanager
def running(pattern: str = PATTERN) -> Iterator[str]:
    """A sink in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.bench.sink", pattern]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


async def main(pattern: str) -> None:
    """Listen until the process is ended."""
    arrivals = Arrivals(pattern)
    server = await asyncio.get_running_loop().create_server(
        lambda: Sink(arrivals), "127.0.0.1", 0, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started it holds the other end: when that is gone, so is this.
    is_over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), is_over.set)
    await is_over.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
