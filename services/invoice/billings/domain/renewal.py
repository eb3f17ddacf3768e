"""What a subscription bills: an invoice that is dated by when the billing fell due, and its natural key."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from services.invoice.business.domain.business import Business
from services.invoice.invoices.domain import issuable
from services.invoice.invoices.domain.invoice import BillingReason, Invoice
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import supply, totals
from services.invoice.lines.domain.line import Line
from services.invoice.lines.domain.totals import Totals
from shared.events.invoice import CollectionMethod, ContactOnInvoice, Seller
from shared.events.subscription import BilledSubscriptionData, SubscriptionLineData
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id


class Key(NamedTuple):
    """What is billed once: a subscription's period, or one of its versions within a period."""

    workspace_id: UUID
    subscription_id: UUID
    reason: BillingReason
    period_start: datetime | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When an invoice is made: the instant on the workspace's clock, and the date that stands on it.

    Its terms count from `terms_from`: the same date, or the day on which it could be made at last.
    """

    at: datetime
    issue_date: date
    terms_from: date


def key(workspace_id: UUID, data: BilledSubscriptionData) -> Key:
    """The natural key of the billing."""
    if _reason(data) == "cycle":
        return Key(workspace_id, data.id, "cycle", data.billing.period_start, None)
    return Key(workspace_id, data.id, "change", None, data.version)


def draft_renewal(
    business: Business,
    seller: Seller | None,
    contact: ContactOnInvoice | None,
    data: BilledSubscriptionData,
    moment: Moment,
) -> Invoice:
    """The invoice with its lines, totals and dates, ready for its number.

    An archived contact is billed too: the subscription was agreed before. Raises Invalid, SellerMissing
    or UnknownCurrency naming what does not hold.
    """
    if contact is None:
        raise Invalid(f"There is no contact {data.contact_id} in this workspace.", field="contact_id")
    lines = [_supplied(_line(line, index), data) for index, line in enumerate(data.billing.lines)]
    found = totals.compute(lines, data.currency, business.rounding)
    made = _invoice(business, seller, contact, data, moment, found)
    issuable.require_issuable(made, seller)
    return made


def _invoice(
    business: Business,
    seller: Seller | None,
    contact: ContactOnInvoice,
    data: BilledSubscriptionData,
    moment: Moment,
    found: Totals,
) -> Invoice:
    billing, days = data.billing, _terms(business, data)
    first, last = supply.cover(found.lines, _days(data))
    return Invoice(
        workspace_id=business.workspace_id,
        id=new_id(),
        version=0,  # Issuing is its first change: nobody ever sees the draft.
        created_at=moment.at,
        updated_at=moment.at,
        contact_id=contact.id,
        contact=contact,
        seller=seller,
        currency=data.currency,
        rounding=business.rounding,
        lines=found.lines,
        subtotal_minor=found.subtotal_minor,
        tax_minor=found.tax_minor,
        total_minor=found.total_minor,
        tax_breakdown=found.tax_breakdown,
        payment_terms_days=days,
        collection_method=_collection_method(data),
        payment_method_id=data.payment_method_id,
        issue_date=moment.issue_date,
        due_date=moment.terms_from + timedelta(days=days),
        supply_start=first,
        supply_end=last,
        subscription_id=data.id,
        subscription_version=data.version,
        period_start=billing.period_start,
        period_end=billing.period_end,
        billing_reason=_reason(data),
    )


def _reason(data: BilledSubscriptionData) -> BillingReason:
    """A reason that is not known here is a change: it is billed once for each version of the subscription."""
    return "cycle" if data.billing.reason == "cycle" else "change"


def _collection_method(data: BilledSubscriptionData) -> CollectionMethod:
    """Only what surely may be charged is: a method that is not known here leaves it to the payer."""
    return "charge_automatically" if data.collection_method == "charge_automatically" else "send_invoice"


def _days(data: BilledSubscriptionData) -> tuple[date, date]:
    """The first and the last day of what is billed, in the subscription's zone."""
    return supply.days_of(data.billing.period_start, data.billing.period_end, ZoneInfo(data.timezone))


def _supplied(line: Line, data: BilledSubscriptionData) -> Line:
    """The line with its days: a proration's own, which may lie in an earlier period, else those billed."""
    if line.supply_start:
        return line
    first, last = _days(data)
    return replace(line, supply_start=first, supply_end=last)


def _terms(business: Business, data: BilledSubscriptionData) -> int:
    """The subscription's own terms; without them what is collected by itself is due at once."""
    if data.payment_terms_days is not None:
        return data.payment_terms_days
    return 0 if data.collection_method == "charge_automatically" else business.payment_terms_days


def _line(line: SubscriptionLineData, index: int) -> Line:
    given = dict(line)
    given["discount"] = line.discount and dict(line.discount)
    return line_rules.new_line(new_id(), given, None, f"billing.lines.{index}")
