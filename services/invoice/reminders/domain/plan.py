"""The schedule of one invoice as it is shown: what became of each level, and when the next one is due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.reminders.domain import reminders as rules
from services.invoice.reminders.domain.reminders import (
    DecidedLevel,
    DecidedState,
    Hold,
    Obstacle,
    ReminderState,
)
from services.invoice.reminders.domain.settings import ReminderSettings, ReminderStep

PlanState = Literal["scheduled", "stopped", "finished"]
BEFORE_THE_SCHEDULE = "before_the_schedule"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One level: decided, or planned for an instant that is not known while the invoice was never sent."""

    level: int
    state: DecidedState | Literal["planned"]
    step: ReminderStep | None = None
    due_at: datetime | None = None
    decided: DecidedLevel | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All levels of one invoice, and what comes next of them; `obstacles` is why nothing does."""

    state: PlanState
    obstacles: list[Obstacle]
    rows: list[PlannedRow]
    next_level: int | None = None
    next_due_at: datetime | None = None


def plan_reminders(
    settings: ReminderSettings,
    invoice: Invoice,
    decided: Sequence[DecidedLevel],
    holds: Collection[Hold],
    *,
    now: datetime,
    zone: str,
) -> Plan:
    """The schedule as it stands now; later levels may move when an earlier one is sent late."""
    planning = _Planning(settings, rules.reminder_state(invoice, zone), now, zone)
    decided_levels = {each.level for each in decided}
    rows = [_decided_row(each, settings.step(each.level)) for each in decided]
    rows += [planning.row_of(step) for step in settings.levels if step.level not in decided_levels]
    rows.sort(key=lambda row: row.level)
    obstacles = rules.obstacles(settings, invoice, holds)
    if obstacles:
        return Plan("stopped", obstacles, rows)
    upcoming = planning.upcoming
    if upcoming is None:
        return Plan("finished", [], rows)
    due_at = next(row.due_at for row in rows if row.level == upcoming.level)
    return Plan("scheduled", [], rows, upcoming.level, due_at)


def _decided_row(decided: DecidedLevel, step: ReminderStep | None) -> PlannedRow:
    return PlannedRow(decided.level, decided.state, step, decided=decided, reason=decided.reason)


@dataclass(frozen=True, slots=True)
class _Planning:
    """What levels that nothing was decided of are planned by; `state` is None while it was never sent."""

    settings: ReminderSettings
    state: ReminderState | None
    now: datetime
    zone: str

    @property
    def upcoming(self) -> ReminderStep | None:
        today = rules.day_in(self.zone, self.now)
        return rules.next_step(self.settings, self.state, today) if self.state else None

    def row_of(self, step: ReminderStep) -> PlannedRow:
        settings, state = self.settings, self.state
        if state is None:
            return PlannedRow(step.level, "planned", step)
        if reason := _reason_passed_over(settings, state, step, self.upcoming):
            return PlannedRow(step.level, "skipped", step, reason=reason)
        day = rules.day_of(settings, state, step)
        return PlannedRow(step.level, "planned", step, rules.due_at(settings, day, self.zone, self.now))


def _reason_passed_over(
    settings: ReminderSettings, state: ReminderState, step: ReminderStep, upcoming: ReminderStep | None
) -> str | None:
    """Why a level that nothing was decided of will not be sent."""
    if step.level <= state.level or (upcoming and step.level < upcoming.level):
        return rules.A_LATER_LEVEL
    return None if rules.is_counted(settings, state, step) else BEFORE_THE_SCHEDULE
