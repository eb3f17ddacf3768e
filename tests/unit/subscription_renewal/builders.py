"""Subscriptions for tests, with defaults for everything."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.subscription_renewal.domain import subscription as rules
from services.subscription_renewal.domain.line import Line
from services.subscription_renewal.domain.subscription import Subscription
from shared.kernel.ids import new_id

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
    given = {
        "workspace_id": new_id(),
        "id": new_id(),
        "contact_id": new_id(),
        "currency": "EUR",
        "lines": (a_line(),),
        "interval": "month",
        "interval_count": 1,
        "timezone": "Europe/Amsterdam",
        "start_at": NOW,
        **fields,
    }
    return rules.start(given, trial_days, given["start_at"])
