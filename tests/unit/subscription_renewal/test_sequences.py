"""Whatever is done with a subscription, in whatever order: its calendar and its money are what they must be.

The oracle (`oracle.py`) counts months and shares of periods by itself.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.subscription_renewal.subscriptions.domain import change as change_rules
from services.subscription_renewal.subscriptions.domain import cycle, pause
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.calendar import Cadence
from services.subscription_renewal.subscriptions.domain.change import Wanted
from services.subscription_renewal.subscriptions.domain.cycle import UNCAPPED, Change
from services.subscription_renewal.subscriptions.domain.subscription import (
    BILLED,
    OVER,
    Subscription,
    SubscriptionState,
)
from shared.kernel.errors import BillingError
from shared.kernel.pricing import Arithmetic
from tests.unit.subscription_renewal.builders import a_line, a_subscription
from tests.unit.subscription_renewal.oracle import Charged, boundary, delayed, missed

EUR = Arithmetic("EUR")
# In these years all of them changed their clocks: by an hour, by half an hour, at midnight.
ZONES = ["Europe/Amsterdam", "America/Los_Angeles", "Australia/Lord_Howe", "America/Sao_Paulo"]
LOCAL = datetime.fromisoformat("2016-12-01")
STARTS = st.one_of(
    st.integers(0, 455 * 1440).map(lambda minutes: LOCAL + timedelta(minutes=minutes)),
    # At midnight shortly before the clocks change somewhere, and at the end of a month.
    st.sampled_from([60, 80, 90, 100, 290, 300, 310, 330]).map(lambda days: LOCAL + timedelta(days=days)),
    st.sampled_from([30, 60, 61, 179, 181, 333]).map(lambda days: LOCAL + timedelta(days=days)),
)
INTERVALS = st.sampled_from([("day", 1), ("day", 10), ("week", 2), ("month", 1), ("month", 3), ("year", 1)])
PRICES = st.sampled_from(["0", "0.01", "9.99", "10", "30", "300", "1234.56"])
WAITS = st.one_of(
    st.timedeltas(timedelta(0), timedelta(days=3)),
    st.timedeltas(timedelta(0), timedelta(days=70)),
    st.integers(0, 60).map(lambda days: timedelta(days=days)),
)
POLICIES = st.sampled_from(["invoice_now", "next_invoice", "next_period", "reset_anchor"])
ACTIONS = st.one_of(
    st.tuples(st.just("change"), PRICES, POLICIES, st.sampled_from(["second", "day"])),
    st.tuples(st.just("backdate"), PRICES, st.fractions(0, 1), st.sampled_from(["second", "day"])),
    st.tuples(st.just("begin_anew"), PRICES, INTERVALS),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("pause"), st.just(False)),
    st.tuples(st.just("resume")),
    st.tuples(st.just("resume")),
    st.tuples(st.just("cancel"), st.booleans()),
    st.tuples(st.just("wait")),
)


@dataclass
class World:
    """A subscription, what was billed of it, and what the oracle expects of it."""

    subscription: Subscription
    now: datetime
    # When the next period must begin; what the current one is charged for; all prices and prorations.
    expected_at: datetime
    charged: Charged | None = None
    owed_minor: int = 0
    invoiced_minor: int = 0
    released_minor: int = 0
    periods: list[tuple[datetime, datetime]] = field(default_factory=list)

    def settle(self) -> None:
        """Everything that is due is billed, as the worker does before anybody else comes."""
        one = self.subscription
        if one.is_due(self.now) and not one.cancel_at_period_end:
            self.expected_at = missed(one, self.expected_at, self.now)
        while changes := cycle.renew(self.subscription, self.now, UNCAPPED):
            self.take(changes)
        one = self.subscription
        assert one.next_billing_at is None or one.next_billing_at > self.now

    def take(self, changes: list[Change]) -> None:
        """Note what changed, and hold every period against the oracle."""
        for change in changes:
            assert change.subscription.version == self.subscription.version + 1
            self.subscription = change.subscription
            if change.release:
                assert change.subscription.status in OVER
                self.released_minor += change.release.amount_minor
            if change.billing:
                amount = line_rules.total_minor(change.billing.lines, EUR)
                self.invoiced_minor += amount
                assert amount > 0 or (change.billing.reason == "cycle" and amount == 0)
            if change.billing and change.billing.reason == "cycle":
                self._began(change.billing.period_start, change.billing.period_end)

    def _began(self, start: datetime, end: datetime) -> None:
        one = self.subscription
        assert start == self.expected_at
        assert not self.periods or start >= self.periods[-1][1]
        anchor = one.anchor_at.astimezone(ZoneInfo(one.timezone))
        steps = next(n for n in itertools.count() if boundary(anchor, one, n) >= start)
        # Exactly one interval, counted from the anchor: so the day is the anchor's, cut to the month.
        assert (boundary(anchor, one, steps), boundary(anchor, one, steps + 1)) == (start, end)
        self.periods.append((start, end))
        self.expected_at = end
        price = line_rules.total_minor(one.lines, EUR)
        self.charged = Charged(start, end, one.timezone, price)
        self.owed_minor += price

    def change(self, price: str, policy: str, basis: Any, at: datetime | None = None) -> None:
        """Another price, by each policy, maybe from before."""
        self._change(Wanted((a_line(price),), policy, basis, at))  # type: ignore[arg-type]

    def backdate(self, price: str, share: Any, basis: Any) -> None:
        """Another price from an instant between the period's start and now."""
        start = self.subscription.current_period_start
        if start and start < self.now:
            micros = int((self.now - start) / timedelta(microseconds=1) * float(share))
            self.change(price, "invoice_now", basis, start + timedelta(microseconds=micros))

    def begin_anew(self, price: str, interval: tuple[str, int]) -> None:
        """Another calendar from now on."""
        new = Cadence(*interval)  # type: ignore[arg-type]
        self._change(Wanted((a_line(price),), "reset_anchor", interval=new))

    def _change(self, wanted: Wanted) -> None:
        before, charged = self.subscription, self.charged
        done = change_rules.change(before, wanted, self.now, UNCAPPED)
        again = change_rules.change(done.subscription, wanted, self.now, UNCAPPED) if _same(wanted) else None
        assert again is None or again.changes == []
        prorated = line_rules.total_minor([*done.credits, *done.charges], EUR)
        is_restarted = wanted.policy == "reset_anchor" and bool(done.charges)
        if is_restarted:
            self.expected_at = self.now
            if self.periods and before.current_period_end and before.status is not SubscriptionState.TRIALING:
                self.periods[-1] = (self.periods[-1][0], min(self.periods[-1][1], self.now))
        credit = -line_rules.total_minor(done.credits, EUR)
        if done.credits or done.charges:
            price = line_rules.total_minor(wanted.lines, EUR)
            if before.current_period_start is not None:
                assert charged
                place = charged.place(wanted.at or self.now, wanted.basis)
                assert 0 <= credit <= charged.since(place)
            if is_restarted:
                self.owed_minor -= credit
            else:
                assert charged
                was = charged.total()
                charged.change(place, price)
                assert charged.total() - was == prorated
                assert abs(charged.total() - charged.integral()) <= len(charged.pieces)
                self.owed_minor += prorated
        self.take(done.changes)

    def pause(self, keep_anchor: bool) -> None:
        """Nothing is billed from now on."""
        self.take([Change(pause.pause(self.subscription, keep_anchor, self.now))])

    def resume(self) -> None:
        """A pause, or a cancellation to come, ends."""
        before, resumed = self.subscription, pause.resume(self.subscription, self.now)
        if before.status is SubscriptionState.PAUSED and not before.keeps_anchor:
            assert before.paused_at
            zone = before.timezone
            days = [one.astimezone(ZoneInfo(zone)).day for one in (before.anchor_at, resumed.anchor_at)]
            later = delayed(self.expected_at, before.paused_at, self.now, zone)
            is_same_day = _day(later, zone) == _day(self.expected_at, zone)
            # What is only later within its day keeps the anchor's day, also where the month has no such day.
            assert days[0] == days[1] or not is_same_day
            self.expected_at = delayed(self.expected_at, before.paused_at, self.now, zone)
            if self.charged and before.current_period_start:
                self.charged.move(lambda one: delayed(one, before.paused_at, self.now, zone))
                self.periods[-1:] = [(self.charged.start, self.charged.end)] if self.periods else []
        elif before.status is SubscriptionState.PAUSED:
            anchor = before.anchor_at.astimezone(ZoneInfo(before.timezone))
            ahead = (boundary(anchor, before, n) for n in itertools.count())
            self.expected_at = next(one for one in ahead if one >= max(self.now, self.expected_at))
        self.take([Change(resumed)])

    def cancel(self, at_period_end: bool) -> None:
        """It ends now, or with its period."""
        canceled = rules.cancel(self.subscription, at_period_end, self.now)
        if canceled.version > self.subscription.version:
            is_over = canceled.status in OVER
            self.take([cycle.final_bill(canceled, self.now) if is_over else Change(canceled)])

    def wait(self) -> None:
        """Time passes."""


