"""The scripted server of the cases: answers, stalls and hangs up as it is told.

`python -m sdks.cases.server` prints its port and serves until its standard input ends. `POST /_script` with
the replies of a case begins that case; `GET /_seen` gives the requests that came since. It is no
server for anything else: one case at a time, HTTP/1.1, bodies with a length.
"""

import asyncio
import base64
import json
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

LIMIT_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    def told(self) -> dict[str, Any]:
        """It, as JSON."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.body.decode(errors="replace"),
            "body_base64": base64.b64encode(self.body).decode(),
            "at": self.at,
        }


class Server:
    """Plays the exchanges of one case after another."""

    def __init__(self) -> None:
        self.port = 0
        self._script: list[Any] = []
        self._seen: list[Request] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LIMIT_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no longer."""
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while await self._answer(reader, writer):
                pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request = await _read(head, reader)
        if request.path.startswith("/_"):
            await _send(writer, 200, {}, self._told(request))
            return True
        self._seen.append(request)
        reply = (
            self._script.pop(0) if self._script else {"status": 599, "json": {"detail": "not in the script"}}
        )
        return await _play(reply, writer)

    def _told(self, request: Request) -> bytes:
        if request.path == "/_script":
            self._script, self._seen = json.loads(request.body), []
            return b"{}"
        return json.dumps([one.told() for one in self._seen]).encode()


async def _read(head: str, reader: asyncio.StreamReader) -> Request:
    line, *rows = head.rstrip("\r\n").split("\r\n")
    method, target, _ = line.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    path, _, query = target.partition("?")
    return Request(method, unquote(path), parse_qsl(query, keep_blank_values=True), headers, body)


async def _play(reply: Any, writer: asyncio.StreamWriter) -> bool:
    await asyncio.sleep(reply.get("delay", 0))
    does = reply.get("do", "answer")
    if does == "drop":
        return False
    content = _content(reply)
    status, headers = reply.get("status", 200), dict(reply.get("headers", {}))
    if "json" in reply:
        headers.setdefault("content-type", "application/json")
    if does == "drop_within":
        head = _head(status, headers, len(content))
        writer.write(head + content[: max(1, len(content) // 2)])
        await writer.drain()
        return False
    await _send(writer, status, headers, content)
    return True


def _content(reply: Any) -> bytes:
    if "base64" in reply:
        return base64.b64decode(reply["base64"])
    if "text" in reply:
        return str(reply["text"]).encode()
    return json.dumps(reply["json"], ensure_ascii=False).encode() if "json" in reply else b""


async def _send(writer: asyncio.StreamWriter, status: int, headers: dict[str, str], content: bytes) -> None:
    writer.write(_head(status, headers, len(content)) + content)
    await writer.drain()


def _head(status: int, headers: dict[str, str], length: int) -> bytes:
    has_length = status != 204
    rows = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    rows += [f"content-length: {length}"] if has_length else []
    return ("\r\n".join(rows) + "\r\n\r\n").encode()


async def main() -> None:
    """Serve until the standard input ends, so that no server outlives its test."""
    server = Server()
    await server.start()
    print(server.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
