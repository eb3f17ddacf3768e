"""What a record holds, as far as this consumer's reactions need to know it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from shared.events import envelope
from shared.events.envelope import Envelope
from shared.events.event import Event, Unknown, decode, opened, require_known_version
from shared.events.registry import JOURNAL
from shared.messaging.handlers import Handlers

# aiokafka's ConsumerRecord, which has no types to check against.
Record: TypeAlias = Any
IN_JOURNAL = "in_journal"
"""The header of a record of a type's own topic that stands in the journal too."""
NOBODY = UUID(int=0)
"""Stands for the workspace of a record that names none."""


@dataclass(frozen=True, slots=True)
class Received:
    """A record, the event in it where its type has reactions, its envelope for who hears every event."""

    record: Record
    event: Event | None
    envelope: Envelope | None

    @property
    def subject(self) -> Event | Envelope:
        """What is known of the event."""
        found = self.envelope or self.event
        assert found is not None
        return found

    @property
    def id(self) -> UUID:
        return self.subject.id

    @property
    def workspace_id(self) -> UUID:
        return self.subject.workspace_id


def receive(record: Record, handlers: Handlers) -> Received:
    """Read a record; raises ValueError (pydantic's among them), Unknown or UnknownVersion."""
    type_ = type_of(record)
    if not handlers.of_every:
        if type_ is None:
            raise Unknown(record.topic)
        return Received(record, decode(type_, record.value or b""), None)
    found = envelope.read(type_, record.value or b"")
    require_known_version(found)
    return Received(record, opened(found) if found.type in handlers.by_type else None, found)


def is_elsewhere(record: Record) -> bool:
    """Whether the event comes in the journal too, where it has its place among the others of its object."""
    return record.topic != JOURNAL and any(name == IN_JOURNAL for name, _ in record.headers)


def type_of(record: Record) -> str | None:
    """What its header says, else its topic; None in the journal, where the event itself says it."""
    for name, value in record.headers:
        if name == "ce_type" and value:
            return str(value.decode())
    return None if record.topic == JOURNAL else str(record.topic)


def workspace_of(record: Record) -> UUID:
    """The workspace that its header names, so that also what cannot be read is somebody's."""
    for name, value in record.headers:
        if name == "ce_workspaceid" and value:
            try:
                return UUID(value.decode())
            except ValueError:
                return NOBODY
    return NOBODY


def first_of_each(received: Sequence[Received], new: set[UUID]) -> list[Received]:
    """Of these, the new ones, each once."""
    left = set(new)
    fresh = []
    for item in received:
        if item.id in left:
            left.discard(item.id)
            fresh.append(item)
    return fresh
