"""What subscriptions bill becomes issued invoices, many of many workspaces in one unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from services.invoice.billings import domain as billing_rules
from services.invoice.billings import repository as billings
from services.invoice.billings.domain import BillingFailure, BillingKey, ClaimedBilling, InvoiceDates
from services.invoice.business import repository as businesses
from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.contacts import repository as contacts
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.repository import invoices
from services.invoice.numbers import domain as numbering
from services.invoice.numbers import operations as numbers
from services.invoice.numbers.operations import NumberRequest
from shared.events.business import BusinessUpdated
from shared.events.event import Event
from shared.events.invoice import ContactOnInvoice, InvoiceCreated
from shared.events.subscription import Billed
from shared.events.told import Told
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError, Invalid
from shared.messaging.work import Unit, Work
from shared.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class BillingContext:
    """What the invoices are made from: profiles by workspace, contacts by workspace and id."""

    businesses: Mapping[UUID, Business]
    contacts: Mapping[tuple[UUID, UUID], ContactOnInvoice]
    unknown_products: set[tuple[UUID, UUID]]


async def bill_subscriptions(unit: Unit, events: Sequence[Billed], works: Mapping[UUID, Work]) -> int:
    """Issue one invoice for each billing that has none, numbered in the order of the events.

    What no invoice can be made of waits until the workspace has mended the reason. Returns how many billings
    had an invoice. Raises BilledMeanwhile or NumberTakenMeanwhile where another transaction was first: done
    again, it finds what that one left.
    """
    due = await _not_billed(unit, events)
    for failure in await _bill(unit, due, works):
        await billings.store(unit.tx, failure, attempt_count=1)
    return len(events) - len(due)


async def bill_waiting(unit: Unit, claimed: Sequence[ClaimedBilling], works: Mapping[UUID, Work]) -> None:
    """Try these again, which the unit has locked; raises the same.

    Their invoices have the dates on which they fell due; the time to pay counts from today.
    """
    attempt_counts = {billing.billed.id: billing.attempt_count + 1 for billing in claimed}
    due = await _not_billed(unit, [billing.billed for billing in claimed])
    failures = await _bill(unit, due, works, is_late=True)
    failed = {failure.billed.id for failure in failures}
    await billings.remove(unit.tx, [billing for billing in claimed if billing.billed.id not in failed])
    for failure in failures:
        await billings.store(unit.tx, failure, attempt_counts[failure.billed.id])


async def retry_after_business_changed(tx: Connection, told: Sequence[Told]) -> None:
    """Let billings be tried again at once where the business, which they may have waited for, has changed.

    Every unit of work calls it at its commit with the events of its own.
    """
    for one in told:
        if isinstance(one.event, BusinessUpdated):
            await billings.retry_all_now(tx, one.event.workspace_id)


async def _bill(
    unit: Unit, due: Sequence[Billed], works: Mapping[UUID, Work], is_late: bool = False
) -> list[BillingFailure]:
    """Issue an invoice for each, and return those that none could be made of."""
    if not due:
        return []
    context = await _load(unit, due, works)
    drafts = [(event, _draft(context, event, works[event.workspace_id].clock, is_late)) for event in due]
    ready = [(event, draft) for event, draft in drafts if isinstance(draft, Invoice)]
    numbers_taken = await _take_numbers(unit, context, [draft for _, draft in ready])
    issued = [
        invoice_rules.issue(draft, draft.contact, draft.seller, number, draft.created_at)
        for (_, draft), number in zip(ready, numbers_taken, strict=True)
    ]
    if issued:
        await invoices.insert(unit.tx, *issued)
        for invoice, (cause, _) in zip(issued, ready, strict=True):
            unit.record(*_events_for(invoice, cause))
    return [BillingFailure(event, error) for event, error in drafts if isinstance(error, BillingError)]


async def _not_billed(unit: Unit, events: Sequence[Billed]) -> list[Billed]:
    first_by_key: dict[BillingKey, Billed] = {}
    for event in events:
        first_by_key.setdefault(billing_rules.key_of(event.workspace_id, event.data), event)
    billed = await billings.billed(unit.tx, list(first_by_key))
    return [event for key, event in first_by_key.items() if key not in billed]


async def _load(unit: Unit, due: Sequence[Billed], works: Mapping[UUID, Work]) -> BillingContext:
    workspace_ids = sorted({event.workspace_id for event in due})
    profiles = await businesses.get_many(unit.tx, workspace_ids)
    named = {(event.workspace_id, event.data.contact_id) for event in due}
    on_documents = await contacts.on_documents(unit.tx, named)
    product_ids = {key for event in due for key in _products(event)}
    names = await businesses.workspace_names(unit.tx, workspace_ids)
    return BillingContext(
        {
            id_: business_rules.name_after(
                profiles.get(id_) or business_rules.new_business(id_, "EUR", works[id_].clock.now()),
                names.get(id_),
            )
            for id_ in workspace_ids
        },
        on_documents,
        await billings.unknown_products(unit.tx, product_ids) if product_ids else set(),
    )


def _draft(context: BillingContext, event: Billed, clock: Clock, is_late: bool) -> Invoice | BillingError:
    data, workspace_id = event.data, event.workspace_id
    contact = context.contacts.get((workspace_id, data.contact_id))
    try:
        for _, product_id in context.unknown_products.intersection(_products(event)):
            raise Invalid(f"There is no product {product_id} in this workspace.", field="product_id")
        dates = _dates(event, clock, is_late)
        return billing_rules.draft_renewal(context.businesses[workspace_id], contact, data, dates)
    except BillingError as error:
        return error


async def _take_numbers(unit: Unit, context: BillingContext, drafts: Sequence[Invoice]) -> list[str]:
    """One lock for each series that the batch writes in, whatever it takes of it."""
    formats = {
        workspace_id: business.format(numbering.INVOICES)
        for workspace_id, business in context.businesses.items()
    }
    requests = [
        NumberRequest(draft.workspace_id, formats[draft.workspace_id], issuing.issue_date(draft))
        for draft in drafts
    ]
    return await numbers.take(unit, numbering.INVOICES, requests)


def _events_for(invoice: Invoice, cause: Billed) -> list[Event]:
    data = to_snapshot(invoice, issuing.issue_date(invoice))
    kinds: tuple[type[Event], ...] = (InvoiceCreated, *issuing.kinds_at_issue(invoice))
    return [kind.of(invoice.workspace_id, data).caused_by(cause) for kind in kinds]


def _dates(event: Billed, clock: Clock, is_late: bool) -> InvoiceDates:
    """Never before it fell due: a sandbox's clock may have been moved further than is known here."""
    fell_due = event.data.billing.billed_at
    on = fell_due.astimezone(ZoneInfo(clock.zone)).date()
    return InvoiceDates(max(clock.now(), fell_due), on, max(on, clock.today()) if is_late else on)


def _products(event: Billed) -> set[tuple[UUID, UUID]]:
    return {(event.workspace_id, line.product_id) for line in event.data.billing.lines if line.product_id}
