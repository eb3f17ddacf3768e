"""State changes of quotes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.invoice.business.operations import load_business
from services.invoice.common.operations import changes
from services.invoice.contacts import domain as contact_rules
from services.invoice.invoices.domain import drafting
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.operations.draft_context import lines_in_question, load_draft_context
from services.invoice.invoices.operations.invoices import told
from services.invoice.invoices.repository import invoices
from services.invoice.lines.domain.line import Line
from services.invoice.lines.repository.lines import QUOTE_LINES
from services.invoice.numbers import domain as numbering
from services.invoice.quotes import domain as quote_rules
from services.invoice.quotes import repository as quotes
from services.invoice.quotes.domain import Quote
from shared.events.event import Event
from shared.events.invoice import InvoiceCreated
from shared.events.quote import QuoteAccepted, QuoteCreated, QuoteDeleted, QuoteUpdated
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection

_CARRIED = ("notes", "reference", "metadata", "supply_date", "supply_start", "supply_end")


async def create_quote(
    tx: Connection,
    workspace_id: UUID,
    fields: dict[str, Any],
    lines: list[dict[str, Any]],
    currency: str,
    clock: Clock,
) -> Quote:
    """Store a new draft; raises Invalid naming the field, ContactArchived or QuoteExternalIdTaken."""
    context = await load_draft_context(tx, workspace_id, [fields], lines, clock, currency)
    quote = drafting.draft_quote(context, fields, lines, clock.now())
    await quotes.insert(tx, quote)
    await _record(tx, quote, QuoteCreated)
    return quote


async def change_quote(
    tx: Connection,
    workspace_id: UUID,
    quote_id: UUID,
    fields: dict[str, Any],
    lines: list[dict[str, Any]] | None,
    clock: Clock,
    expected_version: int | None = None,
) -> Quote:
    """Change a draft's fields, and all its lines where given; raises NotFound, QuoteIsSent or Invalid."""
    quote = await quotes.lock(tx, workspace_id, quote_id)
    require_version(quote.version, expected_version)
    context = await load_draft_context(
        tx, workspace_id, [fields], lines_in_question(quote.lines, lines), clock
    )
    changed = quote_rules.edit(quote, drafting.resolve(context, fields), clock.now())
    if lines is None and changed.currency != quote.currency:
        drafting.require_prices_in(context, changed.lines, changed.currency)
    made = changed.lines if lines is None else drafting.make_lines(context, lines, changed.currency)
    changed = drafting.price(changed, made)
    await QUOTE_LINES.replace(tx, changed)
    await quotes.update(tx, changed)
    await _record(tx, changed, QuoteUpdated)
    return changed


async def delete_quote(tx: Connection, workspace_id: UUID, quote_id: UUID, clock: Clock) -> None:
    """Remove a draft; raises NotFound or QuoteIsSent."""
    quote = await quotes.lock(tx, workspace_id, quote_id)
    deleted = quote_rules.edit(quote, {}, clock.now())
    await quotes.delete(tx, workspace_id, quote_id)
    await _record(tx, deleted, QuoteDeleted)


async def send_quote(tx: Connection, workspace_id: UUID, quote_id: UUID, clock: Clock) -> Quote:
    """Offer it: it gets its number. Raises NotFound, IllegalMove or Invalid."""
    quote = await quotes.lock(tx, workspace_id, quote_id)
    quote_rules.require_sendable(quote, clock.today())
    business = await load_business(tx, workspace_id, clock)
    number = (
        quote.number
        or (await issuing.take(tx, business, numbering.QUOTES, [quote.issue_date or clock.today()]))[0]
    )
    return await _save(tx, quote_rules.send(quote, number, clock.today(), clock.now()))


async def accept_quote(
    tx: Connection, workspace_id: UUID, quote_id: UUID, clock: Clock, is_open: bool = False
) -> Quote:
    """The customer said yes: its invoice is made, as a draft or issued, in the same transaction.

    Raises NotFound, IllegalMove or ContactArchived.
    """
    quote = await quotes.lock(tx, workspace_id, quote_id)
    context = await load_draft_context(tx, workspace_id, [{"contact_id": quote.contact_id}], [], clock)
    invoice = _invoice_of(quote, context, clock)
    accepted = quote_rules.accept(quote, invoice.id, clock.now())
    events: tuple[type[Event], ...] = (InvoiceCreated,)
    if is_open:
        invoice = invoice_rules.at_version(await issuing.issue(tx, invoice, context, clock), version=1)
        events += issuing.kinds_at_issue(invoice)
    await invoices.insert(tx, invoice)
    await changes.record(tx, *told(invoice, clock, *events))
    return await _save(tx, accepted, QuoteAccepted)


async def decline_quote(tx: Connection, workspace_id: UUID, quote_id: UUID, clock: Clock) -> Quote:
    """The customer said no; raises NotFound or IllegalMove."""
    quote = await quotes.lock(tx, workspace_id, quote_id)
    return await _save(tx, quote_rules.decline(quote, clock.now()))


async def expire_quotes(
    tx: Connection, keys: Sequence[tuple[UUID, UUID]], clocks: Mapping[UUID, Clock]
) -> None:
    """Expire the quotes of these (workspace, quote) ids, which the caller has locked."""
    for workspace_id, quote_id in keys:
        quote = await quotes.lock(tx, workspace_id, quote_id)
        await _save(tx, quote_rules.expire(quote, clocks[workspace_id].now()))


def _invoice_of(quote: Quote, context: drafting.DraftContext, clock: Clock) -> Invoice:
    fields = {
        "currency": quote.currency,
        "discount": quote.discount,
        "quote_id": quote.id,
        "payment_terms_days": context.business.payment_terms_days,
        "collection_method": "send_invoice",
        **{name: getattr(quote, name) for name in _CARRIED},
    }
    contact = contact_rules.to_document(context.contact(quote.contact_id))
    blank = drafting.new_draft(context.business, new_id(), contact, fields, clock.now())
    # Priced as it was offered, even where the business rounds in another way by now.
    blank = replace(blank, rounding=quote.rounding)
    return drafting.price(blank, _copied(quote))


def _copied(quote: Quote) -> list[Line]:
    new_ids = {line.id: new_id() for line in quote.lines}
    return [
        replace(
            line,
            id=new_ids[line.id],
            parent_line_id=new_ids[line.parent_line_id] if line.parent_line_id else None,
        )
        for line in quote.lines
    ]


async def _save(tx: Connection, quote: Quote, *events: type[Event]) -> Quote:
    await quotes.update(tx, quote)
    await _record(tx, quote, QuoteUpdated, *events)
    return quote


async def _record(tx: Connection, quote: Quote, *events: type[Event]) -> None:
    data = quote_rules.to_snapshot(quote)
    await changes.record(tx, *(event.of(quote.workspace_id, data) for event in events))
