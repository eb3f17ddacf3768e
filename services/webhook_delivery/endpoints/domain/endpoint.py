"""An endpoint: where an integrator wants to hear of events, of which ones, and how it is doing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.webhook_delivery.endpoints.domain import custom_headers, endpoint_url
from services.webhook_delivery.event_types.domain import event_filter
from shared.kernel.addresses import Egress
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move
from shared.kernel.unset import UNSET, Unset, applied

DEFAULT_TIMEOUT_SECONDS = 15
MAX_TIMEOUT_SECONDS = 30
DEFAULT_CONCURRENCY = 32
MAX_CONCURRENCY = 64
MAX_RATE_LIMIT = 10_000
MAX_PER_WORKSPACE = 100
# Nothing but failures for so long: worth a notice, and one more while there is time to mend it.
FAILING_FOR_LONG = timedelta(hours=24)
FAILING_FOR_LONGER = timedelta(hours=60)
# An endpoint that nobody cares for any more; one without traffic stops failing before this and stays.
FAILING_FOR_TOO_LONG = timedelta(days=5)
FAILURES_TOO_MANY = 10


class TooManyEndpoints(Conflict):
    """The workspace has as many webhook endpoints as it may have."""

    code = "too_many_webhook_endpoints"


class EndpointStatus(StrEnum):
    """Whether deliveries go out; while they do not, they are held."""

    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"


MOVES: Mapping[EndpointStatus, frozenset[EndpointStatus]] = {
    EndpointStatus.ENABLED: frozenset({EndpointStatus.PAUSED, EndpointStatus.DISABLED}),
    EndpointStatus.PAUSED: frozenset({EndpointStatus.ENABLED, EndpointStatus.DISABLED}),
    EndpointStatus.DISABLED: frozenset({EndpointStatus.ENABLED}),
}


class Ordering(StrEnum):
    """Whether a delivery waits for the one before it."""

    NONE = "none"
    FIFO = "fifo"


class Health(StrEnum):
    """The last notice about an endpoint to which nothing arrives."""

    SOUND = "sound"
    FAILING = "failing"
    WARNED = "warned"


class DisabledReason(StrEnum):
    """Why an endpoint is disabled, where the integrator gave no reason."""

    GONE = "gone"
    FAILING = "failing"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`version` grows with every change of what the integrator set and with every notice, not each failure.

    `rate_limit` is in deliveries a second; None is unlimited. `headers` are names, each with "(hidden)" once
    the values are in `headers_encrypted`; a value that was just given still stands in the open.
    """

    workspace_id: UUID
    id: UUID
    version: int
    url: str
    event_types: tuple[str, ...]
    description: str | None
    headers: Mapping[str, str] = field(repr=False)
    timeout_seconds: int
    max_concurrency: int
    rate_limit: int | None
    ordering: Ordering
    status: EndpointStatus
    disabled_reason: str | None
    disabled_at: datetime | None
    paused_until: datetime | None
    failing_since: datetime | None
    failure_count: int
    health: Health
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime
    headers_encrypted: bytes | None = field(default=None, repr=False)

    @property
    def is_ordered(self) -> bool:
        """Whether a delivery waits for the one before it."""
        return self.ordering is Ordering.FIFO

    @property
    def concurrency(self) -> int:
        """How many requests may be under way at once."""
        return 1 if self.is_ordered else self.max_concurrency

    @property
    def disables_at(self) -> datetime | None:
        """When it is disabled if nothing arrives; None while nothing has failed."""
        return self.failing_since + FAILING_FOR_TOO_LONG if self.failing_since else None

    @property
    def takes_deliveries(self) -> bool:
        """Whether anything may be sent to it."""
        return self.status is EndpointStatus.ENABLED and self.deleted_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """What an integrator says of a new endpoint."""

    url: str
    event_types: Sequence[str]
    description: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS
    max_concurrency: int = DEFAULT_CONCURRENCY
    rate_limit: int | None = None
    ordering: Ordering = Ordering.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointEdit:
    """What changes of an endpoint's settings."""

    url: str | Unset = UNSET
    event_types: Sequence[str] | Unset = UNSET
    description: str | Unset | None = UNSET
    headers: Mapping[str, str] | Unset = field(default=UNSET, repr=False)
    timeout_seconds: int | Unset = UNSET
    max_concurrency: int | Unset = UNSET
    rate_limit: int | Unset | None = UNSET
    ordering: Ordering | Unset = UNSET


