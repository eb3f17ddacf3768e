"""Tiny real servers that stand for the services behind the gateway: they record and answer as told."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from shared.testing import server


@dataclass
class Seen:
    """A request as the service got it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[Receive, Send], Awaitable[None]]
"""What a server does once it has read a request, where that is more than to answer."""


@dataclass
class Upstream:
    """A service that answers at `url`; `answers` maps `METHOD /path` to (status, body, headers)."""

    url: str = ""
    answers: dict[str, tuple[int, Any, dict[str, str]]] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def answer(self, request: str, status: int, body: Any = None, **headers: str) -> None:
        """Answer this request so from now on."""
        self.answers[request] = (status, body, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, has_more = b"", True
        while has_more:
            message = await receive()
            body += message.get("body", b"")
            has_more = message.get("more_body", False)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        raw = scope["raw_path"].decode()
        self.seen.append(Seen(scope["method"], raw, scope["query_string"].decode(), headers, body))
        if behaviour := self.behaviours.get(f"{scope['method']} {scope['path']}"):
            await behaviour(receive, send)
            return
        status, content, extra = self.answers.get(f"{scope['method']} {scope['path']}", (404, _NOT_FOUND, {}))
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        own = [(b"content-type", b"application/json"), (b"x-request-id", b"not-this-one")]
        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in extra.items()]
        await send({"type": "http.response.start", "status": status, "headers": own + given})
        await send({"type": "http.response.body", "body": sent})


_NOT_FOUND = {"code": "not_found", "status": 404, "detail": "There is no such resource.", "errors": []}


@contextlib.asynccontextmanager
async def serving(upstream: Upstream) -> AsyncIterator[Upstream]:
    """Serve it on a free port until the end of the block."""
    config = uvicorn.Config(upstream, access_log=False, log_config=None, lifespan="off")
    async with server.serving(config) as upstream.url:
        yield upstream
