"""Pauses: nothing is billed, and afterwards the old calendar goes on or everything is later."""

from dataclasses import replace
from datetime import datetime

from services.subscription_renewal.dunning.domain import schedule
from services.subscription_renewal.subscriptions.domain.subscription import (
    BILLED,
    MOVES,
    Subscription,
    SubscriptionIsOver,
    SubscriptionState,
    next_version,
    require_not_ending,
    require_not_parked,
)
from shared.kernel.errors import Conflict
from shared.kernel.moves import require_move


class SubscriptionRuns(Conflict):
    """The subscription is neither paused nor about to be canceled: there is nothing to resume."""

    code = "subscription_runs"


def pause(subscription: Subscription, keep_anchor: bool, now: datetime) -> Subscription:
    """Bill nothing until it is resumed.

    Raises IllegalMove, SubscriptionIsParked, or SubscriptionEnds where it is canceled at its period's end.
    """
    require_move(MOVES, subscription.status, SubscriptionState.PAUSED)
    require_not_parked(subscription)
    require_not_ending(subscription)
    return replace(
        subscription,
        **next_version(subscription, now),
        status=SubscriptionState.PAUSED,
        paused_at=now,
        keeps_anchor=keep_anchor,
        next_billing_at=None,
    )


def resume(subscription: Subscription, now: datetime, is_owed: bool = False) -> Subscription:
    """End a pause, or take a cancellation at the period's end back.

    With its anchor kept, the next bill comes when the next period of the old calendar begins. With its
    anchor shifted, everything is later by as long as the pause was, so that no paid day is lost. `is_owed`
    says whether an invoice of it is late or was not collected: then it is past due again. Raises
    IllegalMove, SubscriptionRuns, or SubscriptionIsOver once the end has come, whoever has seen it.
    """
    end = subscription.current_period_end
    if subscription.cancel_at_period_end and end is not None and end <= now:
        raise SubscriptionIsOver(f"Its last period ended at {end.isoformat()}.", field="status")
    if subscription.status is not SubscriptionState.PAUSED and subscription.cancel_at_period_end:
        return replace(
            subscription, **next_version(subscription, now), cancel_at_period_end=False, canceled_at=None
        )
    if subscription.status in BILLED:
        raise SubscriptionRuns(field="status")
    require_move(MOVES, subscription.status, SubscriptionState.ACTIVE)
    assert subscription.paused_at is not None
    if subscription.keeps_anchor:
        moved = schedule.resume_on_anchor(subscription, now)
    else:
        moved = schedule.postpone(subscription, subscription.paused_at, now)
    running = SubscriptionState.PAST_DUE if is_owed else SubscriptionState.ACTIVE
    return replace(
        moved,
        **next_version(moved, now),
        status=SubscriptionState.TRIALING if moved.is_in_trial else running,
        paused_at=None,
    )
