"""Usage events: what happened once, as a CloudEvent tells it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from uuid import UUID

import simplejson

from shared.kernel.json import Json, JsonMapping

MAX_NAME, MAX_SOURCE, MAX_DATA_BYTES = 128, 256, 2 * 1024
ACCEPT_DAYS = 35
AHEAD = timedelta(minutes=5)
# RFC 3339, section 5.6.
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_UUID7 = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_CROCKFORD = {letter: index for index, letter in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an event, or what a meter reads of it, cannot be taken; `pointer` is a JSON pointer into it."""

    code: str
    pointer: str
    message: str

    def below(self, place: str) -> "Fault":
        """The same where the event stands at this place of a request."""
        return Fault(self.code, place + self.pointer, self.message)


@dataclass(frozen=True)
class UsageEvent:
    """An event of a workspace. Its source, id and day are its identity: with them it comes once."""

    workspace_id: UUID
    is_sandbox: bool
    type: str
    subject: str
    at: datetime
    source: str
    id: str
    data: JsonMapping
    # The same as JSON, with every digit.
    data_text: str

    @property
    def day(self) -> date:
        """The day (UTC) in which it happened."""
        return self.at.date()

    @cached_property
    def key(self) -> UUID:
        """What stands for its source and id within the workspace.

        Where the id tells its time (UUIDv7, ULID) the key begins with it, so that rows which come together
        lie together.
        """
        return key_of(self.workspace_id, self.source, self.id)

    @property
    def identity(self) -> tuple[UUID, date, UUID]:
        """The key of its row."""
        return self.workspace_id, self.day, self.key


def key_of(workspace_id: UUID, source: str, id_: str) -> UUID:
    """128 bits of BLAKE2 over source and id, keyed by the workspace: no other's ids can meet them."""
    digest = blake2b(f"{source}\0{id_}".encode(), digest_size=16, key=workspace_id.bytes).digest()
    time_bits = _time_bits(id_)
    return UUID(bytes=digest if time_bits is None else time_bits + digest[6:])


def _time_bits(id_: str) -> bytes | None:
    if len(id_) == 36 and _UUID7.fullmatch(id_):
        return bytes.fromhex(id_[:8] + id_[9:13])
    if len(id_) == 26 and _ULID.fullmatch(id_):
        milliseconds = 0
        for letter in id_[:10]:
            milliseconds = milliseconds * 32 + _CROCKFORD[letter]
        return milliseconds.to_bytes(7, "big")[-6:]
    return None


@dataclass(frozen=True, slots=True)
class Window:
    """Whose events are read, and which instants they may have, on the workspace's clock."""

    workspace_id: UUID
    is_sandbox: bool
    earliest: datetime
    latest: datetime

    @classmethod
    def at(cls, now: datetime, workspace_id: UUID, *, is_sandbox: bool) -> "Window":
        """What may be told at this instant: so many days back, and as far ahead as clocks go wrong."""
        return cls(workspace_id, is_sandbox, now - timedelta(days=ACCEPT_DAYS), now + AHEAD)


def read_event(value: Json, window: Window) -> "UsageEvent | list[Fault]":
    """The event that a JSON value tells, or every fault of it."""
    if not isinstance(value, dict):
        return [Fault("not_an_event", "", "An event is a JSON object.")]
    faults = [*_fields_faults(value)]
    at = _instant(value.get("time"))
    if at is None:
        faults.append(Fault("time_not_readable", "/time", "Must be an RFC 3339 instant with its offset."))
    elif at < window.earliest:
        faults.append(Fault("event_too_old", "/time", f"An event is told within {ACCEPT_DAYS} days."))
    elif at > window.latest:
        faults.append(Fault("event_in_future", "/time", "This is more than five minutes from now."))
    if faults or at is None:
        return faults
    data = value.get("data") or {}
    data_text = simplejson.dumps(data, use_decimal=True, ensure_ascii=False, separators=(",", ":"))
    if len(data_text) > MAX_DATA_BYTES or len(data_text.encode()) > MAX_DATA_BYTES:
        return [Fault("data_too_large", "/data", f"Must have at most {MAX_DATA_BYTES} bytes.")]
    return UsageEvent(
        window.workspace_id,
        window.is_sandbox,
        value["type"],
        value["subject"],
        at,
        value["source"],
        value["id"],
        data,
        data_text,
    )


def _fields_faults(value: Mapping[str, Json]) -> list[Fault]:
    faults = []
    for name, longest in (
        ("id", MAX_NAME),
        ("source", MAX_SOURCE),
        ("type", MAX_NAME),
        ("subject", MAX_NAME),
    ):
        text = value.get(name)
        if not isinstance(text, str) or not 1 <= len(text) <= longest:
            faults.append(Fault("field_missing", f"/{name}", f"Must be a text of 1 to {longest} characters."))
    if value.get("specversion", "1.0") != "1.0":
        faults.append(Fault("version_unknown", "/specversion", "Must be 1.0."))
    if not isinstance(value.get("data") or {}, dict):
        faults.append(Fault("not_an_object", "/data", "Must be a JSON object."))
    return faults


def _instant(text: Json) -> datetime | None:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
