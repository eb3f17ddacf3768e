"""Spans of the work in hand. Until a tracer is installed there are none, and asking for one costs nothing.

The trace travels as `context.traceparent`: within a span that is the span's own, so that whatever is called,
recorded or asked there stands below it. What the trace's head chose not to sample makes no spans anywhere.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

from shared.kernel import context

Attributes = Mapping[str, str | int | bool]


class Kind(StrEnum):
    """What a span is within its trace."""

    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


class Started(Protocol):
    """A span under way, as a tracer makes it."""

    traceparent: str

    def set(self, attributes: Attributes) -> None: ...

    def rename(self, name: str) -> None: ...

    def end(self, error: BaseException | None, ended_ns: int | None = None) -> None: ...


class Tracer(Protocol):
    """Makes spans; `started_ns` is nanoseconds since 1970."""

    def start(
        self,
        name: str,
        kind: Kind,
        parent: str | None,
        attributes: Attributes,
        links: Sequence[str] = (),
        started_ns: int | None = None,
    ) -> Started: ...


_tracers: list[Tracer] = []


def install(tracer: Tracer | None) -> None:
    """From now on spans are made by this tracer, or by none."""
    _tracers[:] = [tracer] if tracer else []


def is_on() -> bool:
    """Whether there is a tracer."""
    return bool(_tracers)


def is_sampled(traceparent: str | None) -> bool:
    """Whether the head of this trace chose to record it (W3C Trace Context 3.2.2.5)."""
    return traceparent is not None and traceparent[53:55] in ("01", "03")


class Span:
    """What may be told of the work in hand; where it is not traced, nothing happens."""

    traceparent: str | None = None

    def set(self, attributes: Attributes) -> None:
        """Add attributes."""

    def rename(self, name: str) -> None:
        """Give it the name that is known only now."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to end."""


_NOTHING = Span()


class _Active(Span):
    """The current span from entry to exit; an exception that leaves it marks it as failed."""

    def __init__(self, started: Started) -> None:
        self._started = started
        self._before: str | None = None
        self.traceparent = started.traceparent

    def set(self, attributes: Attributes) -> None:
        self._started.set(attributes)

    def rename(self, name: str) -> None:
        self._started.rename(name)

    def __enter__(self) -> Self:
        self._before = context.traceparent.get()
        context.traceparent.set(self.traceparent)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        context.traceparent.set(self._before)
        self._started.end(error)


def span(
    name: str,
    kind: Kind,
    parent: str | None,
    attributes: Attributes | None = None,
    links: Sequence[str] = (),
) -> Span:
    """A span below `parent`, to be entered; only what serves a request may begin a trace of its own."""
    if not _tracers or not (is_sampled(parent) or (kind is Kind.SERVER and parent is None)):
        return _NOTHING
    return _Active(_tracers[0].start(name, kind, parent, attributes or {}, links))


@contextlib.contextmanager
def current(traceparent: str | None) -> Iterator[None]:
    """Put what happens in this block below the span of this traceparent."""
    before = context.traceparent.get()
    context.traceparent.set(traceparent)
    try:
        yield
    finally:
        context.traceparent.set(before)


def record(
    name: str,
    kind: Kind,
    parent: str | None,
    times_ns: tuple[int, int],
    attributes: Attributes,
    error: BaseException | None = None,
) -> None:
    """Tell of what is over already, from its beginning to its end."""
    if _tracers and is_sampled(parent):
        started_ns, ended_ns = times_ns
        made = _tracers[0].start(name, kind, parent, attributes, started_ns=started_ns)
        made.end(error, ended_ns)
