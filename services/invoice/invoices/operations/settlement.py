"""Invoices follow what the payment service says has been paid."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from services.invoice.invoices.domain import payment_fact, settling
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.invoices.domain.payment_fact import PaymentEvent
from services.invoice.invoices.domain.settling import ReceivableState
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.repository import invoices, timeline
from shared.events.event import Event
from shared.events.invoice import InvoicePaid, InvoiceUpdated, InvoiceWrittenOff
from shared.events.payment import AllocationData
from shared.kernel.errors import NotFound
from shared.messaging.work import Unit, Work

_ENDS: Mapping[Status, type[Event]] = {Status.PAID: InvoicePaid, Status.UNCOLLECTIBLE: InvoiceWrittenOff}


async def apply_payments(unit: Unit, events: Sequence[PaymentEvent], works: Mapping[UUID, Work]) -> None:
    """Show the newest state of every receivable that these payments touched; each invoice changes once.

    Raises NotFound for an invoice that this service does not have: it owns them all.
    """
    newest = _newest_allocations(events)
    locked = await invoices.lock_many(
        unit.tx, [(event.workspace_id, invoice_id) for invoice_id, (event, _) in newest.items()]
    )
    missing = newest.keys() - locked.keys()
    if missing:
        raise NotFound(f"There is no invoice {min(missing)} to apply a payment to.")
    changed: list[Invoice] = []
    for invoice_id, invoice in locked.items():
        event, allocation = newest[invoice_id]
        clock = works[invoice.workspace_id].clock
        settled = settling.settle(invoice, _state_of(allocation), clock.now())
        if settled is not invoice:
            changed.append(settled)
            facts = events_for_change(invoice, settled, clock.today())
            unit.record(*(fact.caused_by(event) for fact in facts))
    if changed:
        await invoices.settle(unit.tx, changed)


async def note_payments(unit: Unit, events: Sequence[PaymentEvent]) -> None:
    """Note for the timeline of each invoice what happened to its money, by whom."""
    facts = [fact for event in events for fact in payment_fact.facts_of(event)]
    if facts:
        await timeline.insert_payment_facts(unit.tx, facts)


def events_for_change(before: Invoice, after: Invoice, today: date) -> list[Event]:
    """What is told of an invoice whose money changed: also that nothing is expected of it any more."""
    data = to_snapshot(after, today)
    events: list[Event] = [InvoiceUpdated.of(after.workspace_id, data)]
    if after.status is not before.status and after.status in _ENDS:
        events.append(_ENDS[after.status].of(after.workspace_id, data))
    return events


def _state_of(allocation: AllocationData) -> ReceivableState:
    return ReceivableState(
        allocation.invoice_amount_paid_minor,
        allocation.receivable_version,
        allocation.invoice_amount_written_off_minor,
        allocation.write_off_version,
    )


def _newest_allocations(events: Sequence[PaymentEvent]) -> dict[UUID, tuple[PaymentEvent, AllocationData]]:
    newest: dict[UUID, tuple[PaymentEvent, AllocationData]] = {}
    for event in events:
        for allocation in event.data.allocations:
            latest = newest.get(allocation.invoice_id)
            if latest is None or latest[1].receivable_version < allocation.receivable_version:
                newest[allocation.invoice_id] = (event, allocation)
    return newest
