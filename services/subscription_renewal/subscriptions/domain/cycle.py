"""The renewal itself: what is billed when periods have begun, one state change after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.subscription_renewal.dunning.domain import schedule
from services.subscription_renewal.subscriptions.domain import carrying
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.line import Line, Lines
from services.subscription_renewal.subscriptions.domain.subscription import Subscription, SubscriptionState
from shared.events.subscription import Billing, BillingReason, CreditRelease
from shared.kernel.errors import Conflict


class PeriodBilledBefore(Conflict):
    """This period of the subscription was billed before."""

    code = "period_billed_before"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many periods of one subscription are billed: missed ones at once, in one go, and on one day."""

    catch_up_cap: int | None = 3
    periods_at_once: int = 100
    billings_a_day: int | None = 10


UNCAPPED = Limits(catch_up_cap=None, billings_a_day=None)


@dataclass(frozen=True, slots=True)
class Change:
    """One state change: the subscription after it and, if there are such, what is to be invoiced and what
    credit goes to the contact's balance."""

    subscription: Subscription
    billing: Billing | None = None
    release: CreditRelease | None = None


def renew(subscription: Subscription, now: datetime, limits: Limits) -> list[Change]:
    """Everything that is due at `now`, period by period; nothing where nothing is due.

    A cancellation at the period's end comes before the renewal of the same instant. What goes beyond the
    limits parks the subscription; beyond `periods_at_once` it is simply still due.
    """
    return list(_changes(subscription, now, limits))


def bill(
    subscription: Subscription,
    reason: BillingReason,
    start: datetime,
    end: datetime,
    lines: list[Line],
    *,
    billed_at: datetime | None = None,
) -> Change:
    """The change that has these lines invoiced; they fell due at `billed_at`, or with the period's start."""
    billing = Billing(
        reason=reason, period_start=start, period_end=end, lines=lines, billed_at=billed_at or start
    )
    return Change(subscription, billing)


def final_bill(subscription: Subscription, now: datetime) -> Change:
    """A subscription that has just stopped, with what still waited for an invoice.

    If that asks for money it is invoiced now; if it is credit, that goes to the contact's balance.
    """
    pending = list(subscription.pending_lines)
    if not carrying.asks_for_money(pending, subscription.arithmetic):
        return _released(subscription, now)
    end = max(now, subscription.current_period_end or now)
    return bill(replace(subscription, pending_lines=()), "change", now, end, pending)


def final_credit(subscription: Subscription, now: datetime) -> Change:
    """The same where nothing is to be invoiced any more: what waited and asks for money stays, to be seen."""
    if carrying.asks_for_money(subscription.pending_lines, subscription.arithmetic):
        return Change(subscription)
    return _released(subscription, now)


def _released(subscription: Subscription, now: datetime) -> Change:
    release = carrying.release_of(subscription.pending_lines, now, subscription.arithmetic)
    return Change(replace(subscription, pending_lines=()), release=release)


def _changes(subscription: Subscription, now: datetime, limits: Limits) -> Iterator[Change]:
    if subscription.is_due(now):
        subscription = schedule.mended(subscription)
    if subscription.is_due(now) and not subscription.cancel_at_period_end and subscription.catch_up != "all":
        skipped = _without_missed(subscription, now)
        if skipped.next_billing_at != subscription.next_billing_at and not skipped.is_due(now):
            yield Change(replace(skipped, **rules.next_version(skipped, now), status=_billed_status(skipped)))
        subscription = skipped
    for count in range(limits.periods_at_once):
        if not subscription.is_due(now):
            return
        change = _next(subscription, now, limits, count)
        yield change
        subscription = change.subscription


def _without_missed(subscription: Subscription, now: datetime) -> Subscription:
    """Where whole periods were missed: at the running one (`latest`) or the next one (`forgive`)."""
    calendar = subscription.calendar
    following = calendar.first_from(now)
    if calendar.start(following) == now:
        following = calendar.after(following)
    running = following - 1
    if calendar.start(running) <= calendar.start(subscription.period_index):
        return subscription
    return schedule.skip_to(subscription, running if subscription.catch_up == "latest" else following)


def _next(subscription: Subscription, now: datetime, limits: Limits, count: int) -> Change:
    assert subscription.next_billing_at is not None
    boundary = subscription.next_billing_at
    if subscription.cancel_at_period_end:
        return _ended(subscription, boundary, now)
    if limits.catch_up_cap is not None and count >= limits.catch_up_cap:
        reason = f"more than {count} periods are due: choose what is billed of them"
        return Change(rules.park(subscription, reason, now))
    on = now.astimezone(UTC).date()
    billed_count = subscription.billed_count + 1 if subscription.billed_on == on else 1
    if limits.billings_a_day is not None and billed_count > limits.billings_a_day:
        reason = f"more than {limits.billings_a_day} periods were billed within a day"
        return Change(rules.park(subscription, reason, now))
    counted = replace(subscription, billed_on=on, billed_count=billed_count)
    return _renewed(_with_scheduled(counted, boundary), boundary, now)


def _renewed(subscription: Subscription, boundary: datetime, now: datetime) -> Change:
    lines, left = carrying.fit(subscription.lines, subscription.pending_lines, subscription.arithmetic)
    renewed = replace(
        schedule.advance(subscription),
        **rules.next_version(subscription, now),
        status=_billed_status(subscription),
        pending_lines=_same_or_new(subscription.pending_lines, left),
        last_amount_minor=line_rules.total_minor(lines, subscription.arithmetic),
    )
    assert renewed.current_period_end is not None
    if not lines:
        # It bills usage alone, which comes once the period is over.
        return Change(renewed)
    return bill(renewed, "cycle", boundary, renewed.current_period_end, lines)


def _ended(subscription: Subscription, boundary: datetime, now: datetime) -> Change:
    ended = replace(
        subscription,
        **rules.next_version(subscription, now),
        status=SubscriptionState.ENDED,
        ended_at=boundary,
        next_billing_at=None,
        cancel_at_period_end=False,
        scheduled_change=None,
    )
    return final_bill(ended, boundary)


def _with_scheduled(subscription: Subscription, boundary: datetime) -> Subscription:
    scheduled = subscription.scheduled_change
    if scheduled is None or scheduled.effective_at > boundary:
        return subscription
    return replace(subscription, lines=tuple(scheduled.lines), scheduled_change=None)


def _billed_status(subscription: Subscription) -> SubscriptionState:
    return (
        SubscriptionState.ACTIVE if subscription.status is SubscriptionState.TRIALING else subscription.status
    )


def _same_or_new(before: Lines, after: list[Line]) -> Lines:
    return before if not before and not after else tuple(after)
