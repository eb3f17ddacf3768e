"""Which reminder of an invoice is due: the newest that its dates ask for, one at a time, each level once."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.reminders.domain import sending_hours
from services.invoice.reminders.domain.settings import ReminderSettings, ReminderStep

Hold = Literal["collection", "dispute"]
Obstacle = Literal[
    "disabled",
    "not_open",
    "collected_automatically",
    "not_sent",
    "nothing_due",
    "paused",
    "partial_payment",
    "dispute",
    "collection",
]
DecidedState = Literal["sent", "skipped", "handed_over"]
A_LATER_LEVEL = "a_later_level_was_due"
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(9000, 1, 1)
"""Nothing is planned for an invoice that is due outside of these: days from it could not be counted."""


@dataclass(frozen=True, slots=True)
class DecidedLevel:
    """What became of one level of an invoice."""

    level: int
    state: DecidedState
    decided_at: datetime
    is_by_hand: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReminderState:
    """What of an invoice decides on its next reminder; days in the workspace's zone."""

    due_on: date
    # The highest level that is dealt with: sent, or skipped since there was nobody to send it to.
    level: int
    # When the customer last heard of it from us: the invoice itself, or a reminder.
    written_on: date
    was_reminded: bool


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that is due, and where the invoice stands before it is taken."""

    state: ReminderState
    step: ReminderStep


@dataclass(frozen=True, slots=True)
class Search:
    """Invoices of one level that have a certain step to come: those that were due on this day or later."""

    level: int
    days_after_due: int
    due_from: date
    needs_reminded: bool


def reminder_state(invoice: Invoice, zone: str) -> ReminderState | None:
    """Where an invoice stands; None while it has no due date to speak of or was never sent."""
    if invoice.due_date is None or invoice.sent_at is None:
        return None
    if not EARLIEST_DAY <= invoice.due_date < LATEST_DAY:
        return None
    written_at = max(invoice.sent_at, invoice.reminded_at or invoice.sent_at)
    return ReminderState(
        invoice.due_date,
        invoice.reminder_level,
        day_in(zone, written_at),
        was_reminded=invoice.reminded_at is not None,
    )


def day_in(zone: str, at: datetime) -> date:
    """The day of an instant in this zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def day_of(settings: ReminderSettings, state: ReminderState, step: ReminderStep) -> date:
    """The day of a step: so long after the due date, and not too soon after what was last sent."""
    return max(
        state.due_on + timedelta(days=step.days_after_due),
        state.written_on + timedelta(days=settings.minimum_days_between),
    )


def steps_to_come(settings: ReminderSettings, state: ReminderState) -> list[ReminderStep]:
    """The steps that can still be taken, the lowest first.

    Levels only rise; what an older schedule left behind is passed over, and nothing is handed over of
    which the customer was never reminded.
    """
    return [
        step
        for step in settings.levels
        if step.level > state.level
        and (state.was_reminded or not step.is_hand_over)
        and is_counted(settings, state, step)
    ]


def is_counted(settings: ReminderSettings, state: ReminderState, step: ReminderStep) -> bool:
    """Whether the step's day is one of this schedule's, not one of an older schedule or of none."""
    return state.due_on + timedelta(days=step.days_after_due) >= settings.counts_from


def due_step(settings: ReminderSettings, state: ReminderState, today: date) -> ReminderStep | None:
    """The newest step that is due: after an outage the customer hears once, not of every level missed."""
    due = [step for step in steps_to_come(settings, state) if day_of(settings, state, step) <= today]
    return due[-1] if due else None


def next_step(settings: ReminderSettings, state: ReminderState, today: date) -> ReminderStep | None:
    """The step that comes next: the one that is due, or else the first that will be."""
    left = steps_to_come(settings, state)
    return due_step(settings, state, today) or (left[0] if left else None)


def steps_passed_over(
    settings: ReminderSettings, state: ReminderState, taken: ReminderStep
) -> list[ReminderStep]:
    """The levels below the step taken that are not sent any more."""
    return [step for step in settings.levels if state.level < step.level < taken.level]


def to_searches(settings: ReminderSettings) -> list[Search]:
    """Which invoices of the workspace have a step to come, by the level that is dealt with."""
    return [
        Search(
            level=level,
            days_after_due=step.days_after_due,
            due_from=settings.counts_from - timedelta(days=step.days_after_due),
            needs_reminded=step.is_hand_over,
        )
        for step in settings.levels
        for level in range(step.level)
    ]


def due_at(settings: ReminderSettings, day: date, zone: str, now: datetime) -> datetime:
    """The instant (UTC) from which on a step of this day is taken: on that day or now, within the hours."""
    return sending_hours.open_from(settings.hours, max(sending_hours.start_of(day, zone), now), zone)


def obstacles(settings: ReminderSettings, invoice: Invoice, holds: Collection[Hold]) -> list[Obstacle]:
    """Why this invoice is not reminded of by itself; the worker's claim asks the same in SQL."""
    paid_in_part = settings.pauses_on_partial_payment and invoice.amount_paid_minor > 0
    disputed = settings.pauses_on_dispute and "dispute" in holds
    # What a person said counts for more than what would pause it by itself.
    is_free = invoice.reminders_paused is False
    obstacles: dict[Obstacle, bool] = {
        "disabled": not settings.is_enabled,
        "not_open": invoice.status is not Status.OPEN,
        "collected_automatically": invoice.collection_method != "send_invoice",
        "not_sent": invoice.sent_at is None,
        "nothing_due": invoice.amount_due_minor == 0,
        "paused": invoice.reminders_paused is True,
        "partial_payment": paid_in_part and not is_free,
        "dispute": disputed and not is_free,
        "collection": "collection" in holds,
    }
    return [obstacle for obstacle, stands in obstacles.items() if stands]


def take_step(
    settings: ReminderSettings, invoice: Invoice, due: DueStep, unsent_because: str | None, now: datetime
) -> tuple[Invoice, list[DecidedLevel]]:
    """The invoice at the step's level, and what became of that level and of those passed over.

    `unsent_because` is why there was nobody to send it to.
    """
    step = due.step
    decided = [
        DecidedLevel(skipped.level, "skipped", now, reason=A_LATER_LEVEL)
        for skipped in steps_passed_over(settings, due.state, step)
    ]
    if unsent_because:
        decided.append(DecidedLevel(step.level, "skipped", now, reason=unsent_because))
    else:
        decided.append(DecidedLevel(step.level, "handed_over" if step.is_hand_over else "sent", now))
    is_written = not (unsent_because or step.is_hand_over)
    return _at_level(invoice, step.level, now, now if is_written else invoice.reminded_at), decided


def remind_by_hand(invoice: Invoice, level: int, now: datetime) -> tuple[Invoice, DecidedLevel]:
    """The invoice reminded of because somebody asked for it: the level counts as sent, and the schedule
    goes on above it."""
    reached = max(level, invoice.reminder_level)
    return _at_level(invoice, reached, now, now), DecidedLevel(level, "sent", now, is_by_hand=True)


def pause(invoice: Invoice, is_paused: bool | None, now: datetime) -> Invoice:
    """The invoice with what a person says of its reminders; None leaves it to the settings again."""
    if invoice.reminders_paused is is_paused:
        return invoice
    return replace(invoice, reminders_paused=is_paused, version=invoice.version + 1, updated_at=now)


def _at_level(invoice: Invoice, level: int, now: datetime, reminded_at: datetime | None) -> Invoice:
    return replace(
        invoice,
        reminder_level=level,
        reminded_at=reminded_at,
        version=invoice.version + 1,
        updated_at=now,
    )
