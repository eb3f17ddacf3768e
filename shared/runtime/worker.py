"""Workers: what the clock sets going. A worker does its step again and again until it is told to stop."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter, Gauge

HURRIED_INTERVAL_SECONDS = 0.1
HURRIED_SECONDS = 30.0
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
    _signal: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopping: bool = False
    _hurried_until: float = 0.0

    def wake(self) -> None:
        """Take the next step now."""
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
        INTERVAL.labels(self.name).set(self.interval_seconds)
        stepped = STEPPED.labels(self.name)
        stepped.set_to_current_time()
        while not self._is_stopping:
            try:
                has_more = await self.step()
                stepped.set_to_current_time()
                pause = self._pace()
            except Exception as error:
                FAILURES.labels(self.name).inc()
                log.warning("worker.step_failed", worker=self.name, error=repr(error), exc_info=error)
                has_more, pause = False, min(max(pause, 0.1) * 2, 30.0)
            if not has_more:
                await self._wait(pause)

    def _pace(self) -> float:
        is_hurried = time.monotonic() < self._hurried_until
        return min(self.interval_seconds, HURRIED_INTERVAL_SECONDS) if is_hurried else self.interval_seconds

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._signal.wait()
        except TimeoutError:
            return
        self._signal.clear()
