"""A receiver that costs little, in a process of its own: notes when each webhook arrived, answers 204.

`POST /hang` answers after 15 s, `GET /arrivals` gives and forgets what came: {webhook-id: [times]}.
Run as `python -m tests.bench.sink`; the first line it prints is its port.
"""

import asyncio
import json
import time
from typing import cast

import uvloop

HANG_SECONDS = 15
ARRIVALS: dict[str, list[float]] = {}
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


class Sink(asyncio.Protocol):
    """One connection; requests come one at a time, or none at all."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asyncio's class, but uvloop's, which is none of its subclasses.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next()) is not None:
            self._answer(*request)

    def _next(self) -> tuple[bytes, bytes] | None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._received[:end].lower() + b"\r\n"
        length = int(_header(head, b"content-length") or 0)
        if len(self._received) < end + 4 + length:
            return None
        self._received = self._received[end + 4 + length :]
        return head.split(b" ", 2)[1], head

    def _answer(self, path: bytes, head: bytes) -> None:
        if path == b"/arrivals":
            body = json.dumps(ARRIVALS).encode()
            ARRIVALS.clear()
            self._transport.write(
                b"HTTP/1.1 200 OK\r\ncontent-length: " + str(len(body)).encode() + b"\r\n\r\n" + body
            )
            return
        if path == b"/hang":
            asyncio.get_running_loop().call_later(HANG_SECONDS, self._answer_late)
            return
        ARRIVALS.setdefault(_header(head, b"webhook-id").decode(), []).append(time.time())
        self._transport.write(EMPTY)

    def _answer_late(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(EMPTY)


def _header(head: bytes, name: bytes) -> bytes:
    at = head.find(b"\r\n" + name + b":")
    return b"" if at < 0 else head[at + len(name) + 3 : head.index(b"\r\n", at + 2)].strip()


async def main() -> None:
    """Listen until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
