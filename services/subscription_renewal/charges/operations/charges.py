"""Adding charges to a subscription that is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from services.subscription_renewal.charges.domain import usage_period as period_rules
from services.subscription_renewal.charges.domain.charge import Charge
from services.subscription_renewal.charges.domain.usage_period import Owner
from services.subscription_renewal.charges.repository import charges, usage_periods
from services.subscription_renewal.copies.repository import contacts
from services.subscription_renewal.meters import repository as meters
from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.prices.domain.price import Price
from services.subscription_renewal.subscriptions.domain.line import WantedLine
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations.subscriptions import lines_of
from shared.kernel.errors import Invalid, naming
from shared.kernel.ids import new_id
from shared.messaging.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCharge:
    """A charge as it is asked for; its lines are named and taxed as its product, where they say nothing."""

    key: str
    meter: str
    price: Price
    line: WantedLine


async def add_charges(
    work: Work,
    subscription: Subscription,
    wanted: Sequence[WantedCharge],
    subjects: Sequence[str] | None,
    grace: timedelta,
) -> None:
    """Bill this usage from the subscription's first period on.

    Without subjects it is that of the contact's id and external_id. Raises NotFound, NotKnownHere, Invalid or
    UsageAlreadyClaimed, naming the field.
    """
    whose = tuple(dict.fromkeys(subjects)) if subjects else await _subjects(work, subscription)
    for index, one in enumerate(wanted):
        meter = await _meter(work, one, f"charges.{index}.meter")
        (line,) = await lines_of(work, [_named(one, meter, index)], subscription.currency)
        charge = Charge(
            workspace_id=work.workspace_id,
            id=new_id(),
            subscription_id=subscription.id,
            key=one.key,
            meter=meter,
            line=line,
            price=one.price,
            subjects=whose,
            created_at=work.clock.now(),
        )
        await charges.insert(work.tx, charge)
        # What is used in a trial is not billed: the calendar begins at its end.
        first = period_rules.open_period(
            Owner(work.workspace_id, subscription.id, charge.id),
            subscription.calendar,
            subscription.anchor_at,
            grace,
        )
        await usage_periods.store(work.tx, [first])


async def _subjects(work: Work, subscription: Subscription) -> tuple[str, ...]:
    contact = await contacts.get(work.tx, work.workspace_id, subscription.contact_id)
    external_id = contact.external_id if contact else None
    return (str(subscription.contact_id), *([external_id] if external_id else []))


async def _meter(work: Work, wanted: WantedCharge, place: str) -> Meter:
    with naming(place):
        meter = await meters.get(work.tx, work.workspace_id, wanted.meter)
    if meter.archived_at is not None:
        raise Invalid("The meter is archived.", field=place)
    return meter


def _named(wanted: WantedCharge, meter: Meter, index: int) -> WantedLine:
    line = wanted.line
    return WantedLine(
        description=line.description or (None if line.product_id else meter.name),
        quantity=Decimal(1),
        unit=line.unit,
        unit_price=Decimal(0),
        tax_rate=line.tax_rate,
        tax_category=line.tax_category,
        tax_behavior=line.tax_behavior,
        tax_exemption_reason=line.tax_exemption_reason,
        product_id=line.product_id,
        place=f"charges.{index}.",
    )
