"""What is told about subscriptions besides themselves."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.subscription_renewal.subscriptions.domain import change as change_rules
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.change import Changed
from shared.events.fields import Instant
from shared.events.subscription import BillingReason, SubscriptionData, SubscriptionLineData
from shared.http.pagination import Meta


class Period(BaseModel):
    """What was handed to the invoice service; the amount is before tax where prices exclude it."""

    sequence: int = Field(description="The subscription's version at which it was billed.")
    reason: BillingReason
    period_start: Instant
    period_end: Instant
    billed_at: Instant
    currency: str
    amount_minor: int
    run_id: UUID | None = Field(description="The renewal run that billed it; null: a request did.")


class Periods(BaseModel):
    """What was billed of a subscription."""

    data: list[Period]
    meta: Meta


class NextInvoice(BaseModel):
    """What the next period's invoice would hold."""

    billed_at: Instant | None
    lines: list[SubscriptionLineData]
    amount_minor: int


class ChangePreview(BaseModel):
    """What a change would do; amounts in minor units, before tax where prices exclude it."""

    currency: str
    credit_minor: int = Field(description="For the unused rest of what was billed; 0 or negative.")
    charge_minor: int = Field(description="For the rest of the period, or a new one, with the new lines.")
    net_minor: int
    invoiced_now: list[SubscriptionLineData]
    invoiced_now_minor: int
    carried: list[SubscriptionLineData] = Field(description="Waits for the next invoice.")
    next_invoice: NextInvoice
    subscription: SubscriptionData = Field(description="As it would be.")

    @classmethod
    def of(cls, changed: Changed) -> Self:
        """The preview of a change that was computed."""
        after = changed.subscription
        credit = line_rules.total_minor(changed.credits, after.arithmetic)
        charge = line_rules.total_minor(changed.charges, after.arithmetic)
        now = [line for one in changed.changes if one.billing for line in one.billing.lines]
        following = change_rules.next_lines(after)
        return cls(
            currency=after.currency,
            credit_minor=credit,
            charge_minor=charge,
            net_minor=credit + charge,
            invoiced_now=now,
            invoiced_now_minor=line_rules.total_minor(now, after.arithmetic),
            carried=list(after.pending_lines),
            next_invoice=NextInvoice(
                billed_at=after.next_billing_at,
                lines=following,
                amount_minor=line_rules.total_minor(following, after.arithmetic),
            ),
            subscription=rules.snapshot(after),
        )
