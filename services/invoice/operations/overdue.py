"""Invoices whose due date passed are told of, once."""

from services.invoice.domain import facets
from services.invoice.domain import invoice as invoice_rules
from services.invoice.operations import changes
from services.invoice.repository import invoices, overdue
from shared.events.event import Event
from shared.events.invoice import InvoiceOverdue, InvoiceUpdated
from shared.messaging import workspaces
from shared.postgres.pool import Connection


async def mark_overdue(tx: Connection, limit: int) -> int:
    """Mark up to `limit` invoices that are late on their workspaces' clocks; returns how many."""
    keys = await overdue.claim(tx, limit)
    if not keys:
        return 0
    clocks = await workspaces.clocks(tx, [workspace_id for workspace_id, _ in keys])
    late, events = [], list[Event]()
    for invoice in (await invoices.lock_many(tx, keys)).values():
        clock = clocks[invoice.workspace_id]
        marked = invoice_rules.mark_overdue(invoice, clock.now())
        late.append(marked)
        data = facets.snapshot(marked, clock.today())
        events += [InvoiceUpdated.of(marked.workspace_id, data), InvoiceOverdue.of(marked.workspace_id, data)]
    await overdue.mark(tx, late)
    await changes.record(tx, *events)
    return len(late)
