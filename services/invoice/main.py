"""The invoice service: contacts, products and invoices. `python -m services.invoice.main`."""

from functools import partial

from fastapi import FastAPI

from services.invoice.api import (
    audit_log,
    business,
    contacts,
    credit_notes,
    documents,
    internal,
    invoice_lines,
    invoices,
    products,
    quotes,
)
from services.invoice.consumers import dunning, payment, subscription
from services.invoice.repository.due import next_due_at
from services.invoice.settings import InvoiceSettings
from services.invoice.workers.expire_quotes import expire_quotes
from services.invoice.workers.mark_overdue import mark_overdue
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.runtime.service import Service, build, run
from shared.runtime.settings import Role
from shared.runtime.worker import Worker


def make(role: Role) -> tuple[FastAPI, InvoiceSettings]:
    """The service's app for this role, and its settings."""
    settings = InvoiceSettings()
    pace = settings.clock_interval_seconds
    handlers = Handlers()
    handlers.include(workspaces.handlers)
    handlers.include(payment.handlers)
    handlers.include(subscription.handlers)
    handlers.include(dunning.handlers)
    service = Service(
        name="invoice",
        title="Invoices",
        settings=settings,
        routers=[
            business.router,
            contacts.router,
            products.router,
            invoices.router,
            invoice_lines.router,
            quotes.router,
            credit_notes.router,
            credit_notes.of_invoices,
            documents.router,
            audit_log.router,
            internal.router,
        ],
        handlers=handlers,
        workers=lambda parts: [
            Worker(name, partial(step, parts.worker, settings.clock_batch_size), pace, follows_clocks=True)
            for name, step in (("mark_overdue", mark_overdue), ("expire_quotes", expire_quotes))
        ],
        next_due_at=next_due_at,
    )
    app = build(service, role)
    app.state.settlement_poll_seconds = settings.settlement_poll_ms / 1000
    return app, settings


if __name__ == "__main__":
    run(make, "invoice")
