"""What the audit log can be asked for: the resources of all services, and what is done to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from shared.events.event import EVENTS
from shared.kernel.errors import FieldError, Invalid
from shared.kernel.json import JsonMapping

_CHANGED = "created updated deleted"
_LETTERS = {"dead_letter": "replayed dropped updated", "event_lane": f"{_CHANGED} resumed"}
AUDITED: Mapping[str, Mapping[str, str]] = {
    "gateway": {
        "api_key": f"{_CHANGED} expiring revoked rotated",
        "membership": _CHANGED,
        "sandbox_clock": "created updated",
        "workspace": _CHANGED,
    },
    "invoice": {
        "business": _CHANGED,
        "channel_setting": _CHANGED,
        "contact": _CHANGED,
        "credit_note": _CHANGED,
        "document_delivery": f"{_CHANGED} retried",
        "e_invoice": _CHANGED,
        "invoice": f"{_CHANGED} credited issued sent voided write_off_reversed written_off",
        "message_template": _CHANGED,
        "product": _CHANGED,
        "quote": f"{_CHANGED} accepted declined sent",
        "reminder_settings": _CHANGED,
        **_LETTERS,
    },
    "payment": {
        "allocation": f"{_CHANGED} reversed",
        "collection": "cancel_requested updated",
        "payment": f"{_CHANGED} canceled failed moved succeeded voided",
        "payment_method": _CHANGED,
        "provider_connection": _CHANGED,
        "refund": f"{_CHANGED} failed succeeded",
        "bank_account": f"{_CHANGED} archived",
        "bank_import": _CHANGED,
        "bank_line": f"{_CHANGED} matched ignored undone",
        "setup_intent": _CHANGED,
        **_LETTERS,
    },
    "subscription_renewal": {
        "charge": "created",
        "dunning": f"{_CHANGED} stopped",
        "dunning_settings": _CHANGED,
        "meter": "created updated archived",
        "usage_event": "updated voided",
        "renewal_run": f"{_CHANGED} paused resumed",
        "subscription": f"{_CHANGED} cancel_dropped cancel_scheduled canceled change_dropped "
        "change_scheduled changed ended paused resumed retried",
        **_LETTERS,
    },
    "webhook_delivery": {
        "webhook_delivery": "created retried updated",
        "webhook_endpoint": f"{_CHANGED} disabled enabled paused",
        "webhook_job": f"{_CHANGED} cancelled",
        "webhook_secret": "created",
        **_LETTERS,
    },
}
"""Of each service its resources and the verbs of their changes, as the triggers of its schema name them."""

RESOURCES = frozenset(resource for service in AUDITED.values() for resource in service)
ACTIONS = frozenset(
    f"{resource}.{verb}"
    for service in AUDITED.values()
    for resource, verbs in service.items()
    for verb in verbs.split()
)
# What the log of before told of the invoice service's resources was named by its events.
_TOLD_BEFORE = frozenset(type_ for type_ in EVENTS if type_.partition(".")[0] in AUDITED["invoice"])
KNOWN_ACTIONS = ACTIONS | _TOLD_BEFORE


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of all services, newest first, and where the next page begins."""

    entries: Sequence[Mapping[str, Any]]
    next_before: int | None


def require_known(resource: str | None, action: str | None) -> None:
    """Raise Invalid for names that no entry has: an empty page would read as if nobody changed anything."""
    faults = [
        *_unknown("resource", resource, RESOURCES),
        *_unknown("action", action, KNOWN_ACTIONS),
    ]
    if faults:
        raise Invalid(errors=tuple(faults))


def services_of(resource: str | None, action: str | None) -> list[str]:
    """The services that can have entries of this resource and action."""
    wanted = {resource, action.partition(".")[0] if action else resource} - {None}
    return [service for service, resources in AUDITED.items() if wanted <= resources.keys()]


def merge(parts: Iterable[Sequence[JsonMapping]], limit: int) -> Page:
    """One page of what the services answered, each newest first and up to one entry more than fits."""
    found = sorted((entry for part in parts for entry in part), key=lambda one: -one["position"])
    shown = found[:limit]
    return Page(shown, shown[-1]["position"] if len(found) > limit else None)


def _unknown(name: str, value: str | None, known: Iterable[str]) -> list[FieldError]:
    every = sorted(known)
    if value is None or value in every:
        return []
    nearest = get_close_matches(value, every, 1)
    hint = f"did you mean {nearest[0]}? " if nearest else ""
    return [FieldError(name, f"is none that the log has; {hint}known: {', '.join(every)}")]
