"""Changes of quotes: lock, decide, save, and tell; a number is taken last."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from services.invoice.business.operations import load_business
from services.invoice.contacts import domain as contact_rules
from services.invoice.invoices.domain import drafting
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.invoices.domain.invoice import Invoice, InvoiceEdit
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.operations.draft_context import lines_in_question, load_draft_context
from services.invoice.invoices.operations.invoices import INVOICES
from services.invoice.lines.domain.line import Line, LineEdit
from services.invoice.lines.repository.lines import QUOTE_LINES
from services.invoice.numbers import domain as numbering
from services.invoice.quotes import domain as quote_rules
from services.invoice.quotes import repository as quotes
from services.invoice.quotes.domain import Quote, QuoteEdit
from shared.events.event import Event
from shared.events.invoice import InvoiceCreated
from shared.events.quote import QuoteAccepted, QuoteCreated, QuoteDeleted, QuoteUpdated
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.messaging.aggregate import Aggregate
from shared.messaging.work import Work

QUOTES = Aggregate(
    quotes.lock,
    quotes.insert,
    quotes.update,
    lambda quote, _: quote_rules.to_snapshot(quote),
    quotes.delete,
)


async def create_quote(work: Work, details: QuoteEdit, lines: Sequence[LineEdit], currency: str) -> Quote:
    """Store a new draft; raises Invalid naming the field, ContactArchived or QuoteExternalIdTaken.

    `currency` is the workspace's.
    """
    context = await load_draft_context(work, [details.contact_id], lines, currency)
    quote = quote_rules.draft(context, details, lines, work.clock.now())
    return (await QUOTES.create(work, quote, QuoteCreated)).value


async def change_quote(
    work: Work,
    quote_id: UUID,
    edit: QuoteEdit,
    lines: Sequence[LineEdit] | None = None,
    expected_version: int | None = None,
) -> Quote:
    """Change a draft's fields, and all its lines where given; raises NotFound, QuoteIsSent or Invalid."""
    locked = await QUOTES.lock(work, quote_id)
    before = locked.value
    require_version(before.version, expected_version)
    context = await load_draft_context(work, [edit.contact_id], lines_in_question(before.lines, lines))
    contact = drafting.name_contact(context, edit.currency, edit.contact_id)
    changed = quote_rules.edit(before, edit, contact, work.clock.now())
    changed = quote_rules.price(changed, drafting.choose_lines(context, lines, before, changed.currency))
    await QUOTE_LINES.replace(work.tx, changed)
    return await locked.save(changed, QuoteUpdated)


async def delete_quote(work: Work, quote_id: UUID) -> None:
    """Remove a draft; raises NotFound or QuoteIsSent."""
    quote = await QUOTES.lock(work, quote_id)
    last = quote_rules.edit(quote.value, QuoteEdit(), None, work.clock.now())
    await quote.delete(last, QuoteDeleted)


async def send_quote(work: Work, quote_id: UUID) -> Quote:
    """Offer it: it gets its number. Raises NotFound, IllegalMove or Invalid."""
    quote = await QUOTES.lock(work, quote_id)
    today = work.clock.today()
    quote_rules.require_sendable(quote.value, today)
    number = quote.value.number
    if not number:
        on, business = quote.value.issue_date or today, await load_business(work)
        (number,) = await issuing.take_numbers(work, business, numbering.QUOTES, [on])
    return await quote.save(quote_rules.send(quote.value, number, today, work.clock.now()), QuoteUpdated)


async def accept_quote(work: Work, quote_id: UUID, *, is_open: bool = False) -> Quote:
    """The customer said yes: its invoice is made, as a draft or issued, in the same transaction.

    Raises NotFound, IllegalMove or ContactArchived.
    """
    quote = await QUOTES.lock(work, quote_id)
    context = await load_draft_context(work, [quote.value.contact_id])
    invoice = _to_invoice(work, quote.value, context)
    accepted = quote_rules.accept(quote.value, invoice.id, work.clock.now())
    kinds: tuple[type[Event], ...] = (InvoiceCreated,)
    if is_open:
        invoice = invoice_rules.at_version(await issuing.issue(work, invoice, context), version=1)
        kinds += issuing.kinds_at_issue(invoice)
    await INVOICES.create(work, invoice, *kinds)
    return await quote.save(accepted, QuoteUpdated, QuoteAccepted)


async def decline_quote(work: Work, quote_id: UUID) -> Quote:
    """The customer said no; raises NotFound or IllegalMove."""
    quote = await QUOTES.lock(work, quote_id)
    return await quote.save(quote_rules.decline(quote.value, work.clock.now()), QuoteUpdated)


async def expire_quotes(keys: Sequence[tuple[UUID, UUID]], works: Mapping[UUID, Work]) -> None:
    """Expire the quotes of these (workspace, quote) ids, which the caller has locked."""
    for workspace_id, quote_id in keys:
        work = works[workspace_id]
        quote = await QUOTES.lock(work, quote_id)
        await quote.save(quote_rules.expire(quote.value, work.clock.now()), QuoteUpdated)


def _to_invoice(work: Work, quote: Quote, context: DraftContext) -> Invoice:
    details = InvoiceEdit(
        currency=quote.currency,
        discount=quote.discount,
        notes=quote.notes,
        reference=quote.reference,
        metadata=quote.metadata,
        supply_date=quote.supply_date,
        supply_start=quote.supply_start,
        supply_end=quote.supply_end,
    )
    contact = contact_rules.to_document(context.contact(quote.contact_id))
    draft = drafting.new_draft(context.business, contact, details, work.clock.now())
    # Priced as it was offered, even where the business rounds in another way by now.
    draft = replace(draft, quote_id=quote.id, rounding=quote.rounding)
    return drafting.price(draft, _copy_lines(quote))


def _copy_lines(quote: Quote) -> list[Line]:
    new_ids = {line.id: new_id() for line in quote.lines}
    return [
        replace(
            line,
            id=new_ids[line.id],
            parent_line_id=new_ids[line.parent_line_id] if line.parent_line_id else None,
        )
        for line in quote.lines
    ]
