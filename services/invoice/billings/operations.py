"""What subscriptions bill becomes issued invoices, many of many workspaces in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from services.invoice.billings.domain import renewal
from services.invoice.billings.domain.renewal import Key, Moment
from services.invoice.billings.domain.waiting_billing import Claimed, Problem
from services.invoice.billings.repository import renewals, waiting_billings
from services.invoice.business import repository as businesses
from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.common.domain.parties import ContactOnInvoice, Seller
from services.invoice.common.operations import changes
from services.invoice.contacts import repository as contacts
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.repository import invoices
from services.invoice.numbers import domain as numbering
from services.invoice.numbers import operations as numbers
from services.invoice.numbers.operations import Wanted
from shared.events.event import Event
from shared.events.invoice import InvoiceCreated
from shared.events.subscription import Billed
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError, Invalid
from shared.postgres.pool import Connection

Clocks: TypeAlias = Mapping[UUID, Clock]


@dataclass(frozen=True, slots=True)
class BillingContext:
    """What the invoices are made from: profiles by workspace, contacts by workspace and id."""

    businesses: Mapping[UUID, Business]
    sellers: Mapping[UUID, Seller | None]
    contacts: Mapping[tuple[UUID, UUID], ContactOnInvoice]
    unknown_products: set[tuple[UUID, UUID]]


async def bill_subscriptions(tx: Connection, events: Sequence[Billed], clocks: Clocks) -> int:
    """Issue one invoice for each billing that has none, numbered in the order of the events.

    What no invoice can be made of waits until the workspace has mended the reason. Returns how many billings
    had an invoice. Raises BilledMeanwhile or NumberTakenMeanwhile where another transaction was first: done
    again, it finds what that one left.
    """
    due = await _not_billed(tx, events)
    problems = await _bill(tx, due, clocks)
    await waiting_billings.hold(tx, problems, [1] * len(problems))
    return len(events) - len(due)


async def bill_waiting(tx: Connection, claimed: Sequence[Claimed], clocks: Clocks) -> None:
    """Try these again, which the caller has locked; raises the same.

    Their invoices have the dates on which they fell due; the time to pay counts from today.
    """
    counts = {one.billed.id: one.attempt_count + 1 for one in claimed}
    events = [one.billed for one in claimed]
    problems = await _bill(tx, await _not_billed(tx, events), clocks, is_late=True)
    left = {one.billed.id for one in problems}
    await waiting_billings.remove(tx, [one for one in claimed if one.billed.id not in left])
    await waiting_billings.hold(tx, problems, [counts[one.billed.id] for one in problems])


async def _bill(
    tx: Connection, due: Sequence[Billed], clocks: Clocks, is_late: bool = False
) -> list[Problem]:
    """Issue an invoice for each, and return those that none could be made of."""
    if not due:
        return []
    context = await _load(tx, due, clocks)
    drafted = [(event, _draft(context, event, clocks[event.workspace_id], is_late)) for event in due]
    ready = [(event, draft) for event, draft in drafted if isinstance(draft, Invoice)]
    given = await _take_numbers(tx, context, [draft for _, draft in ready])
    issued = [
        invoice_rules.issue(draft, draft.contact, draft.seller, number, draft.created_at)
        for (_, draft), number in zip(ready, given, strict=True)
    ]
    if issued:
        await invoices.insert(tx, *issued)
        causes = (event for event, _ in ready)
        made = zip(issued, causes, strict=True)
        await changes.record(tx, *(event for one in made for event in _events(*one)))
    return [Problem(event, error) for event, error in drafted if isinstance(error, BillingError)]


async def _not_billed(tx: Connection, events: Sequence[Billed]) -> list[Billed]:
    first: dict[Key, Billed] = {}
    for event in events:
        first.setdefault(renewal.key(event.workspace_id, event.data), event)
    known = await renewals.billed(tx, list(first))
    return [event for key, event in first.items() if key not in known]


async def _load(tx: Connection, due: Sequence[Billed], clocks: Clocks) -> BillingContext:
    workspaces = {event.workspace_id for event in due}
    stored = await businesses.get_many(tx, sorted(workspaces))
    found = await contacts.on_documents(tx, {(event.workspace_id, event.data.contact_id) for event in due})
    products = {key for event in due for key in _products(event)}
    names = await businesses.workspace_names(tx, sorted(workspaces))
    profiles = {
        one: business_rules.name_after(stored.get(one) or _unsaid(one, clocks[one]), names.get(one))
        for one in workspaces
    }
    return BillingContext(
        profiles,
        {one: business_rules.to_seller(profile) for one, profile in profiles.items()},
        found,
        await renewals.unknown_products(tx, products) if products else set(),
    )


def _draft(context: BillingContext, event: Billed, clock: Clock, is_late: bool) -> Invoice | BillingError:
    data, workspace_id = event.data, event.workspace_id
    contact = context.contacts.get((workspace_id, data.contact_id))
    try:
        for _, product_id in context.unknown_products.intersection(_products(event)):
            raise Invalid(f"There is no product {product_id} in this workspace.", field="product_id")
        business, seller = context.businesses[workspace_id], context.sellers[workspace_id]
        return renewal.draft_renewal(business, seller, contact, data, _moment(event, clock, is_late))
    except BillingError as error:
        return error


async def _take_numbers(tx: Connection, context: BillingContext, drafts: Sequence[Invoice]) -> list[str]:
    """One lock for each series that the batch writes in, whatever it takes of it."""
    formats = {one.workspace_id: one.format(numbering.INVOICES) for one in context.businesses.values()}
    wanted = [
        Wanted(draft.workspace_id, formats[draft.workspace_id], issuing.issue_date(draft)) for draft in drafts
    ]
    return await numbers.take(tx, numbering.INVOICES, wanted)


def _events(invoice: Invoice, cause: Billed) -> list[Event]:
    data = to_snapshot(invoice, issuing.issue_date(invoice))
    kinds: tuple[type[Event], ...] = (InvoiceCreated, *issuing.kinds_at_issue(invoice))
    return [kind.of(invoice.workspace_id, data).caused_by(cause) for kind in kinds]


def _moment(event: Billed, clock: Clock, is_late: bool) -> Moment:
    """Never before it fell due: a sandbox's clock may have been moved further than is known here."""
    fell_due = event.data.billing.billed_at
    on = fell_due.astimezone(ZoneInfo(clock.zone)).date()
    return Moment(max(clock.now(), fell_due), on, max(on, clock.today()) if is_late else on)


def _products(event: Billed) -> set[tuple[UUID, UUID]]:
    return {(event.workspace_id, line.product_id) for line in event.data.billing.lines if line.product_id}


def _unsaid(workspace_id: UUID, clock: Clock) -> Business:
    return business_rules.new_business(workspace_id, "EUR", clock.now())
