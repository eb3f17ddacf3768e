"""What is answered about usage events."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.subscription_renewal.usage_events.domain.event import Fault
from shared.events.fields import Instant
from shared.kernel.json import JsonObject


class NewUsageEvent(BaseModel):
    """What happened once, as a CloudEvent (1.0): one by its source, id and day. Told again, it does nothing.

    Extension attributes are passed over.
    """

    specversion: str = Field("1.0", examples=["1.0"])
    id: str = Field(max_length=128, description="Unique within its source; the same at every retry.")
    source: str = Field(max_length=256, description="Who tells it.", examples=["/gateway/eu-1"])
    type: str = Field(max_length=128, description="What meters look for.", examples=["api.request"])
    subject: str = Field(max_length=128, description="Whose usage it is: a contact's id or external_id, say.")
    time: Instant = Field(description="When it happened: up to 35 days ago, and the same at every retry.")
    data: JsonObject = Field(
        {},
        description="What meters read; up to 2 KiB. Numbers as numbers or texts, exact.",
    )


class RejectedEvent(BaseModel):
    """An event of the request that was not taken."""

    pointer: str = Field(description="Where in the request.", examples=["/0/data/tokens"])
    code: str = Field(examples=["value_not_a_number"])
    message: str

    @classmethod
    def of(cls, fault: Fault) -> "RejectedEvent":
        """The fault, told."""
        return cls(pointer=fault.pointer, code=fault.code, message=fault.message)


class ConflictingEvent(BaseModel):
    """An event whose id was used before on the same day for something else; the first one counts."""

    source: str
    id: str
    time: Instant


class AcceptedUsage(BaseModel):
    """Every event is safe, and will be counted once."""

    accepted: int
    rejected: list[RejectedEvent] = []


class CountedUsage(BaseModel):
    """The usage is counted."""

    counted: int = Field(description="Events that were new.")
    repeated: int = Field(description="Events that had been told before, and did nothing.")
    conflicting: list[ConflictingEvent] = []
    rejected: list[RejectedEvent] = []


class UsageEventData(BaseModel):
    """A usage event as it is kept."""

    source: str
    id: str
    type: str
    subject: str
    time: Instant
    data: JsonObject = Field(description="Numbers keep every digit.")
    received_at: Instant = Field(description="In real time.")
    voided_at: Instant | None = None


class RejectionData(BaseModel):
    """An event that was refused while others of its request were taken."""

    id: UUID
    code: str
    pointer: str
    message: str
    event: str = Field(description="What was told, up to 2,000 characters.")
    received_at: Instant = Field(description="In real time.")
