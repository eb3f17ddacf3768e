"""Facts about workspaces: the tenants of the platform."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.event import Event, Snapshot

Mode = Literal["live", "sandbox"]


class WorkspaceData(Snapshot):
    """A tenant: everything else belongs to exactly one."""

    path: ClassVar[str] = "/v1/workspaces/{id}"

    slug: str
    name: str
    mode: Mode
    zone: str = Field(description='IANA time zone: decides what "today" is.')
    currency: str = Field(description="ISO 4217: used where a request names none.")
    clock_offset_ms: int = Field(0, description="How far a sandbox's clock is ahead of real time.")
    allowed_origins: list[str] = Field(
        [], description="Origins whose pages may read the API's answers in a browser."
    )


class WorkspaceCreated(Event):
    """A workspace was created."""

    type: ClassVar[str] = "workspace.created"
    source: ClassVar[str] = "/gateway"
    data: WorkspaceData


class WorkspaceUpdated(Event):
    """A workspace was changed."""

    type: ClassVar[str] = "workspace.updated"
    source: ClassVar[str] = "/gateway"
    data: WorkspaceData


class WorkspaceClockAdvanced(Event):
    """A sandbox's clock was moved forward."""

    type: ClassVar[str] = "workspace.clock_advanced"
    source: ClassVar[str] = "/gateway"
    data: WorkspaceData
