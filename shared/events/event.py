"""The envelope of every event: CloudEvents 1.0, structured JSON, with our extension attributes."""

from datetime import UTC
from typing import Any, ClassVar, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from shared.events.fields import Instant
from shared.kernel.ids import new_id

EVENTS: "dict[str, type[Event]]" = {}
"""Every event class by its type, which is also its topic."""


class Snapshot(BaseModel):
    """The resource as the public API shows it, at one version."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    version: int = Field(ge=1, description="Grows by one with every change of the resource.")
    created_at: Instant
    updated_at: Instant


class Event(BaseModel):
    """A past fact about one aggregate; `sequence` is the aggregate's version after it."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    type: ClassVar[str]
    source: ClassVar[str]
    schema_version: ClassVar[int] = 1

    id: UUID
    workspace_id: UUID = Field(alias="workspaceid")
    subject: UUID
    sequence: int
    time: Instant
    traceparent: str | None = None
    data: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
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
            time=data.updated_at,
            traceparent=None,
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

    @property
    def record_key(self) -> UUID:
        """The Kafka key: events with one key keep their order."""
        return self.subject

    def encode(self, traceparent: str | None = None) -> bytes:
        """The event as CloudEvents JSON in UTF-8."""
        return to_json(
            {
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
                "traceparent": traceparent or self.traceparent,
                "data": self.data,
            }
        )


class Unknown(Exception):
    """The record names no event type of ours."""


def decode(type_: str, value: bytes) -> Event:
    """The event in a record's value; raises Unknown or pydantic's ValidationError."""
    event_class = EVENTS.get(type_)
    if event_class is None:
        raise Unknown(type_)
    return event_class.model_validate_json(value)
