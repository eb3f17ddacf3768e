"""Facts about subscriptions: what is billed again and again."""

from datetime import date
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from shared.events.event import Event, Snapshot
from shared.events.fields import DecimalText, Instant
from shared.events.invoice import CollectionMethod, Discount
from shared.events.product import TaxBehavior, TaxCategory

SubscriptionStatus = Literal["trialing", "active", "past_due", "paused", "canceled", "ended"]
Interval = Literal["day", "week", "month", "year"]
BillingReason = Literal["cycle", "change"]
CatchUp = Literal["all", "latest", "forgive"]


class SubscriptionLineData(BaseModel):
    """What is billed each period; one line becomes one row of the invoice."""

    description: str
    quantity: DecimalText
    unit: str | None = None
    unit_price: DecimalText = Field(description="In major units of the subscription's currency.")
    tax_rate: DecimalText = Field(description="Percent.")
    tax_category: TaxCategory | None = None
    tax_behavior: TaxBehavior
    tax_exemption_reason: str | None = None
    discount: Discount | None = None
    product_id: UUID | None = None
    supply_start: date | None = Field(
        None, description="Of a proration: the first day that it charges or gives back, in the zone."
    )
    supply_end: date | None = Field(None, description="The last one.")


class ScheduledChange(BaseModel):
    """Other lines, taking effect before the period that starts then is billed."""

    effective_at: Instant
    lines: list[SubscriptionLineData]


class SubscriptionData(Snapshot):
    """An agreement to bill a contact for every period of a calendar."""

    path: ClassVar[str] = "/v1/subscriptions/{id}"

    contact_id: UUID
    currency: str
    status: SubscriptionStatus
    lines: list[SubscriptionLineData]
    interval: Interval
    interval_count: int
    timezone: str = Field(description="IANA time zone in which its days and months are counted.")
    start_at: Instant
    anchor_at: Instant = Field(description="Period n starts n intervals later, in the zone.")
    trial_end: Instant | None = None
    current_period_start: Instant | None = None
    current_period_end: Instant | None = None
    next_billing_at: Instant | None = None
    collection_method: CollectionMethod
    payment_method_id: UUID | None = None
    payment_terms_days: int | None = None
    cancel_at_period_end: bool = False
    scheduled_change: ScheduledChange | None = None
    pending_lines: list[SubscriptionLineData] = Field(
        [], description="Prorations and credits that wait for the next invoice."
    )
    catch_up: CatchUp = Field(
        "all",
        description="What is billed of periods that were missed: all, the running one, or none of them.",
    )
    parked_reason: str | None = Field(None, description="Why it is not billed until somebody looks at it.")
    parked_at: Instant | None = None
    external_id: str | None = None
    metadata: dict[str, str] = {}
    paused_at: Instant | None = None
    canceled_at: Instant | None = None
    ended_at: Instant | None = None


class Billing(BaseModel):
    """What is to be invoiced; one invoice for each subscription, `period_start` and `reason` `cycle`."""

    reason: BillingReason
    period_start: Instant
    period_end: Instant
    lines: list[SubscriptionLineData] = Field(description="Prorations of earlier changes included.")
    billed_at: Instant = Field(description="When it fell due, on the workspace's clock.")


class BilledSubscriptionData(SubscriptionData):
    """A subscription with what is to be invoiced for it."""

    kept: ClassVar[frozenset[str]] = frozenset({"billing"})

    billing: Billing


class CreditRelease(BaseModel):
    """Credit of a subscription that has stopped: it goes to the contact's credit balance, once."""

    amount_minor: int = Field(gt=0, description="With tax, in minor units of the subscription's currency.")
    tax_minor: int = Field(description="The part of it that is tax which was invoiced before.")
    lines: list[SubscriptionLineData] = Field(description="What had waited for an invoice.")
    released_at: Instant = Field(description="When the subscription stopped, on the workspace's clock.")


class ReleasedSubscriptionData(SubscriptionData):
    """A subscription that has stopped, with the credit that was left of it."""

    release: CreditRelease


class SubscriptionCreated(Event):
    """A subscription was created."""

    type: ClassVar[str] = "subscription.created"
    source: ClassVar[str] = "/subscription_renewal"
    data: SubscriptionData


class SubscriptionUpdated(Event):
    """A subscription was changed."""

    type: ClassVar[str] = "subscription.updated"
    source: ClassVar[str] = "/subscription_renewal"
    data: SubscriptionData


class _Billed(Event):
    """One key a workspace: its invoices are made in batches, by one consumer."""

    data: BilledSubscriptionData

    @property
    def record_key(self) -> UUID:
        return self.workspace_id

    @property
    def order_key(self) -> UUID:
        return self.subject


class SubscriptionRenewed(_Billed):
    """A period began and is to be invoiced."""

    type: ClassVar[str] = "subscription.renewed"
    source: ClassVar[str] = "/subscription_renewal"


class SubscriptionProrated(_Billed):
    """A change within a period is to be invoiced at once."""

    type: ClassVar[str] = "subscription.prorated"
    source: ClassVar[str] = "/subscription_renewal"


class SubscriptionCreditReleased(Event):
    """A subscription has stopped, and the credit that no invoice took goes to the contact's balance."""

    type: ClassVar[str] = "subscription.credit_released"
    source: ClassVar[str] = "/subscription_renewal"
    data: ReleasedSubscriptionData


Billed: TypeAlias = SubscriptionRenewed | SubscriptionProrated
"""What is to be invoiced, whatever the reason."""
