"""Invoices heard that are charged automatically: they are collected. After invoice.py, which opens them."""

from collections.abc import Sequence

from services.payment.collections.operations.collect import collect_issued
from shared.events.invoice import InvoiceIssued
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(InvoiceIssued)
async def collect_charged(unit: Unit, events: Sequence[InvoiceIssued]) -> None:
    """Begin to collect what is left of them once credit balances are applied."""
    works = await workspaces.works_of(unit, [event.workspace_id for event in events])
    await collect_issued(unit, events, works)
