"""What subscriptions bill of usage, and what that comes to until now."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.subscription_renewal.charges.domain import charge as rules
from services.subscription_renewal.charges.domain.charge import Charge
from services.subscription_renewal.charges.domain.usage_period import PeriodState, Rated, UsagePeriod
from services.subscription_renewal.charges.operations.billing import rate_periods
from services.subscription_renewal.charges.repository import charges, usage_periods
from services.subscription_renewal.prices.api.routes import PricedRow
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.events.fields import DecimalText, Instant
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.work import Work
from shared.kernel.json import JsonObject

router = APIRouter(prefix="/v1/subscriptions", route_class=Route, tags=["subscriptions"])
READ = require("subscriptions:read")
MAX_PERIODS = 100


class ChargeData(BaseModel):
    """What is billed of a meter's usage."""

    id: UUID
    key: str
    meter: str
    description: str
    unit: str | None
    price: JsonObject = Field(description="As it was given, with what was left out.")
    subjects: list[str] = Field(description="Whose usage it bills.")
    product_id: UUID | None
    created_at: Instant

    @classmethod
    def of(cls, charge: Charge) -> "ChargeData":
        """The charge, told."""
        price = rules.price_to_fields(charge.price)
        assert isinstance(price, dict)
        return cls(
            id=charge.id,
            key=charge.key,
            meter=charge.meter.key,
            description=charge.line.description,
            unit=charge.line.unit,
            price=price,
            subjects=list(charge.subjects),
            product_id=charge.line.product_id,
            created_at=charge.created_at,
        )


class Charges(BaseModel):
    """A subscription's charges."""

    data: list[ChargeData]


class UsageOfPeriod(BaseModel):
    """A charge's period, and what it comes to with the usage that is counted."""

    charge: str
    meter: str
    state: Literal["open", "billed", "final"] = Field(
        description="open: it runs, or its bill is under way; billed: late events change it for 35 days."
    )
    from_at: Instant
    until_at: Instant
    quantity: DecimalText
    rows: list[PricedRow]
    amount_minor: int = Field(description="Before tax where prices exclude it.")
    billed_quantity: DecimalText
    billed_minor: int = Field(description="What of it was billed.")


class SubscriptionUsage(BaseModel):
    """What a subscription's usage comes to."""

    currency: str
    as_of: Instant = Field(description="On the workspace's clock: all that was answered by then is in it.")
    periods: list[UsageOfPeriod] = Field(description="Newest first, up to 100.")


@router.get("/{subscription_id}/charges", dependencies=[READ])
async def list_charges(subscription_id: UUID, work: Work) -> Charges:
    """What the subscription bills of usage."""
    await subscriptions.get(work.tx, work.workspace_id, subscription_id)
    found = await charges.of_subscription(work.tx, work.workspace_id, subscription_id)
    return Charges(data=[ChargeData.of(charge) for charge in found])


@router.get("/{subscription_id}/usage", dependencies=[READ])
async def get_usage(subscription_id: UUID, work: Work) -> SubscriptionUsage:
    """What was used of each charge and period, what it comes to, and what of that was billed."""
    subscription = await subscriptions.get(work.tx, work.workspace_id, subscription_id)
    found = await charges.of_subscription(work.tx, work.workspace_id, subscription_id)
    known = {charge.id: charge for charge in found}
    periods = await usage_periods.newest(work.tx, work.workspace_id, subscription_id, MAX_PERIODS)
    changing = [period for period in periods if period.state is not PeriodState.FINAL]
    rated = {
        (one.period.charge_id, one.period.from_at): one
        for one in await rate_periods(work.tx, changing, known, subscription)
    }
    return SubscriptionUsage(
        currency=subscription.currency,
        as_of=work.clock.now(),
        periods=[
            _tell(period, known[period.charge_id], rated.get((period.charge_id, period.from_at)))
            for period in periods
        ],
    )


def _tell(period: UsagePeriod, charge: Charge, rated: Rated | None) -> UsageOfPeriod:
    # Of a final period its bill is what it comes to.
    quantity = rated.quantity if rated else period.billed_quantity
    return UsageOfPeriod(
        charge=charge.key,
        meter=charge.meter.key,
        state=period.state.value,
        from_at=period.from_at,
        until_at=period.until_at,
        quantity=quantity,
        rows=[PricedRow.of(row) for row in rated.rows] if rated else [],
        amount_minor=rated.amount_minor if rated else period.billed_minor,
        billed_quantity=period.billed_quantity,
        billed_minor=period.billed_minor,
    )
