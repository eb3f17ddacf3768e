"""What a run would bill, and what is strange about it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.cycle import Change, Limits
from services.subscription_renewal.subscriptions.domain.subscription import Subscription, SubscriptionState

Anomaly = Literal["first_bill_above", "change_above"]
Outcome = Literal["renewed", "ended", "parked"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a bill is strange: a first one in minor units, a change in percent of the last one."""

    first_bill_above_minor: int | None = None
    change_above_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one subscription would be billed; minor units, before tax where prices exclude it."""

    subscription_id: UUID
    contact_id: UUID
    currency: str
    outcome: Outcome
    period_count: int
    amount_minor: int
    last_amount_minor: int | None
    difference_minor: int | None
    anomalies: tuple[Anomaly, ...]
    is_complete: bool


def forecast(
    subscription: Subscription, now: datetime, as_of: datetime, limits: Limits, thresholds: Thresholds
) -> Forecast | None:
    """What is done with the subscription until `as_of`, as the run would do it; None where that is nothing.

    What is due by now is billed within the limits, and by the policy for missed periods; what falls due
    later is billed when it does. At most `periods_at_once` periods are looked at.
    """
    changes = _until(subscription, min(now, as_of), as_of, limits)
    if not changes:
        return None
    amounts = [
        line_rules.total_minor(change.billing.lines, subscription.arithmetic)
        for change in changes
        if change.billing
    ]
    last, latest = subscription.last_amount_minor, amounts[-1] if amounts else None
    after = changes[-1].subscription
    parked_or_renewed: Outcome = "parked" if after.parked_reason else "renewed"
    return Forecast(
        subscription_id=subscription.id,
        contact_id=subscription.contact_id,
        currency=subscription.currency,
        outcome="ended" if after.status is SubscriptionState.ENDED else parked_or_renewed,
        period_count=len(amounts),
        amount_minor=sum(amounts),
        last_amount_minor=last,
        difference_minor=None if last is None or latest is None else latest - last,
        anomalies=tuple(_anomalies(last, amounts, thresholds)),
        is_complete=not after.is_due(as_of),
    )


def _until(subscription: Subscription, now: datetime, as_of: datetime, limits: Limits) -> list[Change]:
    changes = cycle.renew(subscription, now, limits)
    after = changes[-1].subscription if changes else subscription
    while len(changes) < limits.periods_at_once and after.is_due(as_of):
        assert after.next_billing_at is not None
        one_more = replace(cycle.UNCAPPED, periods_at_once=1)
        changes += cycle.renew(after, max(after.next_billing_at, now), one_more)
        after = changes[-1].subscription
    return changes


def _anomalies(last: int | None, amounts: list[int], thresholds: Thresholds) -> list[Anomaly]:
    found = list[Anomaly]()
    first_bill, percent = thresholds.first_bill_above_minor, thresholds.change_above_percent
    if last is None and first_bill is not None and amounts and amounts[0] > first_bill:
        found.append("first_bill_above")
    if last is not None and percent is not None:
        steps = zip([last, *amounts], amounts, strict=False)
        if any(abs(after - before) * 100 > percent * abs(before) for before, after in steps):
            found.append("change_above")
    return found
