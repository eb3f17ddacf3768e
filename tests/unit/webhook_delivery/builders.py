"""Endpoints, deliveries and targets with defaults."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import AttemptKind, Delivery, Result
from services.webhook_delivery.endpoints.domain import endpoint as endpoint_rules
from services.webhook_delivery.endpoints.domain import secret as secret_rules
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint, EndpointSettings, Ordering
from services.webhook_delivery.endpoints.domain.target import Target
from shared.kernel.addresses import Egress
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing

NOW = datetime(2026, 4, 11, 9, 0, tzinfo=UTC)
SETTINGS: dict[str, Any] = {
    "url": "https://example.com/webhooks",
    "event_types": ["*"],
    "description": None,
    "headers": {},
    "timeout_seconds": 15,
    "max_concurrency": 32,
    "rate_limit": None,
    "ordering": "none",
}


def a_key_ring(*key_ids: str) -> KeyRing:
    """Keys of these ids, whose bytes follow from the id."""
    return KeyRing.parse(",".join(f"{id_}:{_key(id_)}" for id_ in key_ids or ("k1",)))


def _key(key_id: str) -> str:
    return base64.b64encode(key_id.encode().ljust(32, b"."))[:44].decode()


def settings_of(**changes: Any) -> EndpointSettings:
    """What an integrator says of a new endpoint."""
    values = SETTINGS | changes
    return EndpointSettings(**values | {"ordering": Ordering(values["ordering"])})


def an_endpoint(workspace_id: UUID | None = None, **changes: Any) -> Endpoint:
    """An enabled endpoint."""
    return endpoint_rules.create(workspace_id or new_id(), settings_of(**changes), Egress(), NOW)


def a_target(workspace_id: UUID | None = None, **changes: Any) -> Target:
    """An endpoint with one secret and the headers that it was made with."""
    endpoint = an_endpoint(workspace_id, **changes)
    return Target(endpoint, [secret_rules.generate(NOW - timedelta(days=1))], endpoint.headers)


def a_delivery(target: Target | None = None, **changes: Any) -> Delivery:
    """A fresh delivery to the target."""
    endpoint = (target or a_target()).endpoint
    message_id = new_id()
    values: dict[str, Any] = {
        "id": new_id(),
        "workspace_id": endpoint.workspace_id,
        "endpoint_id": endpoint.id,
        "message_id": message_id,
        "message_created_at": NOW,
        "attempt_count": 0,
        "kind": AttemptKind.AUTO,
        "lease_token": new_id(),
        "event_type": "invoice.paid",
        "body": b'{"type":"invoice.paid","timestamp":"2026-04-11T09:00:00Z","data":{}}',
    }
    return Delivery(**values | changes)


def an_answer(status: int, **headers: str) -> Result:
    """What a receiver replied."""
    return Result(status, None, {name.replace("_", "-"): value for name, value in headers.items()}, b"", 12)
