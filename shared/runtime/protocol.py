"""How a server reads requests: as uvicorn does, but neither for ever nor without end."""

import asyncio
from enum import Enum, auto
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
"""Of a request's line and headers; also of what stands between and after the chunks of its body."""
FRAMING_PER_BODY_BYTE = 8
"""A body sent one byte a chunk needs five bytes of framing for each; beyond this it is no body's framing."""
MAX_LEFTOVER_BYTES = 2 * 1024 * 1024
HEAD_SECONDS = 10.0
"""A connection on which no request begins, or none is completed up to its body, is closed after this time."""
BODY_SECONDS = 28.0
"""Longer than an app waits for a body, so that it can say so before the connection goes."""
LEFTOVER_SECONDS = 5.0
"""For the rest of a request that was answered before its end (RFC 9112 9.3, 9.6)."""


class _Phase(Enum):
    HEAD = auto()
    BODY = auto()


class NotOneHost(ValueError):
    """An HTTP/1.1 request names its host exactly once (RFC 9112 3.2)."""


class BoundedProtocol(HttpToolsProtocol):
    """Bounds what a client may send outside of bodies, and how long each part of a request may take.

    uvicorn bounds neither: its parser collects headers and trailers as long as they come, trailers overwrite
    headers, and the next byte takes away the only timer that a connection has.
    """

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS
    leftover_seconds = LEFTOVER_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._phase = _Phase.HEAD
        self._timer: asyncio.TimerHandle | None = None
        # Bytes of the message at hand: in its body, and outside of it.
        self._body_bytes = self._outside_bytes = self._leftover_bytes = 0
        # Of the piece that is being read.
        self._body_bytes_read = 0
        self._has_crossed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands: a request is expected."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """It was closed."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came in: all of them are counted, whatever they belong to."""
        self._body_bytes_read, self._has_crossed = 0, False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._has_crossed:
            # A piece in which a head or a message ends is let pass: its parts cannot be told from each other.
            self._outside_bytes += len(data) - self._body_bytes_read
        if self._outside_bytes > MAX_HEAD_BYTES + FRAMING_PER_BODY_BYTE * self._body_bytes:
            self._refuse("The request's head, or what is sent around its body, is too large.")
        elif self._is_leftover:
            self._leftover_bytes += len(data)
            if self._leftover_bytes > MAX_LEFTOVER_BYTES:
                self.transport.close()
        if self._timer is None and not self.transport.is_closing():
            self._wait(self.head_seconds if self._phase is _Phase.HEAD else self.body_seconds)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begin(_Phase.HEAD)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field: of the head, or a trailer, which is dropped (RFC 9110 6.5.1)."""
        if self._phase is _Phase.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its head is complete. Raises NotOneHost."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise NotOneHost
        self._begin(_Phase.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body."""
        self._body_bytes_read += len(body)
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It has come whole; what comes next is another one's head."""
        was_leftover = self._is_leftover
        self._begin(_Phase.HEAD)
        super().on_message_complete()
        if was_leftover:
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """It was answered: maybe before it came whole, then the rest has little time."""
        super().on_response_complete()
        if self._is_leftover and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._wait(self.leftover_seconds)

    @property
    def _is_leftover(self) -> bool:
        return self._phase is _Phase.BODY and self._has_answered

    @property
    def _has_answered(self) -> bool:
        """Whether there was a request and it is answered; before the first one there is no cycle."""
        cycle: Any = self.cycle
        return bool(cycle is not None and cycle.response_complete)

    def _begin(self, phase: _Phase) -> None:
        self._phase, self._has_crossed = phase, True
        self._body_bytes = self._outside_bytes = self._leftover_bytes = 0
        self._stop_waiting()

    def _refuse(self, why: str) -> None:
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.send_400_response(why)
        else:
            self.transport.close()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        cycle: Any = self.cycle
        is_answering = cycle is not None and not cycle.response_complete
        if self._phase is _Phase.HEAD and is_answering:
            # The request before is still being worked on; who waits for it may be early with the next.
            self._wait(self.head_seconds)
        elif not self.transport.is_closing():
            self.transport.close()
