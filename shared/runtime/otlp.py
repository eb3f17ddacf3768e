"""Sends spans to an OpenTelemetry collector over OTLP/HTTP; loaded only where there is one.

The SDK reads its own variables besides: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
OTEL_EXPORTER_OTLP_HEADERS, OTEL_BSP_….
"""

import os
from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from shared.kernel import attributes as names
from shared.kernel.tracing import Attributes, Kind

_SERVER_ERROR = 500
_KINDS = {kind: trace.SpanKind[kind.name] for kind in Kind}


class OtlpSpan:
    """One span of the SDK."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        made = span.get_span_context()
        self.traceparent = f"00-{made.trace_id:032x}-{made.span_id:016x}-{made.trace_flags & 1:02x}"

    def set(self, attributes: Attributes) -> None:
        """Add attributes; a status of 500 or more is an error of ours."""
        self._span.set_attributes(dict(attributes))
        if int(attributes.get(names.HTTP_STATUS, 0)) >= _SERVER_ERROR:
            self._span.set_status(trace.StatusCode.ERROR)

    def rename(self, name: str) -> None:
        """Give it the name that is known only now."""
        self._span.update_name(name)

    def end(self, error: BaseException | None, ended_ns: int | None = None) -> None:
        """End it now or at this time; of an error only its class is told, for its text may hold data."""
        if error is not None:
            self._span.set_attribute(names.ERROR_TYPE, type(error).__name__)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end(ended_ns)


class OtlpTracer:
    """Makes spans, and sends them in batches from a thread of its own."""

    def __init__(self, service: str) -> None:
        name = os.environ.get("OTEL_SERVICE_NAME") or f"billing-{service.replace('_', '-')}"
        self._provider = TracerProvider(resource=Resource.create({"service.name": name}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("billing")

    def start(
        self,
        name: str,
        kind: Kind,
        parent: str | None,
        attributes: Attributes,
        links: Sequence[str] = (),
        started_ns: int | None = None,
    ) -> OtlpSpan:
        """Begin a span now or at this time; without a parent the sampler decides about the whole trace."""
        above = trace.set_span_in_context(trace.NonRecordingSpan(_context(parent))) if parent else None
        made = self._tracer.start_span(
            name,
            above,
            _KINDS[kind],
            dict(attributes),
            [trace.Link(_context(link)) for link in links],
            start_time=started_ns,
        )
        return OtlpSpan(made)

    def close(self) -> None:
        """Send what is left; a collector that does not answer delays the end by seconds, not more."""
        self._provider.shutdown()


def _context(traceparent: str) -> trace.SpanContext:
    flags = trace.TraceFlags(int(traceparent[53:55], 16) & 1)
    return trace.SpanContext(int(traceparent[3:35], 16), int(traceparent[36:52], 16), True, flags)
