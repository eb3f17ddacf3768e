"""One HTTP/1.1 connection to a service, written by hand: every request of the platform passes here.

Replies come whole when they are small; of a large one no more is read ahead than its reader has taken.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any, Self, cast

import httptools

WHOLE_BYTES = 128 * 1024
"""A reply up to this size is handed over in one piece."""
READ_AHEAD_BYTES = 256 * 1024
RawHeaders = list[tuple[bytes, bytes]]


class ConnectionFailed(Exception):
    """The connection could not be made, or was lost before the reply was complete."""


class NeverSent(ConnectionFailed):
    """The connection was lost before all of the request had left: the service cannot have acted on it."""


class TimedOut(Exception):
    """The service did not answer in time."""


class Connection(asyncio.Protocol):
    """One request at a time; after a failure, or a reply that was not read to its end, it is of no use."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser: Any = None
        self._chunks: list[bytes] = []
        self.is_complete = False
        self._waiter: asyncio.Future[None] | None = None
        self._is_for_head = False
        self._is_paused = False
        self._is_sending = False
        self.is_open = False
        self.idle_since = 0.0
        self._begin()

    @classmethod
    async def open(cls, host: str, port: int, tls: ssl.SSLContext | None, timeout_seconds: float) -> Self:
        """Connect; raises ConnectionFailed."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_seconds):
                _, connection = await loop.create_connection(lambda: cls(loop), host, port, ssl=tls)
        except (OSError, TimeoutError) as error:
            raise ConnectionFailed(str(error)) from error
        return connection

    async def send(self, message: bytes, is_for_head: bool, timeout_seconds: float) -> None:
        """Send a request and wait for its reply, or the beginning of a large one.

        Raises ConnectionFailed or TimedOut; then, or when it is cancelled, the connection is closed.
        """
        if not self.is_open or self._transport is None or self._transport.is_closing():
            raise NeverSent("the connection was closed")
        self._begin()
        self._is_for_head = is_for_head
        self._transport.write(message)
        await self._wait(timeout_seconds)

    async def more(self, timeout_seconds: float) -> AsyncIterator[bytes]:
        """The body piece by piece, as fast as it is taken; raises ConnectionFailed or TimedOut."""
        while True:
            if self._chunks:
                piece, self._chunks, self._size = b"".join(self._chunks), [], 0
                yield piece
            elif self.is_complete:
                return
            else:
                await self._wait(timeout_seconds)

    def body(self) -> bytes:
        """What has come of the body until now."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        if self._transport:
            self._transport.abort()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: RawHeaders = []
        self._chunks = []
        self._size = 0
        self.is_complete = False
        self._has_head = False
        self._can_stay = False

    @property
    def can_be_used_again(self) -> bool:
        """Whether another request may be sent over it."""
        return self.is_open and self.is_complete and self._can_stay

    async def _wait(self, timeout_seconds: float) -> None:
        if not self.is_open:
            raise ConnectionFailed("the service hung up")
        self._waiter = self._loop.create_future()
        if self._is_paused and self._transport:
            self._is_paused = False
            self._transport.resume_reading()
        timer = self._loop.call_later(timeout_seconds, self._fail, TimedOut())
        try:
            await self._waiter
        except BaseException:
            self.close()
            raise
        finally:
            self._waiter = None
            timer.cancel()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(error)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        # Not asserted: uvloop's transports are of no class of asyncio's.
        self._transport, self.is_open = cast("asyncio.Transport", transport), True
        # So that we hear when the last byte of a request has left.
        self._transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        """Some of the request has yet to leave."""
        self._is_sending = True

    def resume_writing(self) -> None:
        """All of it has left."""
        self._is_sending = False

    def connection_lost(self, error: Exception | None) -> None:
        """It was closed, by whichever side."""
        self.is_open = False
        kind = NeverSent if self._is_sending else ConnectionFailed
        self._fail(kind(str(error or "the service hung up")))

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionFailed(f"no HTTP: {error}"))
            self.close()
            return
        if self.is_complete or self._size >= WHOLE_BYTES:
            self._wake()
        if (
            self._size >= READ_AHEAD_BYTES
            and not self._is_paused
            and self._transport
            and not self.is_complete
        ):
            self._is_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """The service will send nothing more."""
        return False

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The reply's head has come."""
        self.status = self._parser.get_status_code()
        if self.status < 200:
            # An interim reply (RFC 9110 15.2): the real one follows.
            self.headers = []
            return
        self._has_head = True
        self._can_stay = self._parser.should_keep_alive() and not self._is_for_head
        if self._is_for_head:
            self.is_complete = True

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._chunks.append(data)
        self._size += len(data)

    def on_message_complete(self) -> None:
        """The reply has come to its end."""
        if self._has_head:
            self.is_complete = True
