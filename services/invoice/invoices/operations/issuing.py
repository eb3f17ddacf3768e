"""How invoices get their numbers: prepared first, numbered last, so that nobody waits for a failed one."""

from collections.abc import Sequence
from datetime import date, datetime

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.business.operations import load_business
from services.invoice.contacts import domain as contact_rules
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.lines.domain import tax
from services.invoice.numbers import operations as numbers
from services.invoice.numbers.operations import NumberRequest
from shared.events.event import Event
from shared.events.invoice import InvoiceIssued, InvoicePaid
from shared.messaging.work import Unit, Work


async def issue(work: Work, draft: Invoice, context: DraftContext) -> Invoice:
    """The draft with its number, not stored; the series stays locked until the unit ends.

    Raises InvoiceIsIssued, InvoiceHasNoLines, SellerMissing, Invalid, ContactArchived or NumberTaken.
    """
    now = work.clock.now()
    ready = prepare(draft, context, work.clock.today())
    await numbers.require_free(work, ready.number)
    number = ready.number
    if not number:
        (number,) = await take_numbers(work, context.business, ready.series, [issue_date(ready)])
    return seal(ready, number, context, now)


def prepare(draft: Invoice, context: DraftContext, today: date) -> Invoice:
    """The draft with its dates, ready for its number; raises what forbids to issue it."""
    invoice_rules.require_issuable(draft, business_rules.to_seller(context.business))
    # Not of renewals: nobody is there to part what was agreed, and what is due must be billed.
    tax.require_together(group.tax_category for group in draft.tax_breakdown)
    return invoice_rules.set_dates(draft, today)


def seal(ready: Invoice, number: str, context: DraftContext, now: datetime) -> Invoice:
    """The issued invoice: its number, and contact and seller as they are now; raises ContactArchived."""
    contact = contact_rules.to_document(context.contact(ready.contact_id))
    return invoice_rules.issue(ready, contact, business_rules.to_seller(context.business), number, now)


async def take_numbers(unit: Unit, business: Business, series: str, dates: Sequence[date]) -> list[str]:
    """Numbers for documents of these dates, in this order; locks the series until the unit ends."""
    format_ = business.format(series)
    requests = [NumberRequest(business.workspace_id, format_, on) for on in dates]
    return await numbers.take(unit, series, requests)


async def preview_number(work: Work, series: str, on: date) -> str:
    """The number that the next document of the series and date would get; not reserved."""
    business = await load_business(work)
    return await numbers.preview(work, business.format(series), on)


def kinds_at_issue(invoice: Invoice) -> tuple[type[Event], ...]:
    """The events of an invoice that was just issued, besides that it was created or changed."""
    return (InvoiceIssued, InvoicePaid) if invoice.status is Status.PAID else (InvoiceIssued,)


def issue_date(ready: Invoice) -> date:
    """The date that a prepared draft has."""
    assert ready.issue_date is not None
    return ready.issue_date
