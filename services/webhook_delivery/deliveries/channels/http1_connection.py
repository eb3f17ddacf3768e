"""One HTTP/1.1 connection that sends a POST at a time and reads a little of the answer."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import httptools

MAX_BODY_BYTES = 16 * 1024
MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100


class EarlyClose(ConnectionError):
    """The receiver closed the connection before its answer was complete."""


class AnswerRefused(Exception):
    """What came back is not an answer that we read: too many headers, another protocol."""


@dataclass(slots=True)
class Answer:
    """A status, headers with names in small letters, and the beginning of the body."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


class Connection(asyncio.Protocol):
    """The parser's callbacks fill the answer; whatever is not in its place closes the connection."""

    def __init__(self) -> None:
        self.opened_at = time.monotonic()
        self.used_at = self.opened_at
        self.is_reusable = False
        # Whether any byte has come back for the request in hand.
        self.has_answered = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._start()

    async def exchange(self, request: bytes, seconds: float) -> Answer:
        """Send the request; raises TimeoutError, OSError, AnswerRefused and httptools' HttpParserError."""
        assert self._transport is not None
        self._start()
        self.is_reusable = self.has_answered = False
        waiter: asyncio.Future[Answer] = self._loop.create_future()
        self._waiter = waiter
        timer = self._loop.call_later(seconds, self._end, TimeoutError("no complete answer in time"))
        try:
            if self._transport.is_closing():
                raise EarlyClose("closed before the request")
            self._transport.write(request)
            return await waiter
        finally:
            timer.cancel()
            self._waiter = None
            self.used_at = time.monotonic()
            if not self.is_reusable:
                self.abort()

    @property
    def is_open(self) -> bool:
        """Whether another request may go over it."""
        return self.is_reusable and self._transport is not None and not self._transport.is_closing()

    def abort(self) -> None:
        """Close it now, whatever is still on its way."""
        self.is_reusable = False
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not checked: uvloop's transports are of a class of their own.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._is_complete:
            # Nobody asked: what comes now must not be taken for the next request's answer.
            self.abort()
            return
        self.has_answered = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end(AnswerRefused("the receiver wants another protocol"))
        except Exception as error:
            self.is_reusable = False
            self._end(error)

    def eof_received(self) -> bool:
        if self._is_until_close and self._has_headers:
            self._finish()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.is_reusable = False
        if self._is_until_close and self._has_headers and error is None:
            self._finish()
        self._end(error or EarlyClose("closed before the answer was complete"))

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._is_complete:
            # A second answer behind the first: the rest of this connection belongs to no request.
            self.is_reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_complete:
            return
        self._header_count += 1
        self._header_bytes += len(name) + len(value)
        if self._header_count > MAX_HEADERS or self._header_bytes > MAX_HEADER_BYTES:
            raise AnswerRefused("too many headers")
        self._headers[name.decode("latin-1").lower()] = _storable(value)

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or self._is_complete:
            return
        self._answer.status, self._answer.headers = status, self._headers
        self._has_headers = True
        framed = "content-length" in self._headers or "transfer-encoding" in self._headers
        self._is_until_close = not framed and status not in (204, 304)

    def on_body(self, part: bytes) -> None:
        if self._is_complete:
            return
        body = self._answer.body
        body += part[: MAX_BODY_BYTES - len(body)]
        if len(body) >= MAX_BODY_BYTES:
            self._finish()

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:
            # Early hints and the like: the answer is still to come.
            self._headers.clear()
            self._header_count = 0
            return
        if not self._is_complete:
            self.is_reusable = self._parser.should_keep_alive()
            self._finish()

    def _start(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._headers: dict[str, str] = {}
        self._header_count = self._header_bytes = 0
        self._has_headers = self._is_until_close = self._is_complete = False

    def _finish(self) -> None:
        self._is_complete = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(self._answer)

    def _end(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self.is_reusable = False
            self._waiter.set_exception(error)


def head(target: str, host: str, headers: Mapping[str, str], body_length: int) -> bytes:
    """The head of a POST; raises ValueError rather than let a value end its header."""
    lines = [f"POST {target} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"content-length: {body_length}")
    text = "\r\n".join(lines)
    if text.count("\r") != len(lines) - 1 or text.count("\n") != len(lines) - 1 or "\x00" in text:
        raise ValueError("a header's value has more than one line")
    return (text + "\r\n\r\n").encode("ascii")


def _storable(value: bytes) -> str:
    return value.decode("utf-8", "replace").replace("\x00", "")
