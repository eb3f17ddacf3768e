"""Invoices follow what the payment service says has been paid."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.invoice.common.operations import changes
from services.invoice.invoices.domain import payment_fact, settling
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.repository import invoices, payment_facts
from shared.events.event import Event
from shared.events.invoice import InvoicePaid, InvoiceUpdated, InvoiceWrittenOff
from shared.events.payment import AllocationData
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.postgres.pool import Connection

_ENDS: Mapping[Status, type[Event]] = {Status.PAID: InvoicePaid, Status.UNCOLLECTIBLE: InvoiceWrittenOff}


async def apply_payments(tx: Connection, events: Sequence[Event], clocks: Mapping[UUID, Clock]) -> None:
    """Show the newest state of every receivable that these payments touched; each invoice changes once.

    Raises NotFound for an invoice that this service does not have: it owns them all.
    """
    newest = _newest(events)
    found = await invoices.lock_many(tx, [(event.workspace_id, key) for key, (event, _) in newest.items()])
    missing = newest.keys() - found.keys()
    if missing:
        raise NotFound(f"There is no invoice {min(missing)} to apply a payment to.")
    changed: list[Invoice] = []
    recorded: list[Event] = []
    for invoice_id, invoice in found.items():
        event, allocation = newest[invoice_id]
        clock = clocks[invoice.workspace_id]
        settled = settling.settle(invoice, _shown(allocation), clock.now())
        if settled is not invoice:
            changed.append(settled)
            recorded += [fact.caused_by(event) for fact in told(invoice, settled, clock)]
    if changed:
        await invoices.settle(tx, changed)
        await changes.record(tx, *recorded)


async def tell_payments(tx: Connection, events: Sequence[Event]) -> None:
    """Note for the timeline of each invoice what happened to its money, by whom."""
    told_of = [fact for event in events for fact in payment_fact.facts_of(event)]
    if told_of:
        await payment_facts.insert(tx, told_of)


def _shown(allocation: AllocationData) -> settling.ReceivableState:
    return settling.ReceivableState(
        allocation.invoice_amount_paid_minor,
        allocation.receivable_version,
        allocation.invoice_amount_written_off_minor,
        allocation.write_off_version,
    )


def _newest(events: Sequence[Event]) -> dict[UUID, tuple[Event, AllocationData]]:
    newest: dict[UUID, tuple[Event, AllocationData]] = {}
    for event in events:
        for allocation in event.data.allocations:
            known = newest.get(allocation.invoice_id)
            if known is None or known[1].receivable_version < allocation.receivable_version:
                newest[allocation.invoice_id] = (event, allocation)
    return newest


def told(before: Invoice, after: Invoice, clock: Clock) -> list[Event]:
    """What is to be told of an invoice whose money changed: also that nothing is expected of it any more."""
    data = to_snapshot(after, clock.today())
    events: list[Event] = [InvoiceUpdated.of(after.workspace_id, data)]
    if after.status is not before.status and after.status in _ENDS:
        events.append(_ENDS[after.status].of(after.workspace_id, data))
    return events
