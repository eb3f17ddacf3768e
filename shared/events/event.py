"""The envelope of every event: CloudEvents 1.0, structured JSON, with our extension attributes."""

from datetime import UTC
from typing import Any, ClassVar, Self, Unpack, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from shared.events import envelope, fitting, reading
from shared.events.envelope import Envelope
from shared.events.fields import Instant
from shared.kernel import context
from shared.kernel.ids import new_id

EVENTS: "dict[str, type[Event]]" = {}
"""Every event class by its type, which is also its topic."""


class Snapshot(BaseModel):
    """The resource as the public API shows it, at one version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: ClassVar[str]
    """Where the public API shows it; its fields stand in braces."""
    kept: ClassVar[frozenset[str]] = frozenset()
    """What others need of it to do their work: an event of a large one leaves out other parts first."""

    id: UUID
    version: int = Field(ge=1, description="Grows by one with every change of the resource.")
    created_at: Instant
    updated_at: Instant


class Event(BaseModel):
    """A past fact about one aggregate; `sequence` is the aggregate's version after it.

    `step` counts the events of one change: (sequence, step) grows with every event of the aggregate.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    type: ClassVar[str]
    source: ClassVar[str]
    schema_version: ClassVar[int] = 1

    id: UUID
    workspace_id: UUID = Field(alias="workspaceid")
    subject: UUID
    sequence: int
    step: int = 0
    time: Instant
    traceparent: str | None = None
    # Who did it; it goes to our own services alone. None: published before it was told.
    actor: str | None = None
    data: Any

    def __init_subclass__(cls, **kwargs: Unpack[ConfigDict]) -> None:
        super().__init_subclass__(**kwargs)
        if hasattr(cls, "type"):
            EVENTS[cls.type] = cls

    @classmethod
    def of(cls, workspace_id: UUID, data: Snapshot) -> Self:
        """The event that says this of `data`, at the time of its last change on the workspace's clock."""
        made = cls.model_construct(
            id=new_id(),
            workspace_id=workspace_id,
            subject=data.id,
            sequence=data.version,
            step=0,
            time=data.updated_at,
            traceparent=None,
            actor=None,
            data=data,
        )
        return cast("Self", made)

    def caused_by(self, cause: "Event") -> Self:
        """This event within the trace of the event that it follows from."""
        return self.model_copy(update={"traceparent": cause.traceparent})

    @classmethod
    def dataschema(cls) -> str:
        """The name of the schema that `data` follows."""
        return f"urn:billing:event:{cls.type}:v{cls.schema_version}"

    @classmethod
    def read_versions(cls) -> frozenset[int]:
        """The major versions of its data that this class reads; a later class may read earlier ones too."""
        return frozenset({cls.schema_version})

    @property
    def record_key(self) -> UUID:
        """The Kafka key: events with one key keep their order."""
        return self.subject

    @property
    def order_key(self) -> UUID:
        """The key in the journal of all events: those with one key keep their order over all types."""
        return self.record_key

    def encode(
        self, traceparent: str | None = None, data: bytes | None = None, actor: str | None = None
    ) -> bytes:
        """The event as CloudEvents JSON in UTF-8; `data` are its bytes where they are known."""
        attributes = {
            "specversion": "1.0",
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time.astimezone(UTC),
            "datacontenttype": "application/json",
            "dataschema": self.dataschema(),
            "workspaceid": self.workspace_id,
            "sequence": str(self.sequence),
            "step": self.step,
            "traceparent": traceparent or self.traceparent,
            "actor": actor or self.actor or context.asking(),
        }
        # The data comes last, so that who passes it on need not read it.
        return to_json(attributes)[:-1] + b',"data":' + (data or encode_data(self.data)) + b"}"


def encode_data(data: Snapshot) -> bytes:
    """A snapshot as an event carries it: what of a large one does not fit is left out, and named."""
    text = to_json(data)
    if len(text) <= fitting.MAX_DATA_BYTES:
        return text
    return fitting.fitted(text, data.path.format_map(dict(data)), data.kept)


class Unknown(Exception):
    """The record names no event type of ours."""


class UnknownVersion(Exception):
    """The event's data follows a major version of its schema that this program does not know."""


def decode(type_: str, value: bytes) -> Event:
    """The event in a record's value; raises Unknown, UnknownVersion or ValueError, pydantic's among them."""
    if type_ not in EVENTS:
        raise Unknown(type_)
    return opened(envelope.read(type_, value))


def opened(found: Envelope) -> Event:
    """The event in an envelope; raises Unknown, UnknownVersion or pydantic's ValidationError."""
    event_class = EVENTS.get(found.type)
    if event_class is None:
        raise Unknown(found.type)
    require_known_version(found)
    return event_class.model_construct(
        id=found.id,
        workspace_id=found.workspace_id,
        subject=found.subject,
        sequence=found.sequence,
        step=found.step,
        time=found.time,
        traceparent=found.traceparent,
        actor=found.actor,
        data=reading.read(data_class(event_class), found.data),
    )


def require_known_version(found: Envelope) -> None:
    """Raise UnknownVersion where a type of ours comes in a major version that nobody here has read."""
    event_class = EVENTS.get(found.type)
    if event_class and found.version not in event_class.read_versions():
        raise UnknownVersion(f"{found.dataschema}: only {sorted(event_class.read_versions())} are known here")


def data_class(event: type[Event]) -> type[BaseModel]:
    """The class of the event's snapshot."""
    found = event.model_fields["data"].annotation
    assert isinstance(found, type), event
    assert issubclass(found, BaseModel), event
    return found
