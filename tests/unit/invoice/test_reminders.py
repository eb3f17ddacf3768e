"""Reminders: which level is due on which day, and that nobody is written to twice in one run."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.reminders.domain import plan as reminder_plan
from services.invoice.reminders.domain import reminders as rules
from services.invoice.reminders.domain import settings as settings_rules
from services.invoice.reminders.domain.sending_hours import SendingHours
from services.invoice.reminders.domain.settings import (
    PRESETS,
    ReminderSettings,
    ReminderStep,
    SettingsEdit,
    preset_levels,
)
from shared.kernel.errors import Invalid
from tests.unit.invoice.builders import DUE, NOW, TODAY, WORKSPACE, an_invoice

ZONE = "Europe/Amsterdam"
STANDARD = ReminderSettings(WORKSPACE, is_enabled=True, counts_from=date(2026, 1, 1))


def settings(**fields: Any) -> ReminderSettings:
    return replace(STANDARD, **fields)


def preset(name: Any, **fields: Any) -> ReminderSettings:
    return settings(preset=name, levels=preset_levels(name), **fields)


def sent_invoice(**fields: Any) -> Invoice:
    """Due on 11 May 2026, sent a month before."""
    return an_invoice(**{"sent_at": NOW, **fields})


def due_level(chosen: ReminderSettings, invoice: Invoice, days_after_due: int) -> int | None:
    at = rules.reminder_state(invoice, ZONE)
    assert at
    step = rules.due_step(chosen, at, DUE + timedelta(days=days_after_due))
    return step.level if step else None


@pytest.mark.parametrize(
    ("chosen", "level", "days_after_due", "expected"),
    [
        (STANDARD, 0, 2, None),
        (STANDARD, 0, 3, 1),
        (STANDARD, 0, 9, 1),
        (STANDARD, 1, 9, None),
        (STANDARD, 1, 10, 2),
        (STANDARD, 2, 21, 3),
        (STANDARD, 3, 34, None),
        (STANDARD, 3, 35, 4),
        (STANDARD, 4, 400, None),
        # After an outage only the newest.
        (STANDARD, 0, 12, 2),
        (STANDARD, 1, 25, 3),
        # Who was never reminded is not handed over.
        (STANDARD, 0, 60, 3),
        (preset("early"), 0, -3, 1),
        (preset("early"), 0, -4, None),
        (preset("gentle"), 3, 400, None),
        (preset("firm"), 0, 1, 1),
        (settings(levels=()), 0, 30, None),
    ],
)
def test_the_newest_level_that_its_days_ask_for_is_due(
    chosen: ReminderSettings, level: int, days_after_due: int, expected: int | None
) -> None:
    invoice = sent_invoice(reminder_level=level, reminded_at=NOW if level else None)

    assert due_level(chosen, invoice, days_after_due) == expected


def test_an_older_schedule_is_not_caught_up_on() -> None:
    switched_on = settings(counts_from=DUE + timedelta(days=15))

    assert due_level(switched_on, sent_invoice(), 20) is None
    assert due_level(switched_on, sent_invoice(), 21) == 3
    assert due_level(switched_on, sent_invoice(due_date=DUE - timedelta(days=60)), 0) is None


def test_days_lie_between_what_is_sent_of_one_invoice() -> None:
    late = sent_invoice(reminder_level=1, reminded_at=NOW + (DUE - TODAY) + timedelta(days=9))
    just_sent = sent_invoice(sent_at=NOW + (DUE - TODAY) + timedelta(days=3))

    assert [due_level(STANDARD, late, day) for day in (10, 11, 12)] == [None, None, 2]
    assert [due_level(STANDARD, just_sent, day) for day in (3, 5, 6)] == [None, None, 1]


def test_a_level_that_was_passed_over_is_noted() -> None:
    invoice = sent_invoice()
    at = rules.reminder_state(invoice, ZONE)
    assert at
    step = rules.due_step(STANDARD, at, DUE + timedelta(days=22))
    assert step

    reminded, decided = rules.take_step(STANDARD, invoice, rules.DueStep(at, step), None, NOW)

    assert [(one.level, one.state, one.reason) for one in decided] == [
        (1, "skipped", rules.A_LATER_LEVEL),
        (2, "skipped", rules.A_LATER_LEVEL),
        (3, "sent", None),
    ]
    assert (reminded.reminder_level, reminded.reminded_at, reminded.version) == (3, NOW, invoice.version + 1)


def test_a_level_that_reaches_nobody_is_dealt_with_but_is_no_reminder() -> None:
    invoice = sent_invoice()
    at = rules.reminder_state(invoice, ZONE)
    assert at

    skipped, decided = rules.take_step(
        STANDARD, invoice, rules.DueStep(at, STANDARD.levels[0]), "recipient_missing", NOW
    )

    assert (skipped.reminder_level, skipped.reminded_at) == (1, None)
    assert [(one.state, one.reason) for one in decided] == [("skipped", "recipient_missing")]
    assert due_level(settings(levels=STANDARD.levels[::3]), skipped, 60) is None


def test_a_reminder_by_hand_counts_as_its_level() -> None:
    invoice = sent_invoice(reminder_level=1, reminded_at=NOW)
    by_hand_at = NOW + (DUE - TODAY) + timedelta(days=6)

    second, decided = rules.remind_by_hand(invoice, 2, by_hand_at)
    again, _ = rules.remind_by_hand(second, 1, by_hand_at)

    assert (decided.level, decided.state, decided.is_by_hand) == (2, "sent", True)
    assert (second.reminder_level, again.reminder_level) == (2, 2)
    assert [due_level(STANDARD, second, day) for day in (10, 20, 21)] == [None, None, 3]


@pytest.mark.parametrize(
    ("fields", "chosen", "holds", "expected"),
    [
        ({}, STANDARD, (), []),
        ({}, settings(is_enabled=False), (), ["disabled"]),
        ({"status": Status.PAID}, STANDARD, (), ["not_open"]),
        ({"status": Status.VOID}, STANDARD, (), ["not_open", "nothing_due"]),
        ({"status": Status.UNCOLLECTIBLE}, STANDARD, (), ["not_open"]),
        ({"collection_method": "charge_automatically"}, STANDARD, (), ["collected_automatically"]),
        ({"sent_at": None}, STANDARD, (), ["not_sent"]),
        ({"amount_credited_minor": 33_900}, STANDARD, (), ["nothing_due"]),
        ({"amount_paid_minor": 100}, STANDARD, (), ["partial_payment"]),
        ({"amount_paid_minor": 100}, settings(pauses_on_partial_payment=False), (), []),
        ({"amount_paid_minor": 100, "reminders_paused": False}, STANDARD, (), []),
        ({"reminders_paused": True}, STANDARD, (), ["paused"]),
        ({}, STANDARD, ("dispute",), ["dispute"]),
        ({}, settings(pauses_on_dispute=False), ("dispute",), []),
        ({"reminders_paused": False}, STANDARD, ("dispute",), []),
        ({"reminders_paused": False}, STANDARD, ("collection",), ["collection"]),
    ],
)
def test_what_keeps_an_invoice_from_being_reminded_of(
    fields: dict[str, Any], chosen: ReminderSettings, holds: Any, expected: list[str]
) -> None:
    assert rules.obstacles(chosen, sent_invoice(**fields), holds) == expected


def test_a_pause_is_one_change() -> None:
    invoice = sent_invoice()

    paused = rules.pause(invoice, True, NOW)

    assert (paused.reminders_paused, paused.version) == (True, invoice.version + 1)
    assert rules.pause(paused, True, NOW) is paused


def test_a_schedule_is_shown_with_the_instants_at_which_it_acts() -> None:
    at_due = datetime(2026, 5, 11, 12, tzinfo=UTC)
    weekdays = settings(hours=SendingHours(time(18), time(9), is_business_days_only=True))

    shown = reminder_plan.plan_reminders(weekdays, sent_invoice(), [], [], now=at_due, zone=ZONE)
    late = reminder_plan.plan_reminders(
        weekdays, sent_invoice(), [], [], now=at_due + timedelta(days=13), zone=ZONE
    )
    stopped = reminder_plan.plan_reminders(
        weekdays, sent_invoice(sent_at=None), [], [], now=at_due, zone=ZONE
    )

    assert [(row.level, row.state, row.due_at) for row in shown.rows] == [
        (1, "planned", datetime(2026, 5, 14, 7, tzinfo=UTC)),
        (2, "planned", datetime(2026, 5, 21, 7, tzinfo=UTC)),
        (3, "planned", datetime(2026, 6, 1, 7, tzinfo=UTC)),
        (4, "planned", datetime(2026, 6, 15, 7, tzinfo=UTC)),
    ]
    assert (shown.state, shown.next_level, shown.next_due_at) == ("scheduled", 1, shown.rows[0].due_at)
    # 24 May 2026 is a Sunday, and the first level's time has passed.
    assert [(row.level, row.state) for row in late.rows[:2]] == [(1, "skipped"), (2, "planned")]
    assert late.next_due_at == datetime(2026, 5, 25, 7, tzinfo=UTC)
    assert (stopped.state, stopped.obstacles, stopped.next_due_at) == ("stopped", ["not_sent"], None)
    assert {row.due_at for row in stopped.rows} == {None}


@pytest.mark.parametrize("due_date", [None, date.min, date.max])
def test_nothing_is_planned_where_days_cannot_be_counted(due_date: date | None) -> None:
    shown = reminder_plan.plan_reminders(
        STANDARD, sent_invoice(due_date=due_date), [], [], now=NOW, zone=ZONE
    )

    assert (shown.state, shown.next_due_at) == ("finished", None)
    assert {(row.state, row.due_at) for row in shown.rows} == {("planned", None)}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"preset": "firm", "levels": preset_levels("firm")}, "/levels"),
        ({"levels": (ReminderStep(2, 3), ReminderStep(1, 10))}, "/levels/1/level"),
        ({"levels": (ReminderStep(1, 3), ReminderStep(1, 10))}, "/levels/1/level"),
        ({"levels": (ReminderStep(1, 10), ReminderStep(2, 10))}, "/levels/1/days_after_due"),
        ({"levels": (ReminderStep(1, 3, ()),)}, "/levels/0/channels"),
        ({"levels": (ReminderStep(4, 30),)}, "/levels/0/channels"),
        ({"quiet_from": time(8), "quiet_until": time(8)}, "/quiet_hours/until"),
    ],
)
def test_settings_that_make_no_schedule_are_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        settings_rules.edit_settings(STANDARD, SettingsEdit(**fields), TODAY, NOW)

    assert refused.value.errors[0].pointer == field


def test_another_schedule_counts_from_the_day_it_is_made() -> None:
    enabled = settings_rules.edit_settings(
        ReminderSettings(WORKSPACE), SettingsEdit(is_enabled=True), TODAY, NOW
    )
    quieter = settings_rules.edit_settings(enabled, SettingsEdit(is_business_days_only=True), DUE, NOW)
    firmer = settings_rules.edit_settings(quieter, SettingsEdit(preset="firm"), DUE, NOW)

    assert (enabled.counts_from, quieter.counts_from, firmer.counts_from) == (TODAY, TODAY, DUE)
    assert (quieter.hours.is_business_days_only, quieter.hours.quiet_from) == (True, time(20))
    assert [step.days_after_due for step in firmer.levels] == list(PRESETS["firm"])
    assert settings_rules.edit_settings(firmer, SettingsEdit(preset="firm"), DUE, NOW) is firmer
    assert firmer.version == 4


SCHEDULES = st.builds(
    lambda days, between: settings(
        levels=tuple(
            ReminderStep(level, day, () if level == 4 else ("email",))
            for level, day in enumerate(sorted(days), 1)
        ),
        minimum_days_between=between,
    ),
    st.sets(st.integers(-10, 60), min_size=1, max_size=4),
    st.integers(1, 10),
)
RUNS = st.lists(st.integers(1, 30), min_size=1, max_size=12)


@given(SCHEDULES, RUNS, st.integers(0, 40))
def test_levels_only_rise_one_a_run_and_never_too_soon(
    chosen: ReminderSettings, pauses: list[int], terms: int
) -> None:
    """Runs at any days, with outages between them."""
    invoice = sent_invoice(due_date=TODAY + timedelta(days=terms))
    written_on, day, told = TODAY, TODAY, list[rules.DecidedLevel]()

    for pause in pauses:
        day += timedelta(days=pause)
        at = rules.reminder_state(invoice, ZONE)
        assert at
        step = rules.due_step(chosen, at, day)
        if step is None:
            continue
        now = datetime.combine(day, time(10), UTC)
        invoice, decided = rules.take_step(chosen, invoice, rules.DueStep(at, step), None, now)
        told += decided
        # Nothing more in the same run, and enough days since the last time.
        after = rules.reminder_state(invoice, ZONE)
        assert after
        assert rules.due_step(chosen, after, day) is None
        assert day - written_on >= timedelta(days=chosen.minimum_days_between)
        assert day >= at.due_on + timedelta(days=step.days_after_due)
        written_on = written_on if step.is_hand_over else day

    levels = [one.level for one in told]
    assert levels == sorted(set(levels))
    assert all(one.state == "skipped" or one.level == 4 or one.state == "sent" for one in told)


@given(SCHEDULES, st.integers(0, 100), st.integers(0, 4), st.booleans())
def test_the_searches_find_what_is_due_and_nothing_else(
    chosen: ReminderSettings, days: int, level: int, was_reminded: bool
) -> None:
    """What the worker asks the database for, against the rule itself."""
    chosen = replace(chosen, counts_from=DUE + timedelta(days=5))
    today = DUE + timedelta(days=days)
    invoice = sent_invoice(reminder_level=level, reminded_at=NOW if was_reminded else None)
    at = rules.reminder_state(invoice, ZONE)
    assert at

    found = [
        search
        for search in rules.to_searches(chosen)
        if search.level == level
        and search.due_from <= DUE <= today - timedelta(days=search.days_after_due)
        and (was_reminded or not search.needs_reminded)
        and at.written_on <= today - timedelta(days=chosen.minimum_days_between)
    ]

    assert bool(found) == (rules.due_step(chosen, at, today) is not None)
