"""Invoices follow what the payment service says has been paid."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.invoice.domain import facets
from services.invoice.domain import invoice as invoice_rules
from services.invoice.domain.invoice import Invoice, Status
from services.invoice.operations import changes
from services.invoice.repository import invoices
from shared.events.event import Event
from shared.events.invoice import InvoicePaid, InvoiceUpdated
from shared.events.payment import AllocationData
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.postgres.pool import Connection


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
        settled = invoice_rules.settle(
            invoice, allocation.invoice_amount_paid_minor, allocation.receivable_version, clock.now()
        )
        if settled is not invoice:
            changed.append(settled)
            recorded += _events(invoice, settled, clock, event)
    if changed:
        await invoices.settle(tx, changed)
        await changes.record(tx, *recorded)


def _newest(events: Sequence[Event]) -> dict[UUID, tuple[Event, AllocationData]]:
    newest: dict[UUID, tuple[Event, AllocationData]] = {}
    for event in events:
        for allocation in event.data.allocations:
            known = newest.get(allocation.invoice_id)
            if known is None or known[1].receivable_version < allocation.receivable_version:
                newest[allocation.invoice_id] = (event, allocation)
    return newest


def _events(before: Invoice, after: Invoice, clock: Clock, cause: Event) -> list[Event]:
    data = facets.snapshot(after, clock.today())
    events: list[Event] = [InvoiceUpdated.of(after.workspace_id, data)]
    if after.status is Status.PAID and before.status is not Status.PAID:
        events.append(InvoicePaid.of(after.workspace_id, data))
    return [event.caused_by(cause) for event in events]
