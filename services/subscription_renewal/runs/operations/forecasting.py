"""What-if: the run of an instant, computed without effect."""

from dataclasses import dataclass, field
from datetime import datetime

from services.subscription_renewal.runs.domain import forecast as rules
from services.subscription_renewal.runs.domain.forecast import Forecast, Thresholds
from services.subscription_renewal.subscriptions.operations.limited import LimitedWork
from services.subscription_renewal.subscriptions.repository import due

PAGE = 1_000


@dataclass(slots=True)
class Total:
    """What one currency comes to, in minor units."""

    currency: str
    subscription_count: int = 0
    period_count: int = 0
    amount_minor: int = 0


@dataclass(slots=True)
class RunForecast:
    """The whole run: totals by currency, what is strange, and the first rows of it."""

    as_of: datetime
    is_complete: bool = True
    subscription_count: int = 0
    ended_count: int = 0
    parked_count: int = 0
    anomaly_count: int = 0
    by_currency: dict[str, Total] = field(default_factory=dict)
    anomalies: list[Forecast] = field(default_factory=list)
    subscriptions: list[Forecast] = field(default_factory=list)

    @property
    def totals(self) -> list[Total]:
        """What each currency comes to, in their order."""
        return [self.by_currency[currency] for currency in sorted(self.by_currency)]

    def add(self, one: Forecast, shown_count: int) -> None:
        """Count one subscription; the first `shown_count` are kept to be shown."""
        self.is_complete &= one.is_complete
        self.subscription_count += 1
        self.ended_count += one.outcome == "ended"
        self.parked_count += one.outcome == "parked"
        total = self.by_currency.setdefault(one.currency, Total(one.currency))
        total.subscription_count += 1
        total.period_count += one.period_count
        total.amount_minor += one.amount_minor
        if one.anomalies:
            self.anomaly_count += 1
            self.anomalies += [one] if len(self.anomalies) < shown_count else []
        self.subscriptions += [one] if len(self.subscriptions) < shown_count else []


async def preview_run(
    work: LimitedWork, as_of: datetime | None, thresholds: Thresholds, *, shown_count: int, limit: int
) -> RunForecast:
    """What would be billed until `as_of` on the workspace's clock; looks at up to `limit` subscriptions."""
    now = work.clock.now()
    as_of = as_of or now
    found, last, seen = RunForecast(as_of), None, 0
    while page := await due.by(work.tx, work.workspace_id, as_of, last, min(PAGE, limit - seen)):
        for subscription in page:
            one = rules.forecast(subscription, now, as_of, work.limits, thresholds)
            if one:
                found.add(one, shown_count)
        last, seen = page[-1], seen + len(page)
        if seen >= limit:
            found.is_complete &= not await due.by(work.tx, work.workspace_id, as_of, last, 1)
            break
    return found
