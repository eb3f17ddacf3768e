"""Another plan or quantity: from when it counts, and what it costs for the rest of the running period."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.subscription_renewal.dunning.domain import schedule
from services.subscription_renewal.subscriptions.domain import carrying, charged, cycle
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.calendar import Cadence
from services.subscription_renewal.subscriptions.domain.cycle import Change, Limits
from services.subscription_renewal.subscriptions.domain.line import Line, Lines
from services.subscription_renewal.subscriptions.domain.proration import Basis
from services.subscription_renewal.subscriptions.domain.subscription import Subscription, SubscriptionState
from shared.events.subscription import ScheduledChange
from shared.kernel.errors import Conflict, Invalid

Policy = Literal["invoice_now", "next_invoice", "next_period", "reset_anchor"]
_DOUBLE_CLICK = timedelta(minutes=1)


class RenewalIsDue(Conflict):
    """A period of the subscription has begun and is not billed yet: try again once it is."""

    code = "renewal_is_due"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The lines to go on with, from when, and how the rest of the running period is counted."""

    lines: Lines
    policy: Policy = "invoice_now"
    basis: Basis = "second"
    at: datetime | None = None
    # Another interval begins a new calendar, so it comes with `reset_anchor` alone.
    interval: Cadence | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change does: its state changes in order, and the prorations that it made.

    Without changes everything was already as it is wanted.
    """

    before: Subscription
    changes: list[Change]
    credits: Lines = ()
    charges: Lines = ()

    @property
    def subscription(self) -> Subscription:
        """The subscription after all of it."""
        return self.changes[-1].subscription if self.changes else self.before


def change(subscription: Subscription, wanted: Wanted, now: datetime, limits: Limits) -> Changed:
    """Go on with other lines; what already is so is left as it is.

    Raises SubscriptionIsOver, SubscriptionIsPaused, SubscriptionIsParked, SubscriptionEnds, RenewalIsDue or
    Invalid naming the field. Nothing is prorated in a trial, before the start, or with `next_period`.
    """
    at = _require_changeable(subscription, wanted, now)
    if wanted.policy == "reset_anchor":
        return _on_new_calendar(subscription, wanted, now, limits)
    if subscription.status is SubscriptionState.TRIALING or subscription.current_period_start is None:
        version = rules.next_version(subscription, now)
        changed = replace(subscription, **version, lines=wanted.lines, scheduled_change=None)
        return Changed(subscription, _unless_same(subscription, changed))
    if wanted.policy == "next_period":
        return _planned(subscription, wanted.lines, now)
    return _prorated(subscription, wanted, at, now)


def _require_changeable(subscription: Subscription, wanted: Wanted, now: datetime) -> datetime:
    if subscription.status in rules.OVER:
        raise rules.SubscriptionIsOver
    if subscription.status is SubscriptionState.PAUSED:
        raise rules.SubscriptionIsPaused
    rules.require_not_parked(subscription)
    if subscription.is_due(now):
        raise RenewalIsDue(retry_after_seconds=1)
    if wanted.interval and wanted.policy != "reset_anchor":
        raise Invalid("Another interval begins a new calendar: policy reset_anchor.", field="policy")
    if wanted.policy == "reset_anchor":
        rules.require_not_ending(subscription)
    if wanted.at is None or wanted.policy in {"next_period", "reset_anchor"}:
        if wanted.at is not None:
            raise Invalid(f"With {wanted.policy} the instant is not a choice.", field="proration_at")
        return now
    first = charged.earliest(subscription)
    if wanted.at > now or (first is not None and wanted.at < first):
        since = f"{first.isoformat()} and now" if first else "the start and now"
        raise Invalid(f"It must lie between {since}.", field="proration_at")
    return wanted.at


def _planned(subscription: Subscription, lines: Lines, now: datetime) -> Changed:
    assert subscription.current_period_end is not None
    planned = ScheduledChange(effective_at=subscription.current_period_end, lines=list(lines))
    scheduled = None if lines == subscription.lines else planned
    changed = replace(subscription, **rules.next_version(subscription, now), scheduled_change=scheduled)
    return Changed(subscription, _unless_same(subscription, changed))


def _prorated(subscription: Subscription, wanted: Wanted, at: datetime, now: datetime) -> Changed:
    found = charged.recharge(subscription, wanted.lines, at, wanted.basis)
    changed = replace(
        subscription,
        **rules.next_version(subscription, now),
        lines=wanted.lines,
        scheduled_change=None,
        segments=found.segments,
        changes_from_at=found.changes_from_at,
    )
    both, arithmetic = [*found.credits, *found.charges], subscription.arithmetic
    if carrying.comes_to_nothing(both, arithmetic):
        return Changed(subscription, _unless_same(subscription, changed), found.credits, found.charges)
    waiting = [*subscription.pending_lines, *both]
    if wanted.policy == "invoice_now" and carrying.asks_for_money(waiting, arithmetic):
        assert subscription.current_period_end is not None
        free = replace(changed, pending_lines=())
        billed = cycle.bill(free, "change", found.at, subscription.current_period_end, waiting, billed_at=now)
        return Changed(subscription, [billed], found.credits, found.charges)
    carried = Change(replace(changed, pending_lines=tuple(waiting)))
    return Changed(subscription, [carried], found.credits, found.charges)


def _on_new_calendar(subscription: Subscription, wanted: Wanted, now: datetime, limits: Limits) -> Changed:
    if subscription.status is SubscriptionState.TRIALING or now < subscription.start_at:
        assert subscription.next_billing_at is not None
        begun = schedule.restart(subscription, subscription.next_billing_at, wanted.interval)
        changed = replace(begun, **rules.next_version(begun, now), lines=wanted.lines, scheduled_change=None)
        return Changed(subscription, _unless_same(subscription, changed))
    credits: Lines = ()
    if subscription.current_period_start is not None:
        credits = charged.give_back(subscription, now, wanted.basis)
        if _has_just_begun(subscription, wanted, credits, now):
            return Changed(subscription, [])
        if subscription.current_period_start == now:
            raise Invalid("The current period began at this very instant.", field="policy")
    return _restarted(subscription, wanted, credits, now, limits)


def _restarted(
    subscription: Subscription, wanted: Wanted, credits: Lines, now: datetime, limits: Limits
) -> Changed:
    begun = schedule.restart(subscription, now, wanted.interval)
    pending = (*subscription.pending_lines, *credits)
    changed = replace(
        begun,
        **rules.next_version(begun, now),
        lines=wanted.lines,
        scheduled_change=None,
        pending_lines=pending,
    )
    renewed = cycle.renew(changed, now, limits)
    billed = renewed[0].billing
    charges = tuple(wanted.lines) if billed and billed.reason == "cycle" else ()
    return Changed(subscription, [Change(changed), *renewed], credits, charges)


def _has_just_begun(subscription: Subscription, wanted: Wanted, credits: Lines, now: datetime) -> bool:
    """Whether this very period was begun already: within the last minute, or nothing of it is used yet."""
    start = subscription.current_period_start
    if start != subscription.anchor_at or wanted.lines != subscription.lines:
        return False
    if wanted.interval not in (None, subscription.calendar.cadence):
        return False
    is_unused = carrying.comes_to_nothing([*subscription.lines, *credits], subscription.arithmetic)
    return is_unused or now - start < _DOUBLE_CLICK


def _unless_same(before: Subscription, after: Subscription) -> list[Change]:
    same = replace(after, version=before.version, updated_at=before.updated_at) == before
    return [] if same else [Change(after)]


def next_lines(subscription: Subscription) -> list[Line]:
    """What the next invoice holds: the next period's, or that of the end, with what waits for it."""
    arithmetic, scheduled = subscription.arithmetic, subscription.scheduled_change
    if subscription.cancel_at_period_end:
        final = list(subscription.pending_lines)
        return final if carrying.asks_for_money(final, arithmetic) else []
    lines = tuple(scheduled.lines) if scheduled else subscription.lines
    taken, _ = carrying.fit(lines, subscription.pending_lines, arithmetic)
    return taken