def create(workspace_id: UUID, settings: EndpointSettings, egress: Egress, now: datetime) -> Endpoint:
    """A new, enabled endpoint; raises Invalid naming the field."""
    endpoint_url.check(settings.url, egress)
    return Endpoint(
        workspace_id=workspace_id,
        id=new_id(),
        version=1,
        url=settings.url,
        event_types=event_filter.check_patterns(settings.event_types),
        description=settings.description,
        headers=custom_headers.check_headers(settings.headers),
        timeout_seconds=settings.timeout_seconds,
        max_concurrency=settings.max_concurrency,
        rate_limit=settings.rate_limit,
        ordering=settings.ordering,
        status=EndpointStatus.ENABLED,
        disabled_reason=None,
        disabled_at=None,
        paused_until=None,
        failing_since=None,
        failure_count=0,
        health=Health.SOUND,
        deleted_at=None,
        created_at=now,
        updated_at=now,
    )


def change(endpoint: Endpoint, edit: EndpointEdit, egress: Egress, now: datetime) -> Endpoint:
    """The endpoint with these settings; raises Invalid naming the field."""
    if edit.url is not UNSET:
        endpoint_url.check(edit.url, egress)
    if edit.event_types is not UNSET:
        edit = replace(edit, event_types=event_filter.check_patterns(edit.event_types))
    if edit.headers is not UNSET:
        edit = replace(edit, headers=custom_headers.check_headers(edit.headers, endpoint.headers))
    return applied(edit, to=_next(endpoint, now))


def enable(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Send again, with a clean record; raises IllegalMove when it is enabled."""
    require_move(MOVES, endpoint.status, EndpointStatus.ENABLED)
    return replace(
        _next(endpoint, now),
        status=EndpointStatus.ENABLED,
        disabled_reason=None,
        disabled_at=None,
        paused_until=None,
        failing_since=None,
        failure_count=0,
        health=Health.SOUND,
    )


def pause(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Send nothing for a while; raises IllegalMove unless it is enabled."""
    require_move(MOVES, endpoint.status, EndpointStatus.PAUSED)
    return replace(_next(endpoint, now), status=EndpointStatus.PAUSED)


def note_new_secrets(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Its secrets were changed: whoever keeps a copy of it reads them anew."""
    return _next(endpoint, now)


def disable(endpoint: Endpoint, reason: str, now: datetime) -> Endpoint:
    """Send no more; raises IllegalMove when it is disabled."""
    require_move(MOVES, endpoint.status, EndpointStatus.DISABLED)
    return replace(
        _next(endpoint, now), status=EndpointStatus.DISABLED, disabled_reason=reason, disabled_at=now
    )


def delete(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Forget it and its headers; its history stays."""
    return replace(_next(endpoint, now), deleted_at=now, headers={}, headers_encrypted=None)


def note_success(endpoint: Endpoint, now: datetime) -> Endpoint:
    """A delivery arrived: earlier failures no longer count."""
    sound = replace(endpoint, failing_since=None, failure_count=0)
    return sound if endpoint.health is Health.SOUND else replace(_next(sound, now), health=Health.SOUND)


def note_failure(endpoint: Endpoint, now: datetime, paused_until: datetime | None = None) -> Endpoint:
    """A delivery failed; after days of nothing but failures the endpoint is disabled."""
    pauses = [moment for moment in (endpoint.paused_until, paused_until) if moment]
    failing = replace(
        endpoint,
        failing_since=endpoint.failing_since or now,
        failure_count=endpoint.failure_count + 1,
        paused_until=max(pauses, default=None),
    )
    if not failing.takes_deliveries:
        return failing
    return _with_consequences(failing, now - (failing.failing_since or now), now)


def _with_consequences(failing: Endpoint, failing_for: timedelta, now: datetime) -> Endpoint:
    if failing_for >= FAILING_FOR_TOO_LONG and failing.failure_count >= FAILURES_TOO_MANY:
        return disable(failing, DisabledReason.FAILING, now)
    if failing_for >= FAILING_FOR_LONGER and failing.health is not Health.WARNED:
        return replace(_next(failing, now), health=Health.WARNED)
    if failing_for >= FAILING_FOR_LONG and failing.health is Health.SOUND:
        return replace(_next(failing, now), health=Health.FAILING)
    return failing


def note_gone(endpoint: Endpoint, now: datetime) -> Endpoint:
    """The receiver answered 410: it never wants to hear from us again."""
    return disable(endpoint, DisabledReason.GONE, now) if endpoint.takes_deliveries else endpoint


def _next(endpoint: Endpoint, now: datetime) -> Endpoint:
    return replace(endpoint, version=endpoint.version + 1, updated_at=now)
