"""What methods alone cannot do: follow the feed of events, and wait for a sandbox's clock."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from billing_sdk import errors
from billing_sdk._resources import AsyncResource, Resource

if TYPE_CHECKING:
    from billing_sdk._generated.models import Clock, Feed, FeedEvent

WAIT_SECONDS = 20
"""How long the server holds a question open while nothing happens."""
POLL_SECONDS = 0.5
_RECONNECT = (1.0, 2.0, 5.0, 10.0)
_PASSING = (errors.ConnectionFailed, errors.TimedOut, errors.RateLimited, errors.ServerError, errors.BadReply)


class _Place:
    """Where a follower stands, and what it asks next."""

    def __init__(self, after: str | None, since: datetime | str | None, types: Sequence[str] | None) -> None:
        self.cursor: str | None = after
        self._since = since
        self._types = list(types) if types else None
        self._failures = 0

    def question(self, wait: int, timeout: float) -> dict[str, Any]:
        asked: dict[str, Any] = {"wait": wait, "timeout": timeout + wait, "max_retries": 0}
        if self._types:
            asked["types"] = self._types
        if self.cursor is not None:
            asked["after"] = self.cursor
        elif self._since is not None:
            asked["since"] = self._since
        return asked

    def arrived(self) -> None:
        self._failures = 0

    def pause(self, error: errors.BillingError) -> float:
        """How long to wait before it is asked again."""
        self._failures += 1
        asked = getattr(error, "retry_after", None)
        return max(asked or 0.0, _RECONNECT[min(self._failures, len(_RECONNECT)) - 1])


class Follower:
    """The events as they happen, without end; `cursor` is where to go on another time.

    The cursor moves on once all events before it were taken: whoever stores it hears each event at least once.
    """

    def __init__(self, ask: Any, place: _Place, wait: int, timeout: float) -> None:
        self._ask, self._place, self._wait, self._timeout = ask, place, wait, timeout

    @property
    def cursor(self) -> str | None:
        """Behind the last piece of the feed that was taken whole; give it as `after`."""
        return self._place.cursor

    def __iter__(self) -> Iterator[FeedEvent]:
        while True:
            try:
                feed: Feed = self._ask(**self._place.question(self._wait, self._timeout))
            except _PASSING as error:
                time.sleep(self._place.pause(error))
                continue
            self._place.arrived()
            yield from feed.data
            self._place.cursor = feed.meta.next_cursor


class AsyncFollower:
    """The events as they happen, without end; `cursor` is where to go on another time.

    The cursor moves on once all events before it were taken: whoever stores it hears each event at least once.
    """

    def __init__(self, ask: Any, place: _Place, wait: int, timeout: float) -> None:
        self._ask, self._place, self._wait, self._timeout = ask, place, wait, timeout

    @property
    def cursor(self) -> str | None:
        """Behind the last piece of the feed that was taken whole; give it as `after`."""
        return self._place.cursor

    async def __aiter__(self) -> AsyncIterator[FeedEvent]:
        while True:
            try:
                feed: Feed = await self._ask(**self._place.question(self._wait, self._timeout))
            except _PASSING as error:
                await _sleep(self._place.pause(error))
                continue
            self._place.arrived()
            for event in feed.data:
                yield event
            self._place.cursor = feed.meta.next_cursor


class EventsExtras(Resource):
    """The feed of events."""

    __slots__ = ()

    def follow(
        self,
        *,
        after: str | None = None,
        since: datetime | str | None = None,
        types: Sequence[str] | None = None,
        wait: int = WAIT_SECONDS,
    ) -> Follower:
        """Follow the feed for ever: from a cursor, `after="latest"` from now on, else from its beginning.

        A lost connection is made again. `types` are those that are wanted, such as `["invoice.paid"]`.
        """
        place = _Place(after, since, types)
        ask: Any = self.list  # type: ignore[attr-defined]
        return Follower(ask, place, wait, self._transport.settings.timeout)


class AsyncEventsExtras(AsyncResource):
    """The feed of events."""

    __slots__ = ()

    def follow(
        self,
        *,
        after: str | None = None,
        since: datetime | str | None = None,
        types: Sequence[str] | None = None,
        wait: int = WAIT_SECONDS,
    ) -> AsyncFollower:
        """Follow the feed for ever: from a cursor, `after="latest"` from now on, else from its beginning.

        A lost connection is made again. `types` are those that are wanted, such as `["invoice.paid"]`.
        """
        place = _Place(after, since, types)
        ask: Any = self.list  # type: ignore[attr-defined]
        return AsyncFollower(ask, place, wait, self._transport.settings.timeout)


class ClockExtras(Resource):
    """The clock of a sandbox."""

    __slots__ = ()

    def advance_and_wait(self, *, to: datetime | str, seconds: float = 300, poll: float = POLL_SECONDS) -> Clock:
        """Set the clock going and wait until it is there; raises TimedOut after so many seconds."""
        this: Any = self
        until = time.monotonic() + seconds
        clock: Clock = this.advance(to=to)
        while not _is_there(clock):
            if time.monotonic() > until:
                raise errors.TimedOut(f"the clock was still on its way after {seconds:.0f} s")
            time.sleep(poll)
            clock = this.get()
        return clock


class AsyncClockExtras(AsyncResource):
    """The clock of a sandbox."""

    __slots__ = ()

    async def advance_and_wait(self, *, to: datetime | str, seconds: float = 300, poll: float = POLL_SECONDS) -> Clock:
        """Set the clock going and wait until it is there; raises TimedOut after so many seconds."""
        this: Any = self
        until = time.monotonic() + seconds
        clock: Clock = await this.advance(to=to)
        while not _is_there(clock):
            if time.monotonic() > until:
                raise errors.TimedOut(f"the clock was still on its way after {seconds:.0f} s")
            await _sleep(poll)
            clock = await this.get()
        return clock


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


def _is_there(clock: Mapping[str, Any] | Clock) -> bool:
    return clock["target"] is None
