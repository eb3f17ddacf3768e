"""Workers: what the clock sets going. A worker does its step again and again until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter

FAILURES = Counter("billing_worker_failures_total", "Steps of a worker that raised.", ["worker"])
log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """Repeats `step`; a step that returns True had more to do and is repeated at once."""

    name: str
    step: Callable[[], Awaitable[bool]]
    interval_seconds: float
    _signal: asyncio.Event = field(default_factory=asyncio.Event)
    _is_stopping: bool = False

    def wake(self) -> None:
        """Take the next step now."""
        self._signal.set()

    def stop(self) -> None:
        """Finish the step in hand and return from run()."""
        self._is_stopping = True
        self._signal.set()

    async def run(self) -> None:
        """Step until stopped; a step that raises is logged and tried again with growing pauses."""
        pause = self.interval_seconds
        while not self._is_stopping:
            try:
                has_more = await self.step()
                pause = self.interval_seconds
            except Exception as error:
                FAILURES.labels(self.name).inc()
                log.warning("worker.step_failed", worker=self.name, error=repr(error), exc_info=error)
                has_more, pause = False, min(max(pause, 0.1) * 2, 30.0)
            if not has_more:
                await self._wait(pause)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._signal.wait()
        except TimeoutError:
            return
        self._signal.clear()
