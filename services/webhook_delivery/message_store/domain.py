"""A message: one event as the integrator hears it, serialised once and never changed."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import simplejson
from pydantic import JsonValue
from pydantic_core import from_json, to_json

from shared.events.envelope import Envelope
from shared.events.event import EVENTS, data_class
from shared.events.fitting import MAX_DATA_BYTES, fitted
from shared.events.registry import TOPICS
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.ids import new_id

PREFIX = "msg_"
MAX_BYTES = 256 * 1024
LARGE_BYTES = 20 * 1024
# How many events one change can have, each with a number of its own between two versions.
STEPS = 1_000
_SAYS_PLACE = re.compile(rb'\{"type":"[^"]*","timestamp":"[^"]*","sequence":')
# UUIDv7 begins with the millisecond of its making.
_TIMED_IDS = 7
# Whole resources, so that nobody can publish today what the platform says tomorrow.
_RESERVED = frozenset(type_.partition(".")[0] for type_ in TOPICS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# An id from outside can name a time behind the last that Python knows (the year 9999).
_LAST_MS = 253_402_214_400_000


class MessageTooLarge(Invalid):
    """A message has at most 256 KB."""

    code = "message_too_large"


class ReservedEventType(Invalid):
    """Event types of the platform's own resources cannot be published: nobody could tell them from facts."""

    code = "reserved_event_type"


class EventIdTaken(Conflict):
    """Another message was published with this event_id."""

    code = "event_id_taken"


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it is read back; `position` is its place in the workspace's feed."""

    id: UUID
    workspace_id: UUID
    created_at: datetime
    event_type: str
    source_event_id: str
    ordering_key: str | None
    sequence: int | None
    position: int
    body: bytes

    @property
    def webhook_id(self) -> str:
        return webhook_id_of(self.id)


@dataclass(frozen=True, slots=True)
class Message:
    """`created_at` is the millisecond inside the id, so that the id alone names the day's partition."""

    id: UUID
    workspace_id: UUID
    created_at: datetime
    event_type: str
    source_event_id: str
    ordering_key: str | None
    sequence: int | None
    traceparent: str | None
    body: bytes
    body_sha: bytes
    # A notice about an endpoint is of no use to that endpoint itself.
    not_for: UUID | None = None
    # When it happened in real time, where that is known; endpoints do not hear of before they existed.
    happened_at: datetime | None = None

    def at(self, position: int) -> StoredMessage:
        """The message in its place in the feed."""
        return StoredMessage(
            id=self.id,
            workspace_id=self.workspace_id,
            created_at=self.created_at,
            event_type=self.event_type,
            source_event_id=self.source_event_id,
            ordering_key=self.ordering_key,
            sequence=self.sequence,
            position=position,
            body=self.body,
        )


def message_of_event(event: Envelope) -> Message:
    """What integrators hear of a fact of the platform: its `data` byte for byte, whatever it says."""
    id_, place = new_id(), place_of(event.sequence, event.step)
    body, sha = _serialise(event.type, to_json(event.time), _fit_data(event), place)
    return Message(
        id=id_,
        workspace_id=event.workspace_id,
        created_at=created_at_of(id_),
        event_type=event.type,
        source_event_id=str(event.id),
        ordering_key=str(event.subject),
        sequence=place,
        traceparent=event.traceparent,
        body=body,
        body_sha=sha,
        not_for=_own_endpoint(event),
        happened_at=_happened_at(event),
    )


def _happened_at(event: Envelope) -> datetime | None:
    # No endpoint can be older than its workspace.
    if event.type == "workspace.created":
        return _EPOCH
    return created_at_of(event.id) if event.id.version == _TIMED_IDS else None


def _fit_data(event: Envelope) -> bytes:
    # A service keeps in an event what the others need, which may be more than integrators get of one.
    if len(event.data) <= MAX_DATA_BYTES:
        return event.data
    event_class = EVENTS.get(event.type)
    path = getattr(data_class(event_class), "path", "") if event_class else ""
    return fitted(event.data, _fill_path(path, event), limit=MAX_DATA_BYTES, hard=MAX_DATA_BYTES)


