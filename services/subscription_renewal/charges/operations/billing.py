"""Billing usage: what periods come to now, less what was billed of them, becomes one invoice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.subscription_renewal.charges.domain import charge as charge_rules
from services.subscription_renewal.charges.domain import usage_period as rules
from services.subscription_renewal.charges.domain.charge import Charge, Days
from services.subscription_renewal.charges.domain.usage_period import Owner, PeriodState, Rated, UsagePeriod
from services.subscription_renewal.charges.repository import charges as charges_repository
from services.subscription_renewal.charges.repository import usage_periods
from services.subscription_renewal.prices.domain.rating import Used
from services.subscription_renewal.subscriptions.domain import calendar, carrying, cycle
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as subscription_rules
from services.subscription_renewal.subscriptions.domain.cycle import Change
from services.subscription_renewal.subscriptions.domain.line import Line
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording
from services.subscription_renewal.subscriptions.operations.recording import SUBSCRIPTIONS
from services.subscription_renewal.usage.domain.sums import Span, Sums
from services.subscription_renewal.usage.operations import sum_usage
from services.subscription_renewal.usage.repository import Group, WantedUsage
from shared.kernel import money
from shared.messaging.work import Work
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Bill:
    """What is due of a subscription's usage: lines, of which stretch of time, and when they fell due."""

    lines: Sequence[Line]
    from_at: datetime
    until_at: datetime
    billed_at: datetime


async def bill_usage(work: Work, subscription_id: UUID, as_of: datetime, grace: timedelta) -> bool:
    """Close the periods that are over, and bill what these and earlier ones come to; whether any was due.

    Periods that are billed but not final are rated again with each, so that late events and events that were
    taken back are billed, or given back, as differences.
    """
    held = await SUBSCRIPTIONS.lock(work, subscription_id)
    charges = await charges_repository.of_subscription(work.tx, work.workspace_id, subscription_id)
    known = {one.id: one for one in charges}
    found = await usage_periods.not_final(work.tx, work.workspace_id, subscription_id)
    due = [period for period in found if period.look_at <= as_of]
    if not due:
        return False
    ended_at = held.value.ended_at
    closed = [
        rules.close(period, ended_at, grace)
        for period in found
        if period.state is PeriodState.OPEN and period in due
    ]
    last_looks = [replace(one, state=PeriodState.FINAL) for one in due if one.state is PeriodState.BILLED]
    others = [one for one in found if one.state is PeriodState.BILLED and one not in due]
    to_rate = [one for one in (*last_looks, *others, *closed) if not one.is_empty]
    rated = await rate_periods(work.tx, to_rate, known, held.value)
    empty = [one for one in closed if one.is_empty]
    await usage_periods.store(work.tx, [*(one.billed() for one in rated), *empty])
    await _go_on(work, held.value, closed, known, grace)
    billed_at = min(as_of, max(period.look_at for period in due))
    bill = _bill_of(
        held.value, rated, {(period.charge_id, period.from_at) for period in closed}, known, billed_at
    )
    if any(line_rules.amount_minor(line, held.value.arithmetic) for line in bill.lines):
        await recording.save(held, [_change(held.value, bill, as_of)])
    return True


async def rate_periods(
    tx: Connection, periods: Sequence[UsagePeriod], known: Mapping[UUID, Charge], subscription: Subscription
) -> list[Rated]:
    """What each of the periods comes to with what was used of it until now."""
    if not periods:
        return []
    wanted = [
        WantedUsage(
            meter=known[period.charge_id].meter,
            subjects=known[period.charge_id].subjects,
            span=Span(period.from_at, period.until_at),
        )
        for period in periods
    ]
    sums = await sum_usage(tx, wanted)
    rated = []
    for place, period in enumerate(periods):
        charge = known[period.charge_id]
        summed = sums.get(Group(place, None, "", "[]"), Sums())
        used = Used(charge.meter.quantity(summed.value(charge.meter)), summed.count)
        rated.append(rules.rate_period(period, charge.price, used, subscription.arithmetic))
    return rated


async def _go_on(
    work: Work,
    subscription: Subscription,
    closed: Sequence[UsagePeriod],
    known: Mapping[UUID, Charge],
    grace: timedelta,
) -> None:
    """Open the period after each that was closed; of a subscription that is over, let the claims go."""
    if subscription.ended_at is not None:
        await charges_repository.end_claims(
            work.tx, work.workspace_id, subscription.id, subscription.ended_at
        )
        return
    opened = [
        rules.open_period(
            Owner(work.workspace_id, subscription.id, period.charge_id),
            subscription.calendar,
            period.until_at,
            grace,
        )
        for period in closed
    ]
    await usage_periods.store(work.tx, opened)


def _bill_of(
    subscription: Subscription,
    rated: Sequence[Rated],
    closed: set[tuple[UUID, datetime]],
    known: Mapping[UUID, Charge],
    billed_at: datetime,
) -> Bill:
    zone = calendar.zone_of(subscription.timezone)
    lines: list[Line] = []
    billed = []
    for one in rated:
        period, charge = one.period, known[one.period.charge_id]
        days = Days(period.from_at, period.until_at, zone)
        if (period.charge_id, period.from_at) in closed:
            lines += charge_rules.lines_of(charge, one.rows, days)
        elif one.difference_minor:
            price = money.to_major(one.difference_minor, subscription.currency)
            change = (period.billed_quantity, one.quantity)
            lines.append(charge_rules.difference_of(charge, price, change, days))
        else:
            continue
        billed.append(period)
    if not billed:
        return Bill((), billed_at, billed_at, billed_at)
    return Bill(lines, min(p.from_at for p in billed), max(p.until_at for p in billed), billed_at)


def _change(subscription: Subscription, bill: Bill, now: datetime) -> Change:
    """What is invoiced of the lines, and what waits: no invoice is for nothing, or less than nothing."""
    arithmetic = subscription.arithmetic
    pending = [*subscription.pending_lines]
    touched = replace(subscription, **subscription_rules.next_version(subscription, now))
    if subscription.ended_at is not None:
        over = replace(touched, pending_lines=(*pending, *_worth_something(subscription, bill.lines)))
        return cycle.final_bill(over, bill.billed_at)
    charges = [line for line in bill.lines if line_rules.amount_minor(line, arithmetic) >= 0]
    credits = [line for line in bill.lines if line_rules.amount_minor(line, arithmetic) < 0]
    taken, left = carrying.fit(charges, [*pending, *credits], arithmetic)
    if not carrying.asks_for_money(taken, arithmetic):
        waiting = (*pending, *_worth_something(subscription, bill.lines))
        return Change(replace(touched, pending_lines=waiting))
    invoiced = replace(touched, pending_lines=tuple(left))
    return cycle.bill(invoiced, "change", bill.from_at, bill.until_at, taken, billed_at=bill.billed_at)


def _worth_something(subscription: Subscription, lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line_rules.amount_minor(line, subscription.arithmetic)]
