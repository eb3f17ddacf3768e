"""Spans of events on their way: from the outbox to Kafka, and from Kafka to their effect."""

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from opentelemetry.trace import Span, SpanKind

from shared.kernel import attributes as names
from shared.kernel import tracing
from shared.messaging.received import Received
from shared.postgres.pool import Row


def note_published(rows: Sequence[Row]) -> None:
    """Tell how long rows of the outbox waited until Kafka had them."""
    if not tracing.is_on():
        return
    now_ns = time.time_ns()
    for row in rows:
        parent = row["headers"].get("traceparent")
        began_ns = int(row["created_at"].timestamp() * 1_000_000_000)
        tracing.record(
            f"publish {row['type']}",
            SpanKind.PRODUCER,
            parent,
            (began_ns, now_ns),
            _about(row["type"], str(row["id"]), "publish"),
        )


@contextlib.contextmanager
def processing(service: str, received: Sequence[Received]) -> Iterator[Sequence[Received]]:
    """The events, each within a span of its own below its cause, so that what follows stands below that.

    A batch is one transaction: its statements stand below the first event, to which the others are linked.
    """
    with contextlib.ExitStack() as stack:
        yield _begin(service, received, stack) if tracing.is_on() else received


def _begin(service: str, received: Sequence[Received], stack: contextlib.ExitStack) -> Sequence[Received]:
    first = next((item for item in received if tracing.is_sampled(item.subject.traceparent)), None)
    if first is None:
        return received
    lead = tracing.traceparent_of(stack.enter_context(_processing(service, first, len(received))))
    links = [lead] if lead else []
    begun = {first.id: lead}
    for item in received:
        if item is not first and tracing.is_sampled(item.subject.traceparent):
            span = _processing(service, item, len(received), links)
            begun[item.id] = tracing.traceparent_of(stack.enter_context(span))
    # Entered last is innermost: the statements of the batch belong to the first.
    stack.enter_context(tracing.current(lead))
    return [_below(item, begun[item.id]) if item.id in begun else item for item in received]


def _below(item: Received, traceparent: str | None) -> Received:
    event = item.event and item.event.model_copy(update={"traceparent": traceparent})
    envelope = item.envelope and dataclasses.replace(item.envelope, traceparent=traceparent)
    return dataclasses.replace(item, event=event, envelope=envelope)


def _processing(
    service: str, received: Received, batch_size: int, links: Sequence[str] = ()
) -> AbstractContextManager[Span]:
    event = received.subject
    own: tracing.Attributes = {
        names.MESSAGING_GROUP: service.replace("_", "-"),
        names.MESSAGING_BATCH_SIZE: batch_size,
    }
    return tracing.span(
        f"process {event.type}",
        SpanKind.CONSUMER,
        event.traceparent,
        {**_about(event.type, str(event.id), "process"), **own},
        links,
    )


def _about(topic: str, event_id: str, operation: str) -> tracing.Attributes:
    return {
        names.MESSAGING_SYSTEM: "kafka",
        names.MESSAGING_TOPIC: topic,
        names.MESSAGING_ID: event_id,
        names.MESSAGING_OPERATION: operation,
    }
