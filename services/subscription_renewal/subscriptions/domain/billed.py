"""What was handed to the invoice service, one row for each period or change."""

from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.cycle import Change
from shared.events.subscription import BillingReason


class Billed(NamedTuple):
    """Lines that were billed; `sequence` is the subscription's version at which they were."""

    workspace_id: UUID
    subscription_id: UUID
    sequence: int
    reason: BillingReason
    period_start: datetime
    period_end: datetime
    billed_at: datetime
    currency: str
    amount_minor: int
    run_id: UUID | None

    @classmethod
    def of(cls, change: Change, run_id: UUID | None) -> Self | None:
        """What this change bills, in this run; None where it bills nothing."""
        billing, subscription = change.billing, change.subscription
        if billing is None:
            return None
        return cls(
            workspace_id=subscription.workspace_id,
            subscription_id=subscription.id,
            sequence=subscription.version,
            reason=billing.reason,
            period_start=billing.period_start,
            period_end=billing.period_end,
            billed_at=billing.billed_at,
            currency=subscription.currency,
            amount_minor=line_rules.total_minor(billing.lines, subscription.arithmetic),
            run_id=run_id,
        )
