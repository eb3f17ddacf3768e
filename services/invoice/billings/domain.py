"""What subscriptions bill: the natural key of a billing, the invoice that it becomes, or why it waits.

The invoice is dated by when the billing fell due. One that no invoice can be made of waits until the
workspace has mended the reason.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import BillingReason, Invoice
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import supply, totals
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import Line, LineEdit
from services.invoice.lines.domain.totals import Totals
from shared.events.event import decode
from shared.events.invoice import CollectionMethod, ContactOnInvoice
from shared.events.subscription import Billed, BilledSubscriptionData, SubscriptionLineData
from shared.kernel.errors import BillingError, Invalid
from shared.kernel.ids import new_id

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)


class BillingKey(NamedTuple):
    """What is billed once: a subscription's period, or one of its versions within a period."""

    workspace_id: UUID
    subscription_id: UUID
    reason: BillingReason
    period_start: datetime | None
    version: int | None


@dataclass(frozen=True, slots=True)
class InvoiceDates:
    """When an invoice is made: the instant on the workspace's clock, and the date that stands on it.

    Its terms count from `terms_from`: the same date, or the day on which it could be made at last.
    """

    at: datetime
    issue_date: date
    terms_from: date


def key_of(workspace_id: UUID, data: BilledSubscriptionData) -> BillingKey:
    """The natural key of the billing."""
    if _reason(data) == "cycle":
        return BillingKey(workspace_id, data.id, "cycle", data.billing.period_start, None)
    return BillingKey(workspace_id, data.id, "change", None, data.version)


def draft_renewal(
    business: Business, contact: ContactOnInvoice | None, data: BilledSubscriptionData, dates: InvoiceDates
) -> Invoice:
    """The invoice with its lines, totals and dates, ready for its number.

    An archived contact is billed too: the subscription was agreed before. Raises Invalid, SellerMissing
    or UnknownCurrency naming what does not hold.
    """
    if contact is None:
        raise Invalid(f"There is no contact {data.contact_id} in this workspace.", field="contact_id")
    lines = [_with_days(_line(line, index), data) for index, line in enumerate(data.billing.lines)]
    priced = totals.compute(lines, data.currency, business.rounding)
    invoice = _draft_from(business, contact, data, dates, priced)
    invoice_rules.require_issuable(invoice, invoice.seller)
    return invoice


def _draft_from(
    business: Business,
    contact: ContactOnInvoice,
    data: BilledSubscriptionData,
    dates: InvoiceDates,
    priced: Totals,
) -> Invoice:
    billing, days = data.billing, _terms(business, data)
    first, last = supply.cover(priced.lines, _days(data))
    return Invoice(
        workspace_id=business.workspace_id,
        id=new_id(),
        version=0,  # Issuing is its first change: nobody ever sees the draft.
        created_at=dates.at,
        updated_at=dates.at,
        contact_id=contact.id,
        contact=contact,
        seller=business_rules.to_seller(business),
        currency=data.currency,
        rounding=business.rounding,
        lines=priced.lines,
        subtotal_minor=priced.subtotal_minor,
        tax_minor=priced.tax_minor,
        total_minor=priced.total_minor,
        tax_breakdown=priced.tax_breakdown,
        payment_terms_days=days,
        collection_method=_collection_method(data),
        payment_method_id=data.payment_method_id,
        issue_date=dates.issue_date,
        due_date=dates.terms_from + timedelta(days=days),
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


def _with_days(line: Line, data: BilledSubscriptionData) -> Line:
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
    discount = line.discount and Discount(line.discount.percent, line.discount.amount_minor)
    details = LineEdit(**dict(line) | {"discount": discount})
    return line_rules.new_line(new_id(), details, None, f"billing.lines.{index}")


@dataclass(frozen=True, slots=True)
class BillingFailure:
    """A billing, and why no invoice can be made of it as things are."""

    billed: Billed
    error: BillingError


@dataclass(frozen=True, slots=True)
class ClaimedBilling:
    """A billing whose turn has come again, and how often it was tried."""

    billed: Billed
    attempt_count: int


@dataclass(frozen=True, slots=True)
class WaitingBilling:
    """A billing that waits, with what was last in its way; times are real ones."""

    id: UUID
    subscription_id: UUID
    contact_id: UUID
    reason: str
    period_start: datetime
    period_end: datetime
    problem_code: str
    problem: str
    attempt_count: int
    first_attempt_at: datetime
    next_attempt_at: datetime


def claimed_billing_from_event(event_type: str, event: bytes, attempt_count: int) -> ClaimedBilling:
    """A billing as it was kept; raises ValueError for an event of another kind."""
    billed = decode(event_type, event)
    if not isinstance(billed, Billed):
        raise ValueError(f"{event_type} bills nothing")
    return ClaimedBilling(billed, attempt_count)


def pause_after(attempt_count: int) -> timedelta:
    """How long to wait after so many attempts: doubling, from ten seconds to an hour."""
    doublings = min(max(attempt_count - 1, 0), 20)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))
