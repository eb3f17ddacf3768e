"""An endpoint: where an integrator wants to hear of events, of which ones, and how it is doing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.webhook_delivery.domain import custom_headers, endpoint_url, event_filter
from services.webhook_delivery.domain.address import Egress
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move

DEFAULT_TIMEOUT_SECONDS = 15
MAX_TIMEOUT_SECONDS = 30
DEFAULT_CONCURRENCY = 32
MAX_CONCURRENCY = 64
MAX_PER_WORKSPACE = 100
# An endpoint that nobody cares for any more; one without traffic stops failing before this and stays.
FAILING_FOR_TOO_LONG = timedelta(days=5)
FAILURES_TOO_MANY = 10


class TooManyEndpoints(Conflict):
    """The workspace has as many webhook endpoints as it may have."""

    code = "too_many_webhook_endpoints"


class Status(StrEnum):
    """Whether deliveries go out; while they do not, they are held."""

    ENABLED = "enabled"
    DISABLED = "disabled"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.ENABLED: frozenset({Status.DISABLED}),
    Status.DISABLED: frozenset({Status.ENABLED}),
}


class Reason(StrEnum):
    """Why an endpoint is disabled, where the integrator gave no reason."""

    GONE = "gone"
    FAILING = "failing"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`version` grows with every change of what the integrator set or sees as status, not with its health."""

    workspace_id: UUID
    id: UUID
    version: int
    url: str
    event_types: tuple[str, ...]
    description: str | None
    headers: Mapping[str, str]
    timeout_seconds: int
    max_concurrency: int
    status: Status
    disabled_reason: str | None
    disabled_at: datetime | None
    paused_until: datetime | None
    failing_since: datetime | None
    failure_count: int
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def takes_deliveries(self) -> bool:
        """Whether anything may be sent to it."""
        return self.status is Status.ENABLED and self.deleted_at is None


def create(workspace_id: UUID, values: Mapping[str, Any], egress: Egress, now: datetime) -> Endpoint:
    """A new, enabled endpoint; raises Invalid naming the field."""
    return Endpoint(
        workspace_id=workspace_id,
        id=new_id(),
        version=1,
        **_checked(values, egress),
        status=Status.ENABLED,
        disabled_reason=None,
        disabled_at=None,
        paused_until=None,
        failing_since=None,
        failure_count=0,
        deleted_at=None,
        created_at=now,
        updated_at=now,
    )


def change(endpoint: Endpoint, values: Mapping[str, Any], egress: Egress, now: datetime) -> Endpoint:
    """The endpoint with these settings; raises Invalid naming the field."""
    return replace(_next(endpoint, now), **_checked(values, egress))


def enable(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Send again, with a clean record; raises IllegalMove when it is enabled."""
    require_move(MOVES, endpoint.status, Status.ENABLED)
    return replace(
        _next(endpoint, now),
        status=Status.ENABLED,
        disabled_reason=None,
        disabled_at=None,
        paused_until=None,
        failing_since=None,
        failure_count=0,
    )


def disable(endpoint: Endpoint, reason: str, now: datetime) -> Endpoint:
    """Send no more; raises IllegalMove when it is disabled."""
    require_move(MOVES, endpoint.status, Status.DISABLED)
    return replace(_next(endpoint, now), status=Status.DISABLED, disabled_reason=reason, disabled_at=now)


def delete(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Forget it; its history stays."""
    return replace(_next(endpoint, now), deleted_at=now)


def succeeded(endpoint: Endpoint) -> Endpoint:
    """A delivery arrived: earlier failures no longer count."""
    return replace(endpoint, failing_since=None, failure_count=0)


def failed(endpoint: Endpoint, now: datetime, paused_until: datetime | None = None) -> Endpoint:
    """A delivery failed; after days of nothing but failures the endpoint is disabled."""
    since = endpoint.failing_since or now
    pauses = [moment for moment in (endpoint.paused_until, paused_until) if moment]
    failing = replace(
        endpoint,
        failing_since=since,
        failure_count=endpoint.failure_count + 1,
        paused_until=max(pauses, default=None),
    )
    has_failed_enough = now - since >= FAILING_FOR_TOO_LONG and failing.failure_count >= FAILURES_TOO_MANY
    return (
        disable(failing, Reason.FAILING, now) if has_failed_enough and failing.takes_deliveries else failing
    )


def gone(endpoint: Endpoint, now: datetime) -> Endpoint:
    """The receiver answered 410: it never wants to hear from us again."""
    return disable(endpoint, Reason.GONE, now) if endpoint.takes_deliveries else endpoint


def _next(endpoint: Endpoint, now: datetime) -> Endpoint:
    return replace(endpoint, version=endpoint.version + 1, updated_at=now)


def _checked(values: Mapping[str, Any], egress: Egress) -> dict[str, Any]:
    checked = dict(values)
    if "url" in values:
        endpoint_url.check(values["url"], egress)
    if "event_types" in values:
        checked["event_types"] = event_filter.checked(values["event_types"])
    if "headers" in values:
        checked["headers"] = custom_headers.checked(values["headers"])
    return checked