def _fill_path(path: str, event: Envelope) -> str:
    return str(path.format_map(from_json(event.data))) if path else "/v1/events"


def place_of(sequence: int, step: int) -> int:
    """One number for an event's place among all of its resource: it grows with every one of them."""
    return sequence * STEPS + min(step, STEPS - 1)


def says_its_place(body: bytes) -> bool:
    """Whether the body itself has the `sequence`; messages of earlier releases have it beside them alone."""
    return _SAYS_PLACE.match(body) is not None


def new_message(
    workspace_id: UUID,
    event_type: str,
    data: Mapping[str, JsonValue],
    now: datetime,
    *,
    event_id: str | None = None,
    traceparent: str | None = None,
) -> Message:
    """A message of the integrator's own; numbers in `data` keep every digit. Raises ReservedEventType."""
    if event_type.partition(".")[0] in _RESERVED:
        raise ReservedEventType(f"{event_type} is an event type of the platform.", field="event_type")
    text = simplejson.dumps(data, use_decimal=True, ensure_ascii=False, separators=(",", ":"))
    source_id = event_id or str(new_id())
    return _message(workspace_id, event_type, source_id, now, text.encode(), traceparent=traceparent)


def message_of_test(workspace_id: UUID, endpoint_id: UUID, now: datetime) -> Message:
    """The message that tries an endpoint out; it is not stored."""
    data = to_json({"webhook_endpoint_id": endpoint_id})
    return _message(workspace_id, "webhook_endpoint.test", str(new_id()), now, data)


def webhook_id_of(message_id: UUID) -> str:
    """The `webhook-id`, the same for every endpoint and attempt; without the dot that parts signed text."""
    return PREFIX + message_id.hex


def id_of(text: str) -> UUID:
    """The message's id from its UUID or its webhook-id; raises NotFound."""
    try:
        return UUID(text.removeprefix(PREFIX))
    except ValueError as error:
        raise NotFound("There is no message of this id in this workspace.") from error


def created_at_of(message_id: UUID) -> datetime:
    """The millisecond in the first 48 bits of a UUIDv7."""
    return _EPOCH + timedelta(milliseconds=min(message_id.int >> 80, _LAST_MS))


def _message(
    workspace_id: UUID,
    event_type: str,
    source_event_id: str,
    now: datetime,
    data: bytes,
    *,
    traceparent: str | None = None,
) -> Message:
    id_ = new_id()
    body, sha = _serialise(event_type, to_json(now), data)
    return Message(
        id=id_,
        workspace_id=workspace_id,
        created_at=created_at_of(id_),
        event_type=event_type,
        source_event_id=source_event_id,
        ordering_key=None,
        sequence=None,
        traceparent=traceparent,
        body=body,
        body_sha=sha,
    )


def _serialise(
    event_type: str, timestamp: bytes, data: bytes, sequence: int | None = None
) -> tuple[bytes, bytes]:
    """The body as it is sent and the hash of what it says; raises MessageTooLarge."""
    type_ = to_json(event_type)
    place = b"" if sequence is None else b',"sequence":%d' % sequence
    body = b'{"type":' + type_ + b',"timestamp":' + timestamp + place + b',"data":' + data + b"}"
    if len(body) > MAX_BYTES:
        raise MessageTooLarge(f"The message has {len(body)} bytes, more than {MAX_BYTES}.", field="data")
    # Without the time: publishing the same again later is a repetition.
    return body, hashlib.sha256(type_ + data).digest()


def _own_endpoint(event: Envelope) -> UUID | None:
    """The endpoint that a notice is about."""
    if event.type.startswith("webhook_endpoint."):
        return event.subject
    if event.type != "message.exhausted":
        return None
    try:
        return UUID(str(from_json(event.data).get("endpoint_id")))
    except ValueError:
        return None
