"""Operational notices: what is published about endpoints that fail and messages that were given up."""

from datetime import datetime

from services.webhook_delivery.deliveries.domain.delivery import Outcome, State
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint, EndpointStatus, Health
from services.webhook_delivery.message_store.domain import webhook_id_of
from shared.events.event import Event
from shared.events.webhook_endpoint import (
    MessageExhausted,
    MessageExhaustedData,
    WebhookEndpointData,
    WebhookEndpointDisabled,
    WebhookEndpointDisableWarning,
    WebhookEndpointFailing,
    WebhookEndpointRecovered,
)

_OWN_TYPES = ("webhook_endpoint.", "message.exhausted")


def is_notice(event_type: str) -> bool:
    """Whether messages of this type are about webhooks themselves."""
    return event_type.startswith(_OWN_TYPES)


def events_for_health(before: Endpoint, after: Endpoint) -> list[Event]:
    """What is to be told of an endpoint after attempts have changed it."""
    if before.status is not EndpointStatus.DISABLED and after.status is EndpointStatus.DISABLED:
        return [WebhookEndpointDisabled.of(after.workspace_id, _data(after))]
    if after.health is before.health:
        return []
    told = {
        Health.SOUND: WebhookEndpointRecovered,
        Health.FAILING: WebhookEndpointFailing,
        Health.WARNED: WebhookEndpointDisableWarning,
    }
    return [told[after.health].of(after.workspace_id, _data(after))]


def events_for_outcome(outcome: Outcome, now: datetime) -> list[Event]:
    """What is to be told of an attempt: that it was the last.

    A notice that could not be delivered makes no further one: two dead receivers would else keep each
    other's notices going for ever.
    """
    delivery, result = outcome.delivery, outcome.result
    if outcome.verdict.state is not State.EXHAUSTED or is_notice(delivery.event_type):
        return []
    data = MessageExhaustedData(
        id=delivery.id,
        version=1,
        created_at=delivery.message_created_at,
        updated_at=now,
        message_id=delivery.message_id,
        webhook_id=webhook_id_of(delivery.message_id),
        endpoint_id=delivery.endpoint_id,
        event_type=delivery.event_type,
        attempt_count=outcome.attempt_number,
        last_status=result.status,
        last_error=None if result.fault is None else result.fault.name.lower(),
    )
    return [MessageExhausted.of(delivery.workspace_id, data)]


def _data(endpoint: Endpoint) -> WebhookEndpointData:
    return WebhookEndpointData(
        id=endpoint.id,
        version=endpoint.version,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
        url=endpoint.url,
        event_types=list(endpoint.event_types),
        description=endpoint.description,
        status=endpoint.status.value,
        disabled_reason=endpoint.disabled_reason,
        disabled_at=endpoint.disabled_at,
        failing_since=endpoint.failing_since,
        failure_count=endpoint.failure_count,
        disables_at=endpoint.disables_at if endpoint.status is EndpointStatus.ENABLED else None,
    )
