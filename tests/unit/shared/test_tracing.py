"""Spans: none without a collector, one tree with it, and never a value in them."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.trace import SpanKind

from shared.events.workspace import WorkspaceClockAdvanced
from shared.kernel import attributes as names
from shared.kernel import context, tracing
from shared.kernel.ids import new_id
from shared.messaging import received, traces
from shared.postgres.statements import note_statement, summary, without_values
from tests.collector import Collector, Received, collecting

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = f"00-{TRACE}-00f067aa0ba902b7-01"
UNSAMPLED = f"00-{TRACE}-00f067aa0ba902b7-00"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector, and a tracer of this process that sends to it when the test calls `close`."""
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        # The journeys, which may have run in this process before, leave the choice to the caller.
        monkeypatch.delenv("OTEL_TRACES_SAMPLER", raising=False)
        before = context.traceparent.get()
        yield made
        context.traceparent.set(before)
        tracing.install(None)


def traced(collector: Collector, work: Any) -> list[Received]:
    """The spans that `work` makes."""
    from shared.runtime.tracing import traced as tracing_on

    with tracing_on("payment", collector.url):
        work()
    return sorted(collector.spans, key=lambda one: one.times_ns)


def an_event(traceparent: str | None) -> WorkspaceClockAdvanced:
    return WorkspaceClockAdvanced.model_construct(id=new_id(), traceparent=traceparent)


def test_nothing_of_it_is_loaded_without_a_collector() -> None:
    script = """
import sys
from services.webhook_delivery import main
from shared.runtime.tracing import traced
with traced("gateway", None):
    print(sorted(name for name in sys.modules if name.startswith("opentelemetry.sdk")))
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_without_a_collector_a_span_changes_nothing() -> None:
    context.traceparent.set(SAMPLED)

    with tracing.span("GET", SpanKind.CLIENT, SAMPLED) as span:
        inside = context.traceparent.get()

    assert (inside, tracing.traceparent_of(span), tracing.is_on()) == (SAMPLED, None, False)
    context.traceparent.set(None)


def test_what_happens_within_a_span_stands_below_it(collector: Collector) -> None:
    def work() -> None:
        with (
            tracing.span("POST", SpanKind.SERVER, SAMPLED, {names.HTTP_METHOD: "POST"}) as outer,
            tracing.span("GET invoice", SpanKind.CLIENT, context.traceparent.get()) as inner,
        ):
            outer.update_name("POST /v1/payments")
            tracing.note_status(inner, 503)

    server, client = traced(collector, work)

    assert (server.trace_id, server.parent_id, server.kind) == (TRACE, "00f067aa0ba902b7", "server")
    assert (server.name, server.service) == ("POST /v1/payments", "billing-payment")
    assert (client.parent_id, client.is_error) == (server.span_id, True)


def test_what_its_head_did_not_sample_makes_no_spans(collector: Collector) -> None:
    def work() -> None:
        with tracing.span("POST", SpanKind.SERVER, UNSAMPLED):
            tracing.record("SELECT", SpanKind.CLIENT, UNSAMPLED, (1, 2), {})
        with tracing.span("process", SpanKind.CONSUMER, None):
            assert context.traceparent.get() is None

    assert traced(collector, work) == []


def test_a_request_without_a_trace_begins_one(collector: Collector) -> None:
    def work() -> None:
        with tracing.span("GET", SpanKind.SERVER, None):
            assert tracing.is_sampled(context.traceparent.get())

    assert [one.parent_id for one in traced(collector, work)] == [""]


def test_of_an_error_only_its_class_is_told(collector: Collector) -> None:
    def work() -> None:
        with pytest.raises(ValueError, match="secret"), tracing.span("GET", SpanKind.SERVER, SAMPLED):
            raise ValueError("secret@example.com")

    (span,) = traced(collector, work)

    assert (span.is_error, span.attributes) == (True, {names.ERROR_TYPE: "ValueError"})


def test_events_of_a_batch_stand_below_their_causes_and_statements_below_the_first(
    collector: Collector,
) -> None:
    other_trace = "a" * 32
    causes = (None, SAMPLED, f"00-{other_trace}-{'b' * 16}-01")
    events = [received.Received(None, an_event(cause), None) for cause in causes]
    seen: list[str | None] = []

    def work() -> None:
        with traces.processing("payment", events) as processed:
            seen.extend(one.subject.traceparent for one in processed)
            note_statement(SimpleNamespace(query="SELECT a FROM b", elapsed=0.001, exception=None))

    spans = {(one.trace_id, one.kind): one for one in traced(collector, work)}

    first, second = spans[TRACE, "consumer"], spans[other_trace, "consumer"]
    assert first.name == "process workspace.clock_advanced"
    assert (first.parent_id, second.parent_id) == ("00f067aa0ba902b7", "b" * 16)
    assert second.links == [first.span_id]
    assert [parent and parent[36:52] for parent in seen] == [None, first.span_id, second.span_id]
    assert spans[TRACE, "client"].parent_id == first.span_id
    assert (first.attributes[names.MESSAGING_BATCH_SIZE], len(spans)) == (3, 3)


def test_a_published_event_shows_how_long_it_waited_in_the_outbox(collector: Collector) -> None:
    created_at = datetime(2026, 4, 11, 9, 0, tzinfo=UTC)
    row = {"id": new_id(), "type": "payment.created", "headers": {"traceparent": SAMPLED}}

    (span,) = traced(collector, lambda: traces.note_published([row | {"created_at": created_at}]))

    assert (span.name, span.kind) == ("publish payment.created", "producer")
    assert span.times_ns[0] == int(created_at.timestamp()) * 10**9
    assert span.times_ns[1] == pytest.approx(time.time_ns(), abs=60 * 10**9)


def test_a_statement_shows_no_value(collector: Collector) -> None:
    context.traceparent.set(SAMPLED)
    statement = "SELECT id\n  FROM contact c WHERE name = 'O''Hara' AND n > 12.5 AND id = $1"
    query = SimpleNamespace(query=statement, args=("x@example.com",), elapsed=0.25, exception=KeyError("x@y"))

    (span,) = traced(collector, lambda: note_statement(query))

    shown = span.attributes[names.DATABASE_STATEMENT]
    assert shown == "SELECT id FROM contact c WHERE name = ? AND n > ? AND id = $1"
    assert (span.name, span.is_error) == ("SELECT contact", True)
    assert span.times_ns[1] - span.times_ns[0] == pytest.approx(250_000_000, abs=1000)
    assert "example.com" not in str(span)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("INSERT INTO outbox (id, payload) SELECT * FROM unnest($1::uuid[], $2::bytea[])", "INSERT outbox"),
        ("SELECT generate_series FROM generate_series(?, $1)", "SELECT"),
        ("SELECT a FROM unnest($1::int[]) AS n JOIN b USING (n)", "SELECT"),
        ("UPDATE invoice SET status = $1 FROM contact", "UPDATE invoice"),
        ("DELETE FROM inbox WHERE event_id = $1", "DELETE inbox"),
        ("COMMIT", "COMMIT"),
        ("BEGIN; SELECT set_config(?, ?, true)", "BEGIN"),
    ],
)
def test_a_statement_is_named_for_what_it_does_to_which_table(statement: str, expected: str) -> None:
    assert summary(statement) == expected


def test_the_workspace_of_a_transaction_is_no_part_of_its_statement() -> None:
    statement = f"BEGIN; SELECT set_config('app.workspace_id', '{new_id()}', true)"

    assert without_values(statement) == "BEGIN; SELECT set_config(?, ?, true)"
