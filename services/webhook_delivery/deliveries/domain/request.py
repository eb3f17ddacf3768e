"""The request of one attempt: signed at its own time, so that late retries pass the receiver's tolerance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.webhook_delivery.deliveries.domain import signature
from services.webhook_delivery.deliveries.domain.delivery import Delivery, Result
from services.webhook_delivery.endpoints.domain.custom_headers import HIDDEN
from services.webhook_delivery.endpoints.domain.secret import select_live
from services.webhook_delivery.endpoints.domain.target import Target
from services.webhook_delivery.message_store.domain import webhook_id_of
from shared.kernel.context import child_traceparent
from shared.kernel.key_ring import SecretUnreadable

USER_AGENT = "billing-webhooks/1"
# Shorter values stand in any answer: hiding them would spoil it, and they guard nothing.
_MIN_SECRET_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Request:
    """A POST; `timeout_seconds` covers everything from the dial to the last byte read."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout_seconds: int


def build_request(
    target: Target, delivery: Delivery, now: datetime, traceparent: str | None = None
) -> Request:
    """The request that delivers now, by Standard Webhooks 1.0; `traceparent` is its own span's, if any.

    Raises SecretUnreadable while the endpoint's headers cannot be read: without them it would be refused.
    """
    if target.headers is None:
        raise SecretUnreadable
    webhook_id, timestamp = webhook_id_of(delivery.message_id), int(now.timestamp())
    keys = [secret.key for secret in select_live(target.secrets, now)]
    headers = {
        **target.headers,
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
    hidden = {"webhook-signature", *(target.headers or ())}
    return {name: HIDDEN if name in hidden else value for name, value in request.headers.items()}


def without_secrets(target: Target, result: Result) -> Result:
    """The answer as the log keeps it: a receiver that sends our headers back shows nobody their values."""
    secrets = {value for value in (target.headers or {}).values() if len(value) >= _MIN_SECRET_LENGTH}
    # "Bearer …" may come back without its scheme.
    secrets |= {part for value in secrets for part in value.split() if len(part) >= _MIN_SECRET_LENGTH}
    if not secrets:
        return result
    longest_first = sorted(secrets, key=len, reverse=True)
    headers = {name: _hide(value, longest_first) for name, value in result.headers.items()}
    body = result.body
    for secret in longest_first:
        body = body.replace(secret.encode(), HIDDEN.encode())
    detail = result.detail and _hide(result.detail, longest_first)
    return replace(result, headers=headers, body=body, detail=detail)


def _hide(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text
