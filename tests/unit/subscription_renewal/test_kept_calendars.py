"""What users of other systems were bitten by: billing days that drift, and ends that are forgotten."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services import subscription_renewal
from services.subscription_renewal.subscriptions.domain import cycle, pause
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.calendar import Cadence
from services.subscription_renewal.subscriptions.domain.cycle import UNCAPPED
from services.subscription_renewal.subscriptions.domain.subscription import SubscriptionState
from shared.kernel.errors import Conflict
from tests.unit.subscription_renewal.builders import (
    a_change,
    a_subscription,
    amounts,
    at,
    billed,
    local,
    running,
)

SERVICE = Path(subscription_renewal.__file__).parent
YEARLY = Cadence("year")


def test_a_new_calendar_after_missed_periods_begins_now_and_is_one_year_long() -> None:
    # opencollective #7455: index 400 of a daily calendar became index 400 of a yearly one.
    old = a_subscription(interval="day", catch_up="forgive", start_at=at("2026-03-01"), timezone="UTC")
    idle, _ = billed(old, "2027-04-05T12:00")
    assert idle.current_period_start is None

    changed = a_change(idle, "300", "2027-04-05T13:00", policy="reset_anchor", interval=YEARLY)

    (billing,) = [one.billing for one in changed.changes if one.billing]
    assert (billing.period_start, billing.period_end) == (at("2027-04-05T13:00"), at("2028-04-05T13:00"))
    after = changed.subscription
    assert (after.anchor_at, after.interval, after.next_billing_at) == (
        at("2027-04-05T13:00"),
        "year",
        at("2028-04-05T13:00"),
    )


def test_a_new_calendar_after_a_pause_over_a_boundary_begins_now() -> None:
    monthly = running("2027-01-01", timezone="UTC")
    monthly, _ = billed(monthly, "2027-03-10")
    resumed = pause.resume(pause.pause(monthly, True, at("2027-03-10")), at("2027-05-10"))

    after = a_change(resumed, "300", "2027-05-11", policy="reset_anchor", interval=YEARLY).subscription

    assert (after.current_period_start, after.current_period_end) == (at("2027-05-11"), at("2028-05-11"))


@pytest.mark.parametrize(
    "fields, now",
    [
        ({"start_at": at("2027-06-01")}, "2027-05-01"),
        ({"start_at": at("2027-05-02"), "trial_days": 30}, "2027-05-10"),
    ],
)
def test_a_new_calendar_before_the_first_period_begins_where_that_would_have(
    fields: dict[str, Any], now: str
) -> None:
    waiting = a_subscription(timezone="UTC", **fields)

    changed = a_change(waiting, "300", now, policy="reset_anchor", interval=YEARLY)
    after, days = billed(changed.subscription, "2027-06-02")

    assert amounts(changed) == []
    assert days == ["06-01 00:00"]
    assert (after.anchor_at, after.next_billing_at) == (at("2027-06-01"), at("2028-06-01"))


def test_a_calendar_that_was_broken_before_is_mended_at_its_next_period() -> None:
    # A row as the fault left it: the interval is new, anchor and index are the old calendar's.
    broken = replace(running(interval="day"), interval="year", period_index=400)

    (renewed,) = cycle.renew(broken, at("2027-04-02T00:00:00+02:00"), UNCAPPED)

    assert renewed.billing
    assert renewed.billing.period_end == at("2028-04-02T00:00:00+02:00")


@pytest.mark.parametrize(
    "zone, start, days, expected",
    [
        ("Europe/Amsterdam", "2027-10-02T00:00:00+02:00", 30, "11-01 00:00"),
        ("Europe/Amsterdam", "2027-03-02T00:00:00+01:00", 30, "04-01 00:00"),
        ("America/Los_Angeles", "2027-10-31T00:00:00-07:00", 14, "11-14 00:00"),
        ("Australia/Lord_Howe", "2027-03-15T00:00:00+11:00", 31, "04-15 00:00"),
        # At midnight of 2017-10-15 Brazil's clocks went to 01:00.
        ("America/Sao_Paulo", "2017-10-01T00:00:00-03:00", 14, "10-15 01:00"),
        ("America/Sao_Paulo", "2018-02-10T00:00:00-02:00", 19, "03-01 00:00"),
    ],
)
def test_the_days_of_a_trial_are_days_of_its_zone(zone: str, start: str, days: int, expected: str) -> None:
    trial = a_subscription(trial_days=days, start_at=at(start), timezone=zone)

    assert trial.trial_end == trial.anchor_at == trial.next_billing_at
    assert local(trial.anchor_at, zone) == expected


def test_a_pause_of_a_moment_that_shifts_the_anchor_keeps_the_thirty_first() -> None:
    # Polar #10664: 31 became 28 for good.
    monthly = running("2027-01-31T00:00:00+01:00")
    paused = pause.pause(monthly, False, at("2027-02-10T12:00:00"))

    resumed = pause.resume(paused, at("2027-02-10T12:00:05"))
    _, days = billed(resumed, "2027-06-02")

    assert days == ["02-28 00:00", "03-31 00:00", "04-30 00:00", "05-31 00:00"]


@pytest.mark.parametrize(
    "start, since, until, expected",
    [
        # Clocks change on 28 March: ten days are ten days.
        ("03-01T00:00+01:00", "03-20T00:00+01:00", "03-30T00:00+02:00", "04-11 00:00"),
        ("01-31T00:00+01:00", "02-10T00:00+01:00", "02-20T00:00+01:00", "03-10 00:00"),
        # What is later by a day is never earlier: 30 January and a day would come to the 28th again.
        ("01-30T00:00+01:00", "02-10T00:00+01:00", "02-11T00:00+01:00", "03-01 00:00"),
        ("04-11T00:00+02:00", "04-12T00:00+02:00", "05-22T00:00+02:00", "06-20 00:00"),
        # Within the hour that comes twice, by the clock, it would have ended before it began.
        ("10-11T00:00+02:00", "10-31T02:30+02:00", "10-31T02:10+01:00", "11-11 00:40"),
    ],
)
def test_a_pause_that_shifts_the_anchor_is_counted_in_days_of_the_zone(
    start: str, since: str, until: str, expected: str
) -> None:
    monthly, _ = billed(running(f"2027-{start}"), f"2027-{since}")

    resumed = pause.resume(pause.pause(monthly, False, at(f"2027-{since}")), at(f"2027-{until}"))

    assert resumed.next_billing_at
    assert local(resumed.next_billing_at, "Europe/Amsterdam") == expected
    assert resumed.current_period_end == resumed.next_billing_at


def test_what_is_planned_for_the_boundary_moves_with_it() -> None:
    planned = a_change(running(), "60", "2027-04-02", policy="next_period").subscription

    resumed = pause.resume(pause.pause(planned, False, at("2027-04-10")), at("2027-04-20"))

    assert resumed.scheduled_change
    assert resumed.scheduled_change.effective_at == resumed.next_billing_at


def test_what_ends_with_its_period_is_neither_paused_nor_begun_anew() -> None:
    ending = rules.cancel(running(), True, at("2027-04-10"))

    with pytest.raises(Conflict) as paused:
        pause.pause(ending, True, at("2027-04-11"))
    with pytest.raises(Conflict) as restarted:
        a_change(ending, "60", "2027-04-11", policy="reset_anchor")

    assert paused.value.code == restarted.value.code == "subscription_ends_with_its_period"
    assert a_change(ending, "60", "2027-04-11").subscription.cancel_at_period_end


def test_an_end_that_has_come_is_not_taken_back_though_no_worker_has_seen_it() -> None:
    ending = rules.cancel(running(interval="day"), True, at("2027-04-01"))

    taken_back = pause.resume(ending, at("2027-04-01T21:59:59"))
    with pytest.raises(Conflict) as refused:
        pause.resume(ending, at("2027-04-01T22:00:00"))

    assert not taken_back.cancel_at_period_end
    assert refused.value.code == "subscription_is_over"


@pytest.mark.parametrize("owed", [True, False])
def test_a_pause_does_not_forget_what_is_owed(owed: bool) -> None:
    late = rules.mark_past_due(running(), at("2027-04-02"))

    resumed = pause.resume(pause.pause(late, True, at("2027-04-03")), at("2027-04-04"), owed)

    assert resumed.status is (SubscriptionState.PAST_DUE if owed else SubscriptionState.ACTIVE)


@pytest.mark.parametrize("path", sorted(SERVICE.rglob("*.py")), ids=lambda path: path.name)
def test_the_calendar_has_one_owner(path: Path) -> None:
    if path.name == "schedule.py":
        return

    written = {word.arg for word in ast.walk(ast.parse(path.read_text())) if isinstance(word, ast.keyword)}

    owned = {"anchor_at", "period_index", "interval_count", "trial_end", "current_period_start"}
    assert written & owned == set()
