"""What metrics and the log say about an attempt."""

from functools import cache

import structlog
from prometheus_client import Counter

from services.webhook_delivery import metrics
from services.webhook_delivery.deliveries.domain.delivery import AttemptKind, Fault, Outcome

log = structlog.get_logger()


def observe(outcome: Outcome) -> None:
    """Count it, and log it when it failed."""
    delivery, result = outcome.delivery, outcome.result
    _attempts(result.word).inc()
    metrics.HTTP_SECONDS.observe(result.duration_ms / 1000)
    if delivery.attempt_count == 0 and delivery.kind is AttemptKind.AUTO:
        waited = (outcome.started_at - delivery.message_created_at).total_seconds()
        metrics.ACCEPT_TO_FIRST_ATTEMPT.observe(max(0.0, waited))
    if result.fault is Fault.BLOCKED:
        metrics.BLOCKED.labels(result.detail).inc()
    if not result.is_success:
        _log(outcome)


@cache
def _attempts(word: str) -> Counter:
    """The counter of one outcome: looking it up costs more than counting."""
    return metrics.ATTEMPTS.labels(word)


def _log(outcome: Outcome) -> None:
    delivery, result, verdict = outcome.delivery, outcome.result, outcome.verdict
    log.info(
        "delivery.failed",
        delivery_id=str(delivery.id),
        endpoint_id=str(delivery.endpoint_id),
        message_id=str(delivery.message_id),
        workspace_id=str(delivery.workspace_id),
        event_type=delivery.event_type,
        attempt=outcome.attempt_number,
        status=result.status,
        outcome=result.word,
        detail=result.detail,
        state=verdict.state,
        delay_ms=verdict.delay_ms,
        duration_ms=result.duration_ms,
    )
