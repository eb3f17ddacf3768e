"""How the console's pages say instants, scopes and the state of a key."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from services.gateway.keys.domain import scopes as scope_rules
from services.gateway.keys.domain.api_key import ApiKey

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOON = timedelta(days=14)
ERROR_TITLES = {
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.FORBIDDEN: "Not allowed",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many attempts",
    HTTPStatus.SERVICE_UNAVAILABLE: "Back in a moment",
}


def error_title(status: int) -> str:
    """A headline for an HTTP status."""
    return ERROR_TITLES.get(HTTPStatus(status), "That did not work")


def day(value: datetime, zone: str) -> str:
    """`21 Nov 2026` on the calendar of the zone."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y}"


def instant(value: datetime, zone: str) -> str:
    """`21 Nov 2026, 14:05` on the clocks of the zone."""
    return f"{day(value, zone)}, {value.astimezone(ZoneInfo(zone)):%H:%M}"


def ago(value: datetime, now: datetime) -> str:
    """How long ago that was, in the largest unit that fits."""
    passed = now - value
    if passed < MINUTE:
        return "just now"
    for unit, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if passed >= unit:
            count = passed // unit
            return f"{count} {word}{'' if count == 1 else 's'} ago"
    return "just now"


def ahead(value: datetime, now: datetime) -> str:
    """How long it is until then."""
    left = value - now
    if left < HOUR:
        return "within the hour"
    unit, word = (HOUR, "hour") if left < DAY else (DAY, "day")
    count = left // unit
    return f"in {count} {word}{'' if count == 1 else 's'}"


def status(key: ApiKey, now: datetime) -> str:
    """`revoked`, `expired`, `expiring` within two weeks, or `active`."""
    if key.revoked_at and key.revoked_at <= now:
        return "revoked"
    ends_at = min((at for at in (key.expires_at, key.revoked_at) if at), default=None)
    if ends_at is None:
        return "active"
    if ends_at <= now:
        return "expired"
    return "expiring" if ends_at - now < SOON else "active"


def person(actor: str) -> str:
    """Who it was: `administrator`, a user's own name, or `an API key`."""
    kind, _, name = actor.partition(":")
    known = {"admin": "administrator", "key": "an API key"}
    return known.get(kind, name or actor)


def scope_words(scopes: Sequence[str]) -> list[str]:
    """Scopes as few words: `Full access`, `Read everything`, `invoices`, `payments (read)`."""
    if scope_rules.FULL in scopes:
        return ["Full access"]
    wide = {"*:read": "Read everything", "*:write": "Write everything"}
    words = [word for scope, word in wide.items() if scope in scopes]
    resources = dict.fromkeys(
        scope.partition(":")[0] for scope in sorted(scopes) if not scope.startswith("*:")
    )
    return words + [_resource_words(resource, scopes) for resource in resources]


def _resource_words(resource: str, scopes: Sequence[str]) -> str:
    actions = {scope.partition(":")[2] for scope in scopes if scope.startswith(f"{resource}:")}
    if "*" in actions or actions >= set(scope_rules.BOTH):
        return resource
    return f"{resource} ({', '.join(sorted(actions))})"


FILTERS = {
    "day": day,
    "instant": instant,
    "ago": ago,
    "ahead": ahead,
    "person": person,
    "key_status": status,
    "scope_words": scope_words,
}
