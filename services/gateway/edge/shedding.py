"""Sheds load by how long work waits: a queue that never empties is cut back, one that is only long is not.

After CoDel (RFC 8289): what counts is the shortest wait within an interval. Above the target, a growing share
of new requests is refused at once, so that those let in are answered in time; below it, the share shrinks.
"""

import asyncio
from dataclasses import dataclass, field

FIRST_SHARE = 0.1
MOST_SHARE = 0.9
LEAST_SHARE = 0.02
QUIET_SECONDS = 5.0


@dataclass(slots=True)
class Shedder:
    """Decides by waits that it is told of; seconds."""

    target_seconds: float
    interval_seconds: float
    share: float = 0.0
    _shortest: float | None = None
    _until: float | None = None
    _credit: float = 0.0
    # Set by each request: as long as nobody comes, there is nothing to measure.
    is_busy: asyncio.Event = field(default_factory=asyncio.Event)

    def waited(self, seconds: float, now: float) -> None:
        """Something waited so long for its turn; told regularly, whatever the load."""
        if self._shortest is None or seconds < self._shortest:
            self._shortest = seconds
        if self._until is None:
            self._until = now + self.interval_seconds
        elif now >= self._until:
            self._judge()
            self._shortest, self._until = None, now + self.interval_seconds

    def refuses(self) -> bool:
        """Whether the next request is to be refused: evenly spread, as many as the share says."""
        self._credit += self.share
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def _judge(self) -> None:
        if self._shortest is not None and self._shortest > self.target_seconds:
            self.share = min(MOST_SHARE, max(FIRST_SHARE, self.share * 1.5))
        else:
            self.share = self.share / 2 if self.share / 2 > LEAST_SHARE else 0.0


async def watch(shedder: Shedder, pause_seconds: float) -> None:
    """Measure again and again how late the event loop is: as late as every request that came in meanwhile.

    While nobody has come for a while it sleeps until somebody does.
    """
    loop, quiet_from = asyncio.get_running_loop(), 0.0
    while True:
        if shedder.is_busy.is_set():
            shedder.is_busy.clear()
            quiet_from = loop.time() + QUIET_SECONDS
        elif loop.time() > quiet_from and not shedder.share:
            await shedder.is_busy.wait()
        due = loop.time() + pause_seconds
        await asyncio.sleep(pause_seconds)
        shedder.waited(max(0.0, loop.time() - due), loop.time())
