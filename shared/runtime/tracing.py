"""Turns tracing on where OTEL_EXPORTER_OTLP_ENDPOINT names a collector; else nothing of it is even loaded."""

import contextlib
from collections.abc import Iterator

from shared.kernel import tracing


@contextlib.contextmanager
def traced(service: str, endpoint: str | None) -> Iterator[None]:
    """Make spans of this process until the end of the block."""
    if not endpoint:
        yield
        return
    # Here, since the SDK takes as long to load as a service takes to start.
    from shared.runtime.otlp import OtlpTracer  # noqa: PLC0415

    tracer = OtlpTracer(service)
    tracing.install(tracer)
    try:
        yield
    finally:
        tracing.install(None)
        tracer.close()
