"""Workers: what the clock sets going. A worker does its step again and again until it is told to stop.

While there is something to do it steps every `interval_seconds`. When nothing was found and nothing was
committed for a while, it rests: until it is nudged (something was committed), until `next_due_in` says, and
at the longest for `rest_seconds`, the safety poll that catches a nudge which was lost.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter, Gauge

HURRIED_INTERVAL_SECONDS = 0.1
HURRIED_SECONDS = 30.0
AWAKE_SECONDS = 5.0
"""What is under way often goes on in a moment: for so long after the last of it a worker does not rest."""
FAILURES = Counter("billing_worker_failures_total", "Steps of a worker that raised.", ["worker"])
STEPPED = Gauge(
    "billing_worker_stepped_timestamp_seconds",
    "When a worker's step last ended well, since 1970.",
    ["worker"],
)
INTERVAL = Gauge("billing_worker_interval_seconds", "How often a worker steps at the least.", ["worker"])
log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """Repeats `step`; a step that returns True had more to do and is repeated at once."""

    name: str
    step: Callable[[], Awaitable[bool]]
    interval_seconds: float
    # What it finds due depends on the clocks of workspaces: it hurries while a sandbox's is being moved.
    follows_clocks: bool = False
    # It renews what runs out: its pace is not to be changed.
    never_rests: bool = False
    # How long it sleeps at the most when nothing is going on; None: it never rests.
    rest_seconds: float | None = None
    # In how many seconds something will be due by the clock alone, as far as is known; asked before a rest.
    next_due_in: Callable[[], Awaitable[float | None]] | None = None
    _signal: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopping: bool = False
    _is_resting: bool = False
    _hurried_until: float = 0.0
    _awake_until: float = 0.0

    def wake(self) -> None:
        """Take the next step now."""
        self._signal.set()

    def nudge(self) -> None:
        """Something was committed that may concern it: end the rest, at the usual pace."""
        self._awake_until = time.monotonic() + AWAKE_SECONDS
        if self._is_resting:
            self._signal.set()

    def hurry(self) -> None:
        """Take the next step now, and keep a fast pace for a while."""
        self._hurried_until = time.monotonic() + HURRIED_SECONDS
        self.wake()

    def stop(self) -> None:
        """Finish the step in hand and return from run()."""
        self._is_stopping = True
        self._signal.set()

    async def run(self) -> None:
        """Step until stopped; a step that raises is logged and tried again with growing pauses."""
        pause = self._pace()
        FAILURES.labels(self.name)
        INTERVAL.labels(self.name).set(max(self.interval_seconds, self.rest_seconds or 0))
        stepped = STEPPED.labels(self.name)
        stepped.set_to_current_time()
        while not self._is_stopping:
            try:
                has_more = await self.step()
                stepped.set_to_current_time()
                pause = self._pace()
                if has_more:
                    self._awake_until = time.monotonic() + AWAKE_SECONDS
                    continue
                rest = await self._rest_after(pause)
            except Exception as error:
                FAILURES.labels(self.name).inc()
                log.warning("worker.step_failed", worker=self.name, error=repr(error), exc_info=error)
                pause, rest = min(max(pause, 0.1) * 2, 30.0), 0.0
            if not await self._wait(pause) and rest:
                await self._rest(rest)

    def _pace(self) -> float:
        is_hurried = time.monotonic() < self._hurried_until
        return min(self.interval_seconds, HURRIED_INTERVAL_SECONDS) if is_hurried else self.interval_seconds

    async def _rest_after(self, pause: float) -> float:
        """How long to rest after the usual pause; 0 while something is going on."""
        now = time.monotonic()
        if self.rest_seconds is None or now < max(self._awake_until, self._hurried_until):
            return 0.0
        due_in = await self.next_due_in() if self.next_due_in else None
        rest = self.rest_seconds if due_in is None else min(self.rest_seconds, due_in)
        return max(0.0, rest - pause)

    async def _rest(self, seconds: float) -> None:
        if time.monotonic() >= self._awake_until and not self._is_stopping:
            self._is_resting = True
            try:
                await self._wait(seconds)
            finally:
                self._is_resting = False

    async def _wait(self, seconds: float) -> bool:
        """Sleep so long; True as soon as it is woken."""
        try:
            async with asyncio.timeout(seconds):
                await self._signal.wait()
        except TimeoutError:
            return False
        self._signal.clear()
        return True
