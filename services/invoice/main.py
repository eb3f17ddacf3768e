"""The invoice service: contacts, products and invoices. `python -m services.invoice.main`."""

from functools import partial

from fastapi import FastAPI

from services.invoice.api import (
    audit_log,
    business,
    contacts,
    internal,
    invoice_lines,
    invoices,
    products,
    quotes,
)
from services.invoice.consumers import payment
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
            audit_log.router,
            internal.router,
        ],
        handlers=handlers,
        workers=lambda parts: [
            Worker("mark_overdue", partial(mark_overdue, parts.worker, settings.clock_batch_size), pace),
            Worker("expire_quotes", partial(expire_quotes, parts.worker, settings.clock_batch_size), pace),
        ],
    )
    app = build(service, role)
    app.state.settlement_poll_seconds = settings.settlement_poll_ms / 1000
    return app, settings


if __name__ == "__main__":
    run(make, "invoice")
