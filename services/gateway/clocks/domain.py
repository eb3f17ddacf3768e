"""Moving a sandbox's clock: from one due instant to the next, each time once everybody has come to rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.gateway.workspaces.domain import LATEST_INSTANT, TooFarAhead, Workspace, require_sandbox
from shared.kernel.clock import ClockMovesBackwards
from shared.kernel.errors import Invalid
from shared.kernel.json import JsonObject

Published = tuple[UUID, str]
"""An event's id and its type."""


class TargetMovesBackwards(Invalid):
    """The clock is being moved further than that already; only a later target can follow."""

    code = "clock_target_moves_backwards"


@dataclass(frozen=True, slots=True)
class ClockAdvance:
    """A sandbox on its way from one instant of its clock to another."""

    workspace_id: UUID
    began_at: datetime
    target: datetime
    step_count: int = 0
    waits_for: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Where one service stands; `unheard` are those of the events asked about that it still has to apply."""

    next_due_at: datetime | None
    published: tuple[Published, ...]
    unheard: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of questions found: events under way, those that are heard by now, and what is due."""

    published: tuple[Published, ...] = ()
    heard: tuple[UUID, ...] = ()
    next_due_at: datetime | None = None
    waits_for: tuple[dict[str, Any], ...] = ()

    @property
    def is_at_rest(self) -> bool:
        """Whether every event was heard by all before this round began, and nothing is due."""
        return not self.waits_for


def begin(workspace: Workspace, running: ClockAdvance | None, to: datetime) -> ClockAdvance:
    """A new advance, or the running one with a later target.

    Raises NotASandbox, TooFarAhead, ClockMovesBackwards or TargetMovesBackwards.
    """
    require_sandbox(workspace)
    if to >= LATEST_INSTANT:
        raise TooFarAhead(field="to")
    now = workspace.clock.now()
    if running:
        if to < running.target:
            raise TargetMovesBackwards(field="to")
        return replace(running, target=to)
    if to < now:
        raise ClockMovesBackwards(field="to")
    return ClockAdvance(workspace.id, now, to)


def next_round(previous: Round, reports: Mapping[str, Report], now: datetime) -> Round:
    """What the services' answers mean; they were asked about the events of the previous round."""
    unheard = frozenset[UUID]().union(*(report.unheard for report in reports.values()))
    heard = tuple(event_id for event_id, _ in previous.published if event_id not in unheard)
    due = [report.next_due_at for report in reports.values() if report.next_due_at]
    return Round(
        published=tuple(event for report in reports.values() for event in report.published),
        heard=heard,
        next_due_at=min(due, default=None),
        waits_for=tuple(_waits_for(reports, now)),
    )


def stop_at(advance: ClockAdvance, found: Round) -> datetime:
    """The next instant to move the clock to, once everything is at rest."""
    return min(found.next_due_at or advance.target, advance.target)


def _waits_for(reports: Mapping[str, Report], now: datetime) -> Sequence[JsonObject]:
    waiting = []
    for service, report in reports.items():
        is_due = report.next_due_at is not None and report.next_due_at <= now
        if is_due or report.published or report.unheard:
            waiting.append(
                {
                    "service": service,
                    "due_at": report.next_due_at.isoformat() if is_due and report.next_due_at else None,
                    "published_count": len(report.published),
                    "unheard_count": len(report.unheard),
                }
            )
    return waiting
