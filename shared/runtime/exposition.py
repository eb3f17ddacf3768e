"""`/metrics`, for Prometheus, on a port of its own: callers of the API need not see what it measures."""

import time
from collections.abc import Awaitable, Callable, Iterator

from prometheus_client import REGISTRY, Metric, start_http_server
from prometheus_client.registry import Collector

from shared.environment import end

WATCHED_SECONDS = 300.0
"""For so long after somebody has read the metrics, what has to be asked for is measured."""


class _Scrapes(Collector):
    """Adds nothing to what is read, and notes when that was; a start counts as one."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def describe(self) -> list[Metric]:
        """No metric."""
        return []

    def collect(self) -> Iterator[Metric]:
        """No metric; called at each scrape."""
        self.last = time.monotonic()
        return iter(())


_SCRAPES = _Scrapes()
REGISTRY.register(_SCRAPES)


def while_watched(measure: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
    """The step of a worker that measures, but only while somebody reads the metrics."""

    async def step() -> bool:
        return time.monotonic() - _SCRAPES.last < WATCHED_SECONDS and await measure()

    return step


def serve_metrics(host: str, port: int) -> Callable[[], None]:
    """Answer on this port from threads of their own; returns what ends that.

    Where somebody listens there already, the program ends with one line.
    """
    try:
        server, thread = start_http_server(port, host)
    except OSError as error:
        end([f"METRICS_PORT: cannot listen on {host}:{port}: {error.strerror}"])

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
