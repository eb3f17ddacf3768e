"""Facts about meters: what is counted of the usage that is told."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.event import Event, Snapshot
from shared.events.fields import DecimalText, Instant

Aggregation = Literal["count", "sum", "max", "min", "latest", "unique_count"]
MeterRounding = Literal["none", "up"]


class MeterData(Snapshot):
    """Which usage events count, and how they become a quantity."""

    path: ClassVar[str] = "/v1/meters/{key}"

    key: str
    name: str
    type: str = Field(description="The type of the events that it counts.")
    filter: dict[str, list[str]] = Field({}, description="Of each path into an event's data, the values.")
    aggregation: Aggregation
    value: str | None = Field(None, description="The path of what is aggregated; none for count.")
    dimensions: list[str] = Field([], description="Properties of the data that quantities are told apart by.")
    scale: DecimalText = Field(description="The aggregated value is divided by it.")
    rounding: MeterRounding = "none"
    clamp_minimum: DecimalText | None = Field(None, description="A smaller value of an event counts as this.")
    clamp_maximum: DecimalText | None = Field(None, description="A larger value of an event counts as this.")
    counts_from: Instant = Field(description="What was used before is not counted.")
    archived_at: Instant | None = None


class MeterCreated(Event):
    """A meter was created."""

    type: ClassVar[str] = "meter.created"
    source: ClassVar[str] = "/subscription_renewal"
    data: MeterData


class MeterUpdated(Event):
    """A meter was renamed or archived."""

    type: ClassVar[str] = "meter.updated"
    source: ClassVar[str] = "/subscription_renewal"
    data: MeterData
