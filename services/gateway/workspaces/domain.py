"""Workspaces: the tenants of the platform, with their zone, their currency and their clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

from shared.events.workspace import (
    Mode,
    WorkspaceClockAdvanced,
    WorkspaceCreated,
    WorkspaceData,
    WorkspaceUpdated,
)
from shared.kernel import money
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id

LATEST_INSTANT = datetime(2200, 1, 1, tzinfo=UTC)
"""A sandbox's clock stays below this, far from where dates end."""


class SlugTaken(Conflict):
    """Another workspace has this slug."""

    code = "slug_taken"


class NotASandbox(Conflict):
    """The clock of a live workspace is real time; only a sandbox's can be moved."""

    code = "not_a_sandbox"


class UnknownZone(Invalid):
    """The zone is not one of the IANA time zone database."""

    code = "unknown_zone"


class TooFarAhead(Invalid):
    """A sandbox's clock stays below the year 2200."""

    code = "clock_too_far_ahead"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant at one version."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    slug: str
    name: str
    mode: Mode
    zone: str
    currency: str
    clock_offset_ms: int = 0
    allowed_origins: tuple[str, ...] = ()

    @property
    def clock(self) -> Clock:
        """Tells the workspace's time."""
        return Clock(timedelta(milliseconds=self.clock_offset_ms), self.zone)


def create(slug: str, name: str, mode: Mode, zone: str, currency: str) -> tuple[Workspace, WorkspaceCreated]:
    """A new workspace; raises UnknownZone or UnknownCurrency."""
    _require_known(zone, currency)
    now = datetime.now(UTC)
    created = Workspace(new_id(), 1, now, now, slug, name, mode, zone, currency)
    return created, WorkspaceCreated.of(created.id, snapshot(created))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceEdit:
    """What a PATCH may change; None leaves it as it is."""

    name: str | None = None
    zone: str | None = None
    currency: str | None = None
    allowed_origins: Sequence[str] | None = None


def edit(workspace: Workspace, change: WorkspaceEdit) -> tuple[Workspace, WorkspaceUpdated | None]:
    """The workspace with what was given changed; no event when that is nothing."""
    edited = replace(
        workspace,
        name=change.name or workspace.name,
        zone=change.zone or workspace.zone,
        currency=change.currency or workspace.currency,
        allowed_origins=_origins(workspace, change.allowed_origins),
    )
    if edited == workspace:
        return workspace, None
    _require_known(edited.zone, edited.currency)
    edited = _changed(edited)
    return edited, WorkspaceUpdated.of(edited.id, snapshot(edited))


def advance_clock(
    workspace: Workspace, to: datetime
) -> tuple[Workspace, WorkspaceUpdated, WorkspaceClockAdvanced]:
    """A sandbox whose now is `to`; raises NotASandbox, ClockMovesBackwards or TooFarAhead."""
    require_sandbox(workspace)
    if to >= LATEST_INSTANT:
        raise TooFarAhead(field="to")
    offset = workspace.clock.advanced_to(to).offset
    # Rounded up to a whole millisecond: the clock must have reached its target.
    offset_ms = -(-offset // timedelta(milliseconds=1))
    advanced = _changed(replace(workspace, clock_offset_ms=offset_ms))
    data = snapshot(advanced)
    return advanced, WorkspaceUpdated.of(advanced.id, data), WorkspaceClockAdvanced.of(advanced.id, data)


def require_sandbox(workspace: Workspace) -> None:
    """Raise NotASandbox for a live workspace."""
    if workspace.mode != "sandbox":
        raise NotASandbox


def snapshot(workspace: Workspace) -> WorkspaceData:
    """The workspace as API and events show it."""
    return WorkspaceData(
        id=workspace.id,
        version=workspace.version,
        created_at=workspace.created_at,
        updated_at=workspace.updated_at,
        slug=workspace.slug,
        name=workspace.name,
        mode=workspace.mode,
        zone=workspace.zone,
        currency=workspace.currency,
        clock_offset_ms=workspace.clock_offset_ms,
        allowed_origins=list(workspace.allowed_origins),
    )


def _origins(workspace: Workspace, given: Sequence[str] | None) -> tuple[str, ...]:
    return workspace.allowed_origins if given is None else tuple(dict.fromkeys(given))


def _changed(workspace: Workspace) -> Workspace:
    return replace(workspace, version=workspace.version + 1, updated_at=workspace.clock.now())


def _require_known(zone: str, currency: str) -> None:
    if zone not in _zones():
        raise UnknownZone(field="zone")
    money.exponent(currency)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
