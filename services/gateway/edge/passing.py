"""Passes a service's reply on as it comes: no more of a large one is held than its reader has taken."""

import asyncio
import contextlib
from collections.abc import Iterator

from starlette.types import Receive, Send

from services.gateway import metrics
from shared.http.client import HOP_BY_HOP, SAFE, Passing
from shared.http1.connection import RawHeaders
from shared.kernel.errors import Unavailable

NOT_PASSED_BACK = frozenset(
    name.encode() for name in HOP_BY_HOP | {"content-length", "date", "server", "x-request-id"}
)
PATIENCE_SECONDS = 0.5
"""Only for what takes longer than this is it worth a look whether the caller is still there."""
STALLED_SECONDS = 60.0
"""A reader that takes nothing for so long is hung up on."""


class Watch:
    """Sees when the caller hangs up, and then ends the work that is done for it."""

    def __init__(self, receive: Receive) -> None:
        self.is_gone = False
        self._receive = receive
        self._worker = asyncio.current_task()
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self.begin)

    def begin(self) -> None:
        """Look from now on."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look())

    def end(self) -> None:
        """The work is done."""
        self._timer.cancel()
        if self._task:
            self._task.cancel()

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        if self._worker:
            self._worker.cancel()


@contextlib.contextmanager
def cancelled_when_gone(method: str, receive: Receive) -> Iterator[Watch | None]:
    """End the work inside when the caller hangs up, if the method has no effect; its request was read."""
    if method not in SAFE:
        yield None
        return
    watch = Watch(receive)
    try:
        yield watch
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if not watch.is_gone or task is None or task.uncancel():
            raise
    finally:
        watch.end()


@contextlib.contextmanager
def counting_failures(service: str) -> Iterator[None]:
    """Count that the service did not answer, when it did not."""
    try:
        yield
    except Unavailable:
        metrics.UPSTREAM_FAILURES.labels(service).inc()
        raise


async def on(reply: Passing, service_url: str, method: str, watch: Watch | None, send: Send) -> None:
    """Send the reply on; a large one piece by piece, each once the last one was taken."""
    headers = passed_back(reply.headers, service_url)
    content = reply.whole
    if content is not None and method != "HEAD":
        headers.append((b"content-length", b"%d" % len(content)))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        return
    headers += [header for header in reply.headers if header[0] == b"content-length"]
    try:
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if content is None:
            if watch:
                watch.begin()
            async for piece in reply.pieces():
                await _send_whole(piece, send)
        await send({"type": "http.response.body", "body": b""})
    finally:
        if content is None:
            reply.close()


def passed_back(headers: RawHeaders, service_url: str) -> RawHeaders:
    """The headers that are the caller's: a redirect of the service names the address that it has inside."""
    kept = [header for header in headers if header[0] not in NOT_PASSED_BACK]
    if any(name == b"location" for name, _ in kept):
        inside = service_url.rstrip("/").encode()
        kept = [(name, value.removeprefix(inside)) for name, value in kept]
    return kept


async def _send_whole(piece: bytes, send: Send) -> None:
    async with asyncio.timeout(STALLED_SECONDS):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
