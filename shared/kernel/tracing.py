"""Spans of OpenTelemetry, placed below the trace that `context.traceparent` carries.

Within a span that is its own, so that whatever is called, recorded or asked there stands below it. What the
trace's head chose not to sample makes no spans anywhere. Until a tracer is installed there are none, and
asking for one is a look at a variable: the API's own way to do nothing costs ten times as much and more.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

from shared.kernel import context
from shared.kernel.attributes import ERROR_TYPE, HTTP_STATUS

Attributes = dict[str, str | int | bool]
_SERVER_ERROR = 500
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


def span(
    name: str,
    kind: SpanKind,
    parent: str | None,
    attributes: Attributes | None = None,
    links: Sequence[str] = (),
) -> AbstractContextManager[Span]:
    """A span below `parent`, to be entered; only what serves a request may begin a trace of its own.

    An exception that leaves it marks it as failed, by its class alone: its text may hold data.
    """
    if not _tracers or not (is_sampled(parent) or (kind is SpanKind.SERVER and parent is None)):
        return INVALID_SPAN
    return _active(_start(name, kind, parent, attributes, links=links))


def record(
    name: str,
    kind: SpanKind,
    parent: str | None,
    times_ns: tuple[int, int],
    attributes: Attributes,
    *,
    error: BaseException | None = None,
) -> None:
    """Tell of what is over already, from its beginning to its end in nanoseconds since 1970."""
    if _tracers and is_sampled(parent):
        made = _start(name, kind, parent, attributes, started_ns=times_ns[0])
        if error is not None:
            _fail(made, error)
        made.end(times_ns[1])


@contextlib.contextmanager
def current(traceparent: str | None) -> Iterator[None]:
    """Put what happens in this block below the span of this traceparent."""
    before = context.traceparent.get()
    context.traceparent.set(traceparent)
    try:
        yield
    finally:
        context.traceparent.set(before)


def traceparent_of(made: Span) -> str | None:
    """What carries the span to others; None of one that is not made."""
    own = made.get_span_context()
    return f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags & 1:02x}" if own.is_valid else None


def note_status(made: Span, status: int) -> None:
    """Tell the status of a reply; from 500 on it is an error of ours."""
    made.set_attribute(HTTP_STATUS, status)
    if status >= _SERVER_ERROR:
        made.set_status(StatusCode.ERROR)


@contextlib.contextmanager
def _active(made: Span) -> Iterator[Span]:
    with current(traceparent_of(made)):
        try:
            yield made
        except BaseException as error:
            _fail(made, error)
            raise
        finally:
            made.end()


def _start(
    name: str,
    kind: SpanKind,
    parent: str | None,
    attributes: Attributes | None,
    *,
    links: Sequence[str] = (),
    started_ns: int | None = None,
) -> Span:
    above = set_span_in_context(NonRecordingSpan(_context_of(parent))) if parent else None
    linked = [Link(_context_of(link)) for link in links]
    return _tracers[0].start_span(name, above, kind, attributes, linked, started_ns)


def _fail(made: Span, error: BaseException) -> None:
    made.set_attribute(ERROR_TYPE, type(error).__name__)
    made.set_status(StatusCode.ERROR)


def _context_of(traceparent: str) -> SpanContext:
    flags = TraceFlags(int(traceparent[53:55], 16) & 1)
    return SpanContext(int(traceparent[3:35], 16), int(traceparent[36:52], 16), True, flags)
