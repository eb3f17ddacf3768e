"""One HTTP/1.1 connection of a client: services are asked over it, and webhooks delivered.

Written by hand since every request of the platform passes here: `tests/bench/http_clients.py` measures it
beside aiohttp. It knows one request at a time, and no retries, names or guards: those are its users'.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any, Self, cast

import httptools

WHOLE_BYTES = 128 * 1024
"""A reply up to this size is handed over in one piece, unless the request says less."""
READ_AHEAD_BYTES = 256 * 1024
"""So much of a larger one may lie here unread; no more is taken from the network until it is read."""
MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100
RawHeaders = list[tuple[bytes, bytes]]


class EarlyClose(ConnectionError):
    """The other side closed the connection before its reply was complete."""


class ReplyRefused(Exception):
    """What came back is no reply that we read: not HTTP, too many headers, another protocol."""


class Connection(asyncio.Protocol):
    """After a fault, or a reply that was not read to its end, it is closed: nobody reads another's reply.

    Of the reply in hand: `status`, `headers` (names in small letters, without trailers), `is_complete`,
    `has_answered` (a byte came back), `was_sent` (all of the request has left).
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self._chunks: list[bytes] = []
        self.opened_at = self.used_at = self._loop.time()
        self._begin(False, WHOLE_BYTES)
        # Nothing is asked yet: what comes now is nobody's reply.
        self.is_complete = True

    @classmethod
    async def open(
        cls, host: str, port: int, tls: ssl.SSLContext | None = None, server_name: str | None = None
    ) -> Self:
        """Connect; `server_name` is whom the certificate must be of, if not the host. Raises OSError."""
        loop = asyncio.get_running_loop()
        name = server_name if tls else None
        _, connection = await loop.create_connection(cls, host, port, ssl=tls, server_hostname=name)
        return connection

    async def send(
        self, message: bytes, seconds: float, *, is_for_head: bool = False, whole_bytes: int = WHOLE_BYTES
    ) -> None:
        """Send a request and wait for its reply, or for the first `whole_bytes` of a larger one's body.

        Raises OSError (TimeoutError after so many seconds) and ReplyRefused; then it is closed.
        """
        self._begin(is_for_head, whole_bytes)
        if self._transport is None or self._transport.is_closing():
            raise EarlyClose("closed before the request")
        self.was_sent = True
        self._transport.write(message)
        await self._wait(seconds)

    async def more(self, seconds: float) -> AsyncIterator[bytes]:
        """The body piece by piece, as fast as it is taken; raises as `send` does, for each piece anew."""
        while self._chunks or not self.is_complete:
            if not self._chunks:
                await self._wait(seconds)
            piece, self._chunks, self._size = self.body(), [], 0
            if piece:
                yield piece

    def body(self) -> bytes:
        """What has come of the body until now, and was not taken piece by piece."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent over it."""
        is_done = self.is_complete and self._can_stay and self.was_sent
        return is_done and self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Hang up, whatever is still on its way."""
        self._can_stay = False
        if self._transport:
            self._transport.abort()

    def _begin(self, is_for_head: bool, whole_bytes: int) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        self._is_for_head, self._whole_bytes = is_for_head, whole_bytes
        self.status = 0
        self.headers: RawHeaders = []
        self._header_count = self._header_bytes = 0
        self._chunks = []
        self._size = 0
        self._error: Exception | None = None
        self.is_complete = self.has_answered = self.was_sent = False
        self._has_head = self._can_stay = False

    async def _wait(self, seconds: float) -> None:
        """Until the reply is complete or there is enough of it."""
        if self._error:
            raise self._error
        self._waiter = self._loop.create_future()
        if self._is_paused and self._transport:
            self._is_paused = False
            self._transport.resume_reading()
        timer = self._loop.call_later(seconds, self._fail, TimeoutError("no complete answer in time"))
        try:
            await self._waiter
        except BaseException:
            self.close()
            raise
        finally:
            self._waiter = None
            timer.cancel()
            self.used_at = self._loop.time()

    def _tell(self) -> None:
        """More has come: wake whoever waits for it, and take no more than it may want."""
        if self.is_complete or self._size >= self._whole_bytes:
            self._wake()
        if self._size >= READ_AHEAD_BYTES and not self.is_complete and not self._is_paused:
            self._is_paused = True
            cast("asyncio.Transport", self._transport).pause_reading()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        """The reply will not become complete; whoever waits for it hears so, now or when next it waits."""
        if self.is_complete:
            # It came before: what is wrong is behind it.
            self._wake()
            return
        self._error = self._error or error
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(error)

    def _refuse(self, error: Exception) -> None:
        cause = error.__context__
        self._fail(cause if isinstance(cause, ReplyRefused) else ReplyRefused(str(error)))
        self.close()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        # Not asserted: uvloop's transports are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        # So that we hear when the last byte of a request has left.
        self._transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        """Some of the request has yet to leave."""
        self.was_sent = False

    def resume_writing(self) -> None:
        """All of it has left."""
        self.was_sent = True

    def data_received(self, data: bytes) -> None:
        """Bytes came in."""
        if self.is_complete:
            # Nobody asked: what comes now must not be taken for the next request's reply.
            self.close()
            return
        self.has_answered = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(ReplyRefused("the other side wants another protocol"))
        except httptools.HttpParserError as error:
            self._refuse(error)
        else:
            self._tell()

    def eof_received(self) -> bool:
        """The other side will send nothing more: the end of a reply that says no length (RFC 9112 6.3)."""
        is_framed = any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers)
        if self._has_head and not is_framed and not self._error:
            self.is_complete = True
            self._wake()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """It was closed, by whichever side."""
        self._can_stay = False
        self._fail(error or EarlyClose("closed before the answer was complete"))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A reply begins."""
        if self.is_complete:
            # A second one behind the first: the rest of this connection belongs to no request.
            self._can_stay = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header or, behind the body, a trailer, which may be left out (RFC 9110 6.5.1)."""
        self._header_count += 1
        self._header_bytes += len(name) + len(value)
        if self._header_count > MAX_HEADERS or self._header_bytes > MAX_HEADER_BYTES:
            raise ReplyRefused("too many headers")
        if not self._has_head:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The reply's head has come."""
        if self.is_complete:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            # An interim reply (RFC 9110 15.2): the real one follows.
            self.headers, self._header_count = [], 0
            return
        self._has_head = True
        # A head that says how long a body it does not have would be.
        self.is_complete = self._is_for_head

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if not self.is_complete:
            self._chunks.append(data)
            self._size += len(data)

    def on_message_complete(self) -> None:
        """The reply has come to its end."""
        if self._has_head and not self.is_complete:
            self._can_stay = self._parser.should_keep_alive()
            self.is_complete = True
