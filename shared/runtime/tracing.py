"""Turns tracing on where OTEL_EXPORTER_OTLP_ENDPOINT names a collector; else the SDK is not even loaded.

The SDK reads its own variables besides: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
OTEL_EXPORTER_OTLP_HEADERS, OTEL_BSP_….
"""

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared.kernel import tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


@contextlib.contextmanager
def traced(service: str, endpoint: str | None) -> Iterator[None]:
    """Make spans of this process until the end of the block."""
    if not endpoint:
        yield
        return
    provider = _exporting(service)
    tracing.install(provider.get_tracer("billing"))
    try:
        yield
    finally:
        tracing.install(None)
        # Sends what is left; a collector that does not answer delays the end by seconds, not more.
        provider.shutdown()


def _exporting(service: str) -> "TracerProvider":
    """Sends spans to the collector over OTLP/HTTP, in batches from a thread of its own."""
    # Here, since the SDK takes as long to load as a service takes to start.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    name = os.environ.get("OTEL_SERVICE_NAME") or f"billing-{service.replace('_', '-')}"
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
