"""The request of one attempt: signed at its own time, so that late retries pass the receiver's tolerance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.webhook_delivery.domain import signature
from services.webhook_delivery.domain.delivery import Delivery
from services.webhook_delivery.domain.endpoint import Endpoint
from services.webhook_delivery.domain.message import webhook_id_of
from services.webhook_delivery.domain.secret import Secret, live
from shared.kernel.context import child_traceparent

USER_AGENT = "billing-webhooks/1"
_HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint and what signs for it."""

    endpoint: Endpoint
    secrets: Sequence[Secret]

    @property
    def id(self) -> UUID:
        return self.endpoint.id


@dataclass(frozen=True, slots=True)
class Request:
    """A POST; `timeout_seconds` covers everything from the dial to the last byte read."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout_seconds: int


def build(target: Target, delivery: Delivery, now: datetime, traceparent: str | None = None) -> Request:
    """The request that delivers now, by Standard Webhooks 1.0; `traceparent` is its own span's, if any."""
    webhook_id, timestamp = webhook_id_of(delivery.message_id), int(now.timestamp())
    keys = [secret.key for secret in live(target.secrets, now)]
    headers = {
        **target.endpoint.headers,
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "accept-encoding": "identity",
        "traceparent": traceparent or child_traceparent(delivery.traceparent),
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature.header(keys, webhook_id, timestamp, delivery.body),
    }
    return Request(target.endpoint.url, headers, delivery.body, target.endpoint.timeout_seconds)


def loggable(target: Target, request: Request) -> dict[str, str]:
    """The headers as the log keeps them: without the signature and the endpoint's own values."""
    hidden = {"webhook-signature", *target.endpoint.headers}
    return {name: _HIDDEN if name in hidden else value for name, value in request.headers.items()}
