"""Facts about webhooks themselves: operational notices for whoever looks after the receivers."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant


class WebhookEndpointData(Snapshot):
    """An endpoint whose health has changed; without its headers, which may hold secrets."""

    path: ClassVar[str] = "/v1/webhook-endpoints/{id}"

    url: str
    event_types: list[str]
    description: str | None = None
    status: Literal["enabled", "paused", "disabled"]
    disabled_reason: str | None = None
    disabled_at: Instant | None = None
    failing_since: Instant | None = Field(None, description="The first failure with no success since.")
    failure_count: int = Field(description="Failed attempts since then.")
    disables_at: Instant | None = Field(
        None, description="When it will be disabled at the latest if nothing arrives; while it is failing."
    )


class MessageExhaustedData(Snapshot):
    """A delivery that was given up after its last attempt; its id is the delivery's."""

    path: ClassVar[str] = "/v1/deliveries/{id}"

    message_id: UUID
    webhook_id: str
    endpoint_id: UUID
    event_type: str
    attempt_count: int
    last_status: int | None = Field(None, description="The HTTP status of the last answer, if there was one.")
    last_error: str | None = Field(None, description="Why there was no answer: timeout, connection, dns …")


class WebhookEndpointFailing(Event):
    """Nothing has arrived at an endpoint for a day, although it was tried."""

    type: ClassVar[str] = "webhook_endpoint.failing"
    source: ClassVar[str] = "/webhook_delivery"
    data: WebhookEndpointData


class WebhookEndpointDisableWarning(Event):
    """Half of the time is over after which a failing endpoint is disabled."""

    type: ClassVar[str] = "webhook_endpoint.disable_warning"
    source: ClassVar[str] = "/webhook_delivery"
    data: WebhookEndpointData


class WebhookEndpointDisabled(Event):
    """An endpoint was disabled because it failed for too long or answered 410; deliveries are held."""

    type: ClassVar[str] = "webhook_endpoint.disabled"
    source: ClassVar[str] = "/webhook_delivery"
    data: WebhookEndpointData


class WebhookEndpointRecovered(Event):
    """Something arrived again at an endpoint that was said to fail."""

    type: ClassVar[str] = "webhook_endpoint.recovered"
    source: ClassVar[str] = "/webhook_delivery"
    data: WebhookEndpointData


class MessageExhausted(Event):
    """A message was not delivered to an endpoint, and will not be tried again by itself."""

    type: ClassVar[str] = "message.exhausted"
    source: ClassVar[str] = "/webhook_delivery"
    data: MessageExhaustedData