@given(
    zone=st.sampled_from(ZONES),
    start=STARTS,
    interval=INTERVALS,
    trial_days=st.sampled_from([0, 0, 14, 30]),
    catch_up=st.sampled_from(["all", "all", "latest", "forgive"]),
    actions=st.lists(st.tuples(ACTIONS, WAITS), max_size=14),
)
def test_whatever_is_done_calendar_and_money_are_right(
    zone: str,
    start: datetime,
    interval: tuple[str, int],
    trial_days: int,
    catch_up: str,
    actions: list[tuple[tuple[Any, ...], timedelta]],
) -> None:
    begins = start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    fields = {"interval": interval[0], "interval_count": interval[1], "catch_up": catch_up}
    made = a_subscription(trial_days, start_at=begins, timezone=zone, lines=(a_line("30"),), **fields)
    first = (start + timedelta(days=trial_days)).replace(tzinfo=ZoneInfo(zone))
    world = World(made, begins, first.astimezone(UTC))

    for action, wait in actions:
        world.now += wait
        world.settle()
        calendar = _calendar(world.subscription)
        ending, status = world.subscription.cancel_at_period_end, world.subscription.status
        do: Callable[..., None] = getattr(world, action[0])
        try:
            do(*action[1:])
        except BillingError:
            continue
        one = world.subscription
        assert _calendar(one) == calendar or _may_move_it(action, one)
        # Only `resume` takes a cancellation back, and nothing that is over moves any more.
        assert one.cancel_at_period_end or not ending or action[0] == "resume" or one.status in OVER
        assert status not in OVER or one.status is status

    world.now += timedelta(days=100)
    world.settle()
    one = world.subscription
    assert (one.next_billing_at is not None) == (one.status in BILLED)
    pending = line_rules.total_minor(one.pending_lines, EUR)
    assert world.invoiced_minor + pending - world.released_minor == world.owed_minor


def _calendar(one: Subscription) -> tuple[Any, ...]:
    return one.anchor_at, one.interval, one.interval_count


def _may_move_it(action: tuple[Any, ...], after: Subscription) -> bool:
    if action[0] == "resume":
        return not after.keeps_anchor
    return action[0] == "begin_anew" or "reset_anchor" in action


def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def _same(wanted: Wanted) -> bool:
    return wanted.policy != "reset_anchor"
