"""One attempt of a delivery: build the signed request, send it, judge what came back."""

import random
from datetime import UTC, datetime
from typing import Protocol

import structlog
from opentelemetry.trace import SpanKind

from services.webhook_delivery.deliveries.domain.delivery import Delivery, Fault, Outcome, Result, judge
from services.webhook_delivery.deliveries.domain.request import (
    Request,
    build_request,
    loggable,
    without_secrets,
)
from services.webhook_delivery.endpoints.domain.target import Target
from shared.kernel import attributes as names
from shared.kernel import tracing

log = structlog.get_logger()


class Transport(Protocol):
    """Sends requests; what the receiver or the network does wrong is a Result, not an exception."""

    async def send(self, request: Request) -> Result: ...

    async def close(self) -> None: ...


async def attempt(transport: Transport, target: Target, delivery: Delivery) -> Outcome:
    """Send once; a fault of our own counts as nobody's failure."""
    about = _about(delivery) if tracing.is_on() else None
    with tracing.span("POST webhook", SpanKind.CLIENT, delivery.traceparent, about) as span:
        outcome = await _attempt(transport, target, delivery, tracing.traceparent_of(span))
        span.set_attributes({names.WEBHOOK_OUTCOME: outcome.result.word})
        return outcome


async def _attempt(
    transport: Transport, target: Target, delivery: Delivery, traceparent: str | None
) -> Outcome:
    started_at = datetime.now(UTC)
    request_headers: dict[str, str] = {}
    try:
        request = build_request(target, delivery, started_at, traceparent)
        request_headers = loggable(target, request)
        result = without_secrets(target, await transport.send(request))
    except Exception as error:
        log.error("delivery.not_tried", delivery_id=str(delivery.id), error=repr(error), exc_info=error)
        result = Result(None, Fault.OURS, {}, b"", 0, repr(error)[:300])
    verdict = judge(result, delivery.attempt_count + 1, datetime.now(UTC), random.randrange)
    return Outcome(delivery, started_at, result, verdict, request_headers)


def _about(delivery: Delivery) -> tracing.Attributes:
    return {
        names.WEBHOOK_DELIVERY_ID: str(delivery.id),
        names.WEBHOOK_ENDPOINT_ID: str(delivery.endpoint_id),
        names.WEBHOOK_EVENT_TYPE: delivery.event_type,
        names.WEBHOOK_ATTEMPT: delivery.attempt_count + 1,
    }
