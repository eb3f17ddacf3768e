"""The one owner of a subscription's calendar: anchor, interval and index change here alone, and together."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, TypeVar

from services.subscription_renewal.subscriptions.domain.calendar import Cadence, days_later, zone_of
from shared.events.subscription import Interval, ScheduledChange

if TYPE_CHECKING:
    from services.subscription_renewal.subscriptions.domain.proration import Segment
    from services.subscription_renewal.subscriptions.domain.subscription import Subscription

T = TypeVar("T", datetime, None)


class _Begun(TypedDict):
    interval: Interval
    interval_count: int
    timezone: str
    start_at: datetime
    anchor_at: datetime
    period_index: int
    trial_end: datetime | None
    current_period_start: datetime | None
    current_period_end: datetime | None
    next_billing_at: datetime


class _Period(TypedDict):
    current_period_start: datetime | None
    current_period_end: datetime | None
    segments: "tuple[Segment, ...]"
    changes_from_at: datetime | None


_NO_PERIOD: _Period = {
    "current_period_start": None,
    "current_period_end": None,
    "segments": (),
    "changes_from_at": None,
}
# No rule of a time zone has ever moved local time by more than a day.
_ZONE_RULES = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Delay:
    """How much later something is: whole days of a zone, and what is left of the last one."""

    days: int
    rest: timedelta
    timezone: str

    @classmethod
    def between(cls, since: datetime, until: datetime, timezone: str) -> "Delay":
        """From one instant to a later one."""
        zone = zone_of(timezone)
        days = (until.astimezone(zone).date() - since.astimezone(zone).date()).days
        while days_later(since, days, timezone) > until:
            days -= 1
        return cls(days, until - days_later(since, days, timezone), timezone)

    def after(self, instant: datetime) -> datetime:
        """The instant that is so much later."""
        return days_later(instant, self.days, self.timezone) + self.rest


def begin(cadence: Cadence, start_at: datetime, trial_days: int, timezone: str) -> _Begun:
    """The calendar of a new subscription: its anchor is its start, or the end of its trial."""
    trial_end = days_later(start_at, trial_days, timezone) if trial_days else None
    return {
        "interval": cadence.interval,
        "interval_count": cadence.count,
        "timezone": timezone,
        "start_at": start_at,
        "anchor_at": trial_end or start_at,
        "period_index": 0,
        "trial_end": trial_end,
        "current_period_start": start_at if trial_end else None,
        "current_period_end": trial_end,
        "next_billing_at": trial_end or start_at,
    }


def restart(subscription: "Subscription", at: datetime, interval: Cadence | None = None) -> "Subscription":
    """Begin a new calendar at this instant, maybe with another interval; what runs ends there."""
    cadence = interval or subscription.calendar.cadence
    new = replace(
        subscription,
        anchor_at=at,
        period_index=0,
        next_billing_at=at,
        interval=cadence.interval,
        interval_count=cadence.count,
    )
    start, end = subscription.current_period_start, subscription.current_period_end
    if start is None or end is None or end <= at:
        return new
    return replace(new, current_period_end=at) if start < at else replace(new, **_NO_PERIOD)


def advance(subscription: "Subscription") -> "Subscription":
    """The period that begins at `next_billing_at` is the current one, billed as it stands."""
    calendar = subscription.calendar
    following = calendar.after(subscription.period_index)
    end = calendar.start(following)
    return replace(
        subscription,
        period_index=following,
        current_period_start=subscription.next_billing_at,
        current_period_end=end,
        next_billing_at=end,
        segments=(),
        changes_from_at=None,
    )


def skip_to(subscription: "Subscription", n: int) -> "Subscription":
    """Go on with period n; what began before it is not billed, and none of it is the current period."""
    moved = replace(subscription, period_index=n, next_billing_at=subscription.calendar.start(n))
    return moved if n == subscription.period_index else replace(moved, **_NO_PERIOD)


def resume_on_anchor(subscription: "Subscription", now: datetime) -> "Subscription":
    """Go on with the first period that begins from now on and was not billed."""
    return skip_to(subscription, max(subscription.calendar.first_from(now), subscription.period_index))


def postpone(subscription: "Subscription", since: datetime, until: datetime) -> "Subscription":
    """Everything is later by as much as lies between the instants, so that no paid day is lost.

    The anchor itself moves, so that the 31st stays the 31st after a moment; where its months have other
    lengths than the current one, the next bill is the anchor.
    """
    delay = Delay.between(since, until, subscription.timezone)
    due = delay.after(subscription.calendar.start(subscription.period_index))
    moved = replace(subscription, anchor_at=delay.after(subscription.anchor_at), next_billing_at=due)
    if moved.calendar.start(moved.period_index) != due:
        moved = replace(moved, anchor_at=due, period_index=0)
    start, end = subscription.current_period_start, subscription.current_period_end
    is_in_trial = subscription.is_in_trial
    return replace(
        moved,
        trial_end=end and delay.after(end) if is_in_trial else subscription.trial_end,
        current_period_start=start and delay.after(start),
        current_period_end=end and delay.after(end),
        segments=tuple(replace(one, at=delay.after(one.at)) for one in subscription.segments),
        # An instant from before would be another place in the period now.
        changes_from_at=start and until,
        scheduled_change=_planned_for(subscription, due),
    )


def mended(subscription: "Subscription") -> "Subscription":
    """A calendar whose parts disagree begins anew at its next boundary.

    Until anchor, index and interval had one owner they could: index 400 of days became that of years.
    """
    due = subscription.next_billing_at
    if due is None or abs(subscription.calendar.start(subscription.period_index) - due) < _ZONE_RULES:
        return subscription
    return restart(subscription, due)


def _planned_for(subscription: "Subscription", boundary: datetime) -> ScheduledChange | None:
    planned = subscription.scheduled_change
    return planned and planned.model_copy(update={"effective_at": boundary})
