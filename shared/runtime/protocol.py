"""How a server reads requests: as uvicorn does, but neither for ever nor without end."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 10.0
"""A connection on which no request begins, or none is completed up to its body, is closed after this time."""


class BoundedProtocol(HttpToolsProtocol):
    """Bounds a request's line and headers, which uvicorn's parser would collect as long as they come."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_bytes = 0
        self._is_in_head = True
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands: a request is expected."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It was closed."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came in: of a request's head, if not of its body."""
        was_in_head = self._is_in_head
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            self._head_bytes = self._head_bytes + len(data) if was_in_head else 0
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The request's head is too large.")
            elif self._head_timer is None:
                self._wait_for_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is complete; whoever works on it sets the time for the rest."""
        self._is_in_head, self._head_bytes = False, 0
        self._stop_waiting()
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
