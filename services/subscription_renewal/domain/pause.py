"""Pauses: nothing is billed, and afterwards the old calendar goes on or everything is later."""

from dataclasses import replace
from datetime import datetime

from services.subscription_renewal.domain.subscription import (
    BILLED,
    MOVES,
    Status,
    Subscription,
    changed,
    require_not_parked,
    skip_to,
)
from shared.kernel.errors import Conflict
from shared.kernel.moves import require_move


class SubscriptionRuns(Conflict):
    """The subscription is neither paused nor about to be canceled: there is nothing to resume."""

    code = "subscription_runs"


def pause(subscription: Subscription, keep_anchor: bool, now: datetime) -> Subscription:
    """Bill nothing until it is resumed. Raises IllegalMove, or SubscriptionIsParked."""
    require_move(MOVES, subscription.status, Status.PAUSED)
    require_not_parked(subscription)
    return changed(
        subscription,
        now,
        status=Status.PAUSED,
        paused_at=now,
        keeps_anchor=keep_anchor,
        next_billing_at=None,
    )


def resume(subscription: Subscription, now: datetime) -> Subscription:
    """End a pause, or take a cancellation at the period's end back; raises IllegalMove or SubscriptionRuns.

    With its anchor kept, the next bill comes when the next period of the old calendar begins. With its
    anchor shifted, everything is later by as long as the pause was, so that no paid day is lost.
    """
    if subscription.status is not Status.PAUSED and subscription.cancel_at_period_end:
        return changed(subscription, now, cancel_at_period_end=False, canceled_at=None)
    if subscription.status in BILLED:
        raise SubscriptionRuns(field="status")
    require_move(MOVES, subscription.status, Status.ACTIVE)
    moved = _on_old_anchor(subscription, now) if subscription.keeps_anchor else _shifted(subscription, now)
    status = Status.TRIALING if _is_in_trial(moved) else Status.ACTIVE
    return changed(moved, now, status=status, paused_at=None)


def _on_old_anchor(subscription: Subscription, now: datetime) -> Subscription:
    return skip_to(subscription, max(subscription.calendar.first_from(now), subscription.period_index))


def _shifted(subscription: Subscription, now: datetime) -> Subscription:
    assert subscription.paused_at is not None
    length = now - subscription.paused_at
    old = subscription.calendar.start(subscription.period_index)
    period = (subscription.current_period_start, subscription.current_period_end)
    start_at, end_at = (instant and instant + length for instant in period)
    return replace(
        subscription,
        anchor_at=old + length,
        period_index=0,
        next_billing_at=old + length,
        trial_end=end_at if _is_in_trial(subscription) else subscription.trial_end,
        current_period_start=start_at,
        current_period_end=end_at,
    )


def _is_in_trial(subscription: Subscription) -> bool:
    return subscription.trial_end is not None and subscription.trial_end == subscription.current_period_end
