"""How invoices get their numbers: checked first, numbered last, so that nobody waits for a failed one."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.business.operations import load_business
from services.invoice.contacts import domain as contact_rules
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain import issuable
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.lines.domain import tax
from services.invoice.numbers import operations as numbers
from services.invoice.numbers.operations import Wanted
from shared.events.event import Event
from shared.events.invoice import InvoiceIssued, InvoicePaid
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


async def issue(tx: Connection, draft: Invoice, context: DraftContext, clock: Clock) -> Invoice:
    """The draft with its number, not stored.

    Raises InvoiceIsIssued, InvoiceHasNoLines, SellerMissing, Invalid, ContactArchived or NumberTaken.
    """
    ready = prepare(draft, context, clock)
    await numbers.require_free(tx, ready.workspace_id, ready.number)
    taken = [] if ready.number else await take(tx, context.business, ready.series, [issue_date(ready)])
    return seal(ready, ready.number or taken[0], context, clock)


def prepare(draft: Invoice, context: DraftContext, clock: Clock) -> Invoice:
    """The draft with its dates, ready for its number; raises what forbids to issue it."""
    issuable.require_issuable(draft, business_rules.to_seller(context.business))
    # Not of renewals: nobody is there to part what was agreed, and what is due must be billed.
    tax.require_together(group.tax_category for group in draft.tax_breakdown)
    return invoice_rules.set_dates(draft, clock.today())


def seal(ready: Invoice, number: str, context: DraftContext, clock: Clock) -> Invoice:
    """The issued invoice: its number, and contact and seller as they are now."""
    contact = contact_rules.to_document(context.contact(ready.contact_id))
    seller = business_rules.to_seller(context.business)
    return invoice_rules.issue(ready, contact, seller, number, clock.now())


async def take(tx: Connection, business: Business, series: str, dates: Sequence[date]) -> list[str]:
    """Numbers for documents of these dates, in this order; locks the series until the transaction ends."""
    form = business.format(series)
    return await numbers.take(tx, series, [Wanted(business.workspace_id, form, on) for on in dates])


async def preview(tx: Connection, workspace_id: UUID, series: str, on: date, clock: Clock) -> str:
    """The number that the next document of the series and date would get; not reserved."""
    return await numbers.preview(tx, await load_business(tx, workspace_id, clock), series, on)


def kinds_at_issue(invoice: Invoice) -> tuple[type[Event], ...]:
    """What is told of an invoice that was just issued, besides that it changed."""
    return (InvoiceIssued, InvoicePaid) if invoice.status is Status.PAID else (InvoiceIssued,)


def issue_date(ready: Invoice) -> date:
    """The date that a checked draft has."""
    assert ready.issue_date is not None
    return ready.issue_date
