"""Another plan or quantity: from when it counts, and what it costs for the rest of the running period."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from services.subscription_renewal.domain import carrying, cycle, proration
from services.subscription_renewal.domain import subscription as rules
from services.subscription_renewal.domain.cycle import Change, Limits
from services.subscription_renewal.domain.line import Line, Lines
from services.subscription_renewal.domain.proration import Basis
from services.subscription_renewal.domain.subscription import Status, Subscription
from shared.events.subscription import ScheduledChange
from shared.kernel.errors import Conflict, Invalid

Policy = Literal["invoice_now", "next_invoice", "next_period", "reset_anchor"]


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
    interval: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change does: its state changes in order, and the prorations that it made."""

    changes: list[Change]
    credits: Lines = ()
    charges: Lines = ()

    @property
    def subscription(self) -> Subscription:
        """The subscription after all of it."""
        return self.changes[-1].subscription


def change(subscription: Subscription, wanted: Wanted, now: datetime, limits: Limits) -> Changed:
    """Go on with other lines.

    Raises SubscriptionIsOver, SubscriptionIsPaused, SubscriptionIsParked, RenewalIsDue or Invalid naming
    the field. Nothing is prorated in a trial, before the start, or with `next_period`.
    """
    at = _require_changeable(subscription, wanted, now)
    if subscription.status is Status.TRIALING or subscription.current_period_start is None:
        fields = {"lines": wanted.lines, **(wanted.interval or {}), "scheduled_change": None}
        return Changed([Change(rules.changed(subscription, now, **fields))])
    if wanted.policy == "next_period":
        assert subscription.current_period_end is not None
        scheduled = ScheduledChange(effective_at=subscription.current_period_end, lines=list(wanted.lines))
        return Changed([Change(rules.changed(subscription, now, scheduled_change=scheduled))])
    if wanted.policy == "reset_anchor":
        return _restarted(subscription, wanted, now, limits)
    return _prorated(subscription, wanted, at, now)


def _require_changeable(subscription: Subscription, wanted: Wanted, now: datetime) -> datetime:
    if subscription.status in rules.OVER:
        raise rules.SubscriptionIsOver
    if subscription.status is Status.PAUSED:
        raise rules.SubscriptionIsPaused
    rules.require_not_parked(subscription)
    if subscription.is_due(now):
        raise RenewalIsDue(retry_after_seconds=1)
    if wanted.interval and wanted.policy != "reset_anchor":
        raise Invalid("Another interval begins a new calendar: policy reset_anchor.", field="policy")
    if wanted.at is None or wanted.policy in {"next_period", "reset_anchor"}:
        if wanted.at is not None:
            raise Invalid(f"With {wanted.policy} the instant is not a choice.", field="proration_at")
        return now
    start = subscription.current_period_start
    if wanted.at > now or (start is not None and wanted.at < start):
        raise Invalid("It must lie between the current period's start and now.", field="proration_at")
    return wanted.at


def _prorated(subscription: Subscription, wanted: Wanted, at: datetime, now: datetime) -> Changed:
    rest = _rest(subscription, wanted, at)
    credits = proration.credits_of(subscription.lines, rest, subscription.arithmetic)
    charges = proration.charges_for(wanted.lines, rest, subscription.arithmetic)
    changed = rules.changed(subscription, now, lines=wanted.lines, scheduled_change=None)
    both = [*credits, *charges]
    if wanted.policy == "invoice_now" and both and carrying.is_payable(both, subscription.arithmetic):
        assert subscription.current_period_end is not None
        billed = cycle.bill(changed, "change", at, subscription.current_period_end, both, billed_at=now)
        return Changed([billed], credits, charges)
    waiting = replace(changed, pending_lines=(*subscription.pending_lines, *both))
    return Changed([Change(waiting)], credits, charges)


def _restarted(subscription: Subscription, wanted: Wanted, now: datetime, limits: Limits) -> Changed:
    if subscription.current_period_start == now:
        raise Invalid("The current period began at this very instant.", field="policy")
    credits = proration.credits_of(
        subscription.lines, _rest(subscription, wanted, now), subscription.arithmetic
    )
    restarted = rules.changed(
        subscription,
        now,
        lines=wanted.lines,
        scheduled_change=None,
        cancel_at_period_end=False,
        canceled_at=None,
        pending_lines=(*subscription.pending_lines, *credits),
        anchor_at=now,
        period_index=0,
        next_billing_at=now,
        **(wanted.interval or {}),
    )
    renewed = cycle.renew(restarted, now, limits)
    billed = renewed[0].billing
    charges = tuple(wanted.lines) if billed and billed.reason == "cycle" else ()
    return Changed([Change(restarted), *renewed], credits, charges)


def _rest(subscription: Subscription, wanted: Wanted, at: datetime) -> proration.Rest:
    start, end = subscription.current_period_start, subscription.current_period_end
    assert start is not None
    assert end is not None
    return proration.rest_of(start, end, at, wanted.basis, subscription.timezone)


def next_lines(subscription: Subscription) -> list[Line]:
    """What the next period's invoice holds, with what waits for it."""
    scheduled = subscription.scheduled_change
    lines = tuple(scheduled.lines) if scheduled else subscription.lines
    taken, _ = carrying.fit(lines, subscription.pending_lines, subscription.arithmetic)
    return taken
