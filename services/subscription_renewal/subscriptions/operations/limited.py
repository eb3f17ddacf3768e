"""The unit of work of whoever bills: with how much of a subscription it may bill at once."""

from dataclasses import dataclass, field

from services.subscription_renewal.subscriptions.domain.cycle import Limits
from shared.messaging.work import Work


@dataclass(frozen=True, slots=True)
class LimitedWork(Work):
    """A unit of work in a workspace, and the limits that hold there."""

    limits: Limits = field(kw_only=True)
