"""Renewals as values: what is billed when, and how statuses move."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription_renewal.subscriptions.domain import change as change_rules
from services.subscription_renewal.subscriptions.domain import cycle, pause
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.change import Wanted
from services.subscription_renewal.subscriptions.domain.cycle import UNCAPPED, Change, Limits
from services.subscription_renewal.subscriptions.domain.pause import SubscriptionRuns
from services.subscription_renewal.subscriptions.domain.subscription import (
    BILLED,
    MOVES,
    Subscription,
    SubscriptionIsPaused,
    SubscriptionState,
)
from shared.kernel.errors import BillingError, IllegalMove
from tests.unit.subscription_renewal.builders import NOW, a_line, a_subscription

DAY = timedelta(days=1)
INTERVALS = st.sampled_from([("day", 1), ("day", 10), ("week", 2), ("month", 1), ("year", 1)])


def _run(subscription: Subscription, now: datetime, limits: Limits = UNCAPPED) -> list[Change]:
    return cycle.renew(subscription, now, limits)


def _after(changes: list[Change], before: Subscription) -> Subscription:
    return changes[-1].subscription if changes else before


@given(
    interval=INTERVALS,
    steps=st.lists(st.timedeltas(timedelta(days=-40), timedelta(days=90)), min_size=1, max_size=12),
)
def test_a_clock_that_jumps_stops_or_goes_back_bills_each_period_once(
    interval: tuple[str, int], steps: list[timedelta]
) -> None:
    subscription = a_subscription(interval=interval[0], interval_count=interval[1])
    now, visited, periods = NOW, [], []

    for step in steps:
        now += step
        visited.append(now)
        while changes := _run(subscription, now, replace(UNCAPPED, periods_at_once=7)):
            periods += [(c.billing.period_start, c.billing.period_end) for c in changes if c.billing]
            subscription = changes[-1].subscription

    fresh = a_subscription(interval=interval[0], interval_count=interval[1])
    at_once = _run(fresh, max(visited), replace(UNCAPPED, periods_at_once=10_000))
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(periods))
    assert periods == [(c.billing.period_start, c.billing.period_end) for c in at_once if c.billing]


def test_each_period_is_one_change_with_one_version() -> None:
    subscription = a_subscription(interval="week")

    changes = _run(subscription, NOW + 15 * DAY)

    assert [change.subscription.version for change in changes] == [2, 3, 4]
    assert all(change.billing and change.billing.reason == "cycle" for change in changes)
    assert changes[-1].subscription.next_billing_at == NOW + 21 * DAY


@pytest.mark.parametrize(
    "catch_up, days, billed, next_in_days",
    [
        ("all", 2.5, [0, 1, 2], 3),
        ("latest", 2.5, [2], 3),
        ("forgive", 2.5, [], 3),
        # On time, or within the running period, nothing was missed: it is billed.
        ("latest", 0, [0], 1),
        ("forgive", 0.5, [0], 1),
        ("forgive", 2, [], 3),
        ("latest", 2, [2], 3),
    ],
)
def test_missed_periods_follow_the_policy(
    catch_up: str, days: float, billed: list[int], next_in_days: int
) -> None:
    subscription = a_subscription(interval="day", timezone="UTC", catch_up=catch_up)

    changes = _run(subscription, NOW + days * DAY)

    assert [c.billing.period_start for c in changes if c.billing] == [NOW + n * DAY for n in billed]
    assert _after(changes, subscription).next_billing_at == NOW + next_in_days * DAY


def test_a_cap_parks_what_missed_more() -> None:
    subscription = a_subscription(interval="day")

    changes = _run(subscription, NOW + 10 * DAY, Limits(catch_up_cap=3))

    assert [change.billing is not None for change in changes] == [True, True, True, False]
    parked = changes[-1].subscription
    assert parked.parked_reason
    assert _run(parked, NOW + 20 * DAY) == []
    assert parked.next_billing_at == NOW + 3 * DAY


def test_so_many_billings_on_one_day_are_not_believed() -> None:
    subscription = a_subscription(interval="day")

    changes = _run(subscription, NOW + 10 * DAY, Limits(catch_up_cap=None, billings_a_day=4))

    assert sum(change.billing is not None for change in changes) == 4
    assert "within a day" in str(changes[-1].subscription.parked_reason)


def test_cancellation_wins_at_the_boundary() -> None:
    subscription = _after(_run(a_subscription(), NOW), a_subscription())
    canceled = rules.cancel(subscription, True, NOW + DAY)
    assert canceled.current_period_end

    early = _run(canceled, canceled.current_period_end - timedelta(microseconds=1))
    (end,) = _run(canceled, canceled.current_period_end)

    assert early == []
    assert (end.subscription.status, end.billing) == (SubscriptionState.ENDED, None)
    assert end.subscription.ended_at == canceled.current_period_end


def test_a_change_that_is_scheduled_applies_before_its_period_is_billed() -> None:
    subscription = _after(_run(a_subscription(), NOW), a_subscription())
    wanted = Wanted((a_line("25"),), "next_period")
    scheduled = change_rules.change(subscription, wanted, NOW + DAY, UNCAPPED).subscription

    (renewed,) = _run(scheduled, NOW + 31 * DAY)

    assert scheduled.lines == subscription.lines
    assert renewed.billing
    assert [line.unit_price for line in renewed.billing.lines] == [25]
    assert renewed.subscription.scheduled_change is None


def test_a_trial_converts_where_it_ends_and_counts_from_there() -> None:
    trial = a_subscription(trial_days=14)

    (converted,) = _run(trial, NOW + 14 * DAY)

    assert converted.subscription.status is SubscriptionState.ACTIVE
    assert converted.subscription.anchor_at == NOW + 14 * DAY
    assert converted.billing
    assert converted.billing.period_start == NOW + 14 * DAY


@pytest.mark.parametrize("status", sorted(SubscriptionState))
def test_only_running_subscriptions_are_billed(status: SubscriptionState) -> None:
    subscription = replace(a_subscription(), status=status)

    changes = _run(subscription, NOW)

    assert bool(changes) == (status in BILLED)


def test_a_pause_that_keeps_its_anchor_leaves_the_billing_days_as_they_were() -> None:
    subscription = _after(_run(a_subscription(), NOW), a_subscription())
    paused = pause.pause(subscription, True, NOW + 5 * DAY)

    short = pause.resume(paused, NOW + 10 * DAY)
    long = pause.resume(paused, NOW + 40 * DAY)

    assert short.next_billing_at == subscription.next_billing_at
    assert short.current_period_end == subscription.current_period_end
    assert long.next_billing_at == subscription.calendar.start(2)
    assert (long.current_period_start, long.current_period_end) == (None, None)


@pytest.mark.parametrize("trial_days", [0, 14])
def test_a_pause_that_shifts_the_anchor_loses_no_paid_day(trial_days: int) -> None:
    subscription = a_subscription(trial_days)
    subscription = _after(_run(subscription, NOW), subscription)
    assert subscription.next_billing_at

    resumed = pause.resume(pause.pause(subscription, False, NOW + 5 * DAY), NOW + 45 * DAY)
    again = pause.resume(pause.pause(resumed, False, NOW + 46 * DAY), NOW + 47 * DAY)

    assert resumed.status is subscription.status
    assert resumed.next_billing_at == subscription.next_billing_at + 40 * DAY
    assert resumed.current_period_end == resumed.next_billing_at
    assert again.next_billing_at == resumed.next_billing_at + DAY
    assert again.status is subscription.status
    (renewed,) = _run(again, again.next_billing_at)
    assert renewed.subscription.status is SubscriptionState.ACTIVE


def test_a_trial_that_ended_in_a_pause_is_over() -> None:
    paused = pause.pause(a_subscription(trial_days=14), True, NOW + DAY)

    resumed = pause.resume(paused, NOW + 20 * DAY)

    assert resumed.status is SubscriptionState.ACTIVE
    assert resumed.next_billing_at == resumed.calendar.start(1)


def test_what_runs_is_not_resumed_and_what_is_over_stays_over() -> None:
    active = a_subscription()
    over = rules.cancel(active, False, NOW)

    with pytest.raises(SubscriptionRuns):
        pause.resume(active, NOW)
    for move in (pause.resume, lambda one, now: pause.pause(one, True, now)):
        with pytest.raises(IllegalMove):
            move(over, NOW)
    with pytest.raises(SubscriptionIsPaused):
        rules.cancel(pause.pause(_after(_run(active, NOW), active), True, NOW), True, NOW)


@pytest.mark.parametrize(
    "status, past_due, active",
    [
        (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE, SubscriptionState.ACTIVE),
        (SubscriptionState.PAST_DUE, SubscriptionState.PAST_DUE, SubscriptionState.ACTIVE),
        (SubscriptionState.PAUSED, SubscriptionState.PAUSED, SubscriptionState.PAUSED),
        (SubscriptionState.CANCELED, SubscriptionState.CANCELED, SubscriptionState.CANCELED),
        (SubscriptionState.TRIALING, SubscriptionState.TRIALING, SubscriptionState.TRIALING),
    ],
)
def test_what_invoices_say_moves_only_what_runs(
    status: SubscriptionState, past_due: SubscriptionState, active: SubscriptionState
) -> None:
    subscription = replace(a_subscription(), status=status)

    late, settled = rules.mark_past_due(subscription, NOW), rules.mark_active(subscription, NOW)

    assert (late.status, settled.status) == (past_due, active)
    assert late.version == subscription.version + (past_due is not status)
    assert settled.version == subscription.version + (active is not status)


ACTIONS = st.sampled_from(["pause", "shift", "resume", "cancel", "end", "late", "paid", "change", "reset"])


@given(
    actions=st.lists(st.tuples(ACTIONS, st.timedeltas(timedelta(0), timedelta(days=45))), max_size=15),
    interval=INTERVALS,
    trial_days=st.sampled_from([0, 0, 10]),
)
def test_whatever_happens_no_two_billed_periods_overlap_and_every_move_is_in_the_table(
    actions: list[tuple[str, timedelta]], interval: tuple[str, int], trial_days: int
) -> None:
    subscription = a_subscription(trial_days, interval=interval[0], interval_count=interval[1])
    now, periods = NOW, []

    for action, wait in actions:
        now += wait
        made = _run(subscription, now)
        subscription = _after(made, subscription)
        try:
            done = _act(subscription, action, now)
        except BillingError:
            done = []
        for one in done:
            before, after = subscription.status, one.subscription.status
            assert before is after or after in MOVES[before]
            assert one.subscription.version == subscription.version + 1
            subscription = one.subscription
        made += done
        periods += [c.billing for c in made if c.billing and c.billing.reason == "cycle"]

    starts = [billing.period_start for billing in periods]
    assert starts == sorted(set(starts))
    assert (subscription.next_billing_at is not None) == (subscription.status in BILLED)


def _act(subscription: Subscription, action: str, now: datetime) -> list[Change]:
    wanted = Wanted((a_line("15"),), "reset_anchor" if action == "reset" else "invoice_now")
    if action in ("change", "reset"):
        return change_rules.change(subscription, wanted, now, UNCAPPED).changes
    moved = {
        "pause": lambda: pause.pause(subscription, True, now),
        "shift": lambda: pause.pause(subscription, False, now),
        "resume": lambda: pause.resume(subscription, now),
        "cancel": lambda: rules.cancel(subscription, False, now),
        "end": lambda: rules.cancel(subscription, True, now),
        "late": lambda: rules.mark_past_due(subscription, now),
        "paid": lambda: rules.mark_active(subscription, now),
    }[action]()
    return [Change(moved)] if moved.version > subscription.version else []
