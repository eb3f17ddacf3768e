"""A small OpenTelemetry collector: takes spans over OTLP/HTTP and keeps them."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Received:
    """A span as it arrived; ids in hex, times in nanoseconds since 1970."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    times_ns: tuple[int, int]
    is_error: bool
    attributes: dict[str, Any]
    links: list[str]


@dataclass
class Collector:
    """What has arrived; `url` is the value of OTEL_EXPORTER_OTLP_ENDPOINT."""

    url: str = ""
    spans: list[Received] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        for resource in request.resource_spans:
            about = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [_received(about["service.name"], span) for span in scope.spans]

    def of_trace(self, trace_id: str) -> list[Received]:
        """The spans of one trace, in the order of their beginnings."""
        return sorted((one for one in self.spans if one.trace_id == trace_id), key=lambda one: one.times_ns)


@contextlib.contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens on a free port of this machine until the end of the block."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["content-length"])))
            reply = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()


def _received(service: str, span: Any) -> Received:
    return Received(
        service,
        span.name,
        span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        (span.start_time_unix_nano, span.end_time_unix_nano),
        span.status.code == 2,
        {one.key: _value(one.value) for one in span.attributes},
        [link.span_id.hex() for link in span.links],
    )


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))
