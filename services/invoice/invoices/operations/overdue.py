"""Invoices whose due date passed are told of, once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.invoice.common.operations import changes
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.repository import invoices, overdue
from shared.events.event import Event
from shared.events.invoice import InvoiceOverdue, InvoiceUpdated
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


async def mark_overdue(
    tx: Connection, keys: Sequence[tuple[UUID, UUID]], clocks: Mapping[UUID, Clock]
) -> None:
    """Tell that these (workspace, invoice) ids, which the caller has locked, are late."""
    late, events = [], list[Event]()
    for invoice in (await invoices.lock_many(tx, keys)).values():
        clock = clocks[invoice.workspace_id]
        marked = invoice_rules.mark_overdue(invoice, clock.now())
        late.append(marked)
        data = to_snapshot(marked, clock.today())
        events += [InvoiceUpdated.of(marked.workspace_id, data), InvoiceOverdue.of(marked.workspace_id, data)]
    await overdue.mark(tx, late)
    await changes.record(tx, *events)
