"""Subscriptions for tests, with defaults for everything."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.subscription_renewal.subscriptions.domain import change as change_rules
from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.calendar import Cadence, zone_of
from services.subscription_renewal.subscriptions.domain.change import Changed, Wanted
from services.subscription_renewal.subscriptions.domain.cycle import UNCAPPED
from services.subscription_renewal.subscriptions.domain.line import Line
from services.subscription_renewal.subscriptions.domain.subscription import Subscription, Terms
from shared.kernel.ids import new_id
from shared.kernel.pricing import USUAL_ROUNDING, Arithmetic

APRIL = "2027-04-01T00:00:00+02:00"
MIDDLE = "2027-04-16T00:00:00+02:00"
NOW = datetime(2026, 4, 11, 9, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """The instant that ISO 8601 text names, UTC unless it says otherwise."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def a_line(unit_price: str = "10", quantity: str = "1", **fields: Any) -> Line:
    """One line of so much."""
    given = {"description": "Plan", "tax_rate": Decimal(0), "tax_behavior": "exclusive", **fields}
    return Line(unit_price=Decimal(unit_price), quantity=Decimal(quantity), **given)


def a_subscription(trial_days: int = 0, **fields: Any) -> Subscription:
    """A monthly subscription of 10.00 EUR that starts now and was not billed yet."""
    given = {"lines": (a_line(),), "interval": "month", "interval_count": 1, "start_at": NOW, **fields}
    cadence = Cadence(given.pop("interval"), given.pop("interval_count"))
    lines = given.pop("lines")
    arithmetic = Arithmetic(given.pop("currency", "EUR"), given.pop("rounding", USUAL_ROUNDING))
    usual: dict[str, Any] = {"contact_id": new_id(), "timezone": "Europe/Amsterdam", "trial_days": trial_days}
    terms = Terms(cadence=cadence, **usual | given)
    return rules.start(new_id(), terms, lines, arithmetic, terms.start_at)


def billed(subscription: Subscription, until: str) -> tuple[Subscription, list[str]]:
    """The subscription after all renewals until then, and the local days on which periods began."""
    zone, days = subscription.calendar.timezone, []
    while changes := cycle.renew(subscription, at(until), UNCAPPED):
        days += [local(c.billing.period_start, zone) for c in changes if c.billing]
        subscription = changes[-1].subscription
    return subscription, days


def local(instant: datetime, zone: str) -> str:
    """Month, day and time there."""
    return instant.astimezone(zone_of(zone)).strftime("%m-%d %H:%M")


def running(start: str = APRIL, price: str = "30", **fields: Any) -> Subscription:
    """A monthly subscription whose first period is billed."""
    subscription, _ = billed(a_subscription(start_at=at(start), lines=(a_line(price),), **fields), start)
    return subscription


def a_change(subscription: Subscription, price: str, now: str, **options: Any) -> Changed:
    """It goes on with one line of this price, counted by days."""
    wanted = Wanted((a_line(price),), **{"basis": "day"} | options)
    return change_rules.change(subscription, wanted, at(now), UNCAPPED)


def amounts(changed: Changed) -> list[int]:
    """What it invoices."""
    return [
        line_rules.total_minor(one.billing.lines, Arithmetic("EUR")) for one in changed.changes if one.billing
    ]
