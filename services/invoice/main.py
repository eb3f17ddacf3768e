"""The invoice service: contacts, products and invoices. `python -m services.invoice.main`."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.invoice.billings import api as waiting_billings
from services.invoice.billings import consumers as subscription_events
from services.invoice.billings.operations import retry_after_business_changed
from services.invoice.billings.workers import bill_waiting
from services.invoice.business import consumers as workspace_events
from services.invoice.business.api import logos
from services.invoice.business.api import routes as business
from services.invoice.common.domain import public_link
from services.invoice.common.operations.change_log import write_change_log
from services.invoice.contacts import api as contacts
from services.invoice.contacts import consumers as credit_balance_events
from services.invoice.credit_notes import api as credit_notes
from services.invoice.documents.api import printed_documents
from services.invoice.documents.api import routes as documents
from services.invoice.e_invoices.api import routes as e_invoices
from services.invoice.e_invoices.api import ubl
from services.invoice.e_invoices.api import webhooks as access_point_webhooks
from services.invoice.e_invoices.operations.document_data import FacturXData
from services.invoice.e_invoices.workers.process import EInvoiceProcess
from services.invoice.invoices import consumers as payment_events
from services.invoice.invoices.api import internal
from services.invoice.invoices.api import lines as invoice_lines
from services.invoice.invoices.api import routes as invoices
from services.invoice.invoices.workers import credit_at_issue
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue
from services.invoice.invoices.workers.mark_overdue import mark_overdue
from services.invoice.payer_page.api import links as public_links
from services.invoice.payer_page.api import routes as public
from services.invoice.products import api as products
from services.invoice.quotes import api as quotes
from services.invoice.quotes.workers import expire_quotes
from services.invoice.reminders import consumers as payment_holds
from services.invoice.reminders.api import routes as reminders
from services.invoice.reminders.api import send
from services.invoice.reminders.api import settings as reminder_settings
from services.invoice.reminders.workers import send_reminders
from services.invoice.sandbox.access_point_network import open_access_point
from services.invoice.sandbox.channels import SandboxChannel
from services.invoice.sending.api import channel_settings, deliveries, document_deliveries, message_templates
from services.invoice.sending.api import quotes as quote_sending
from services.invoice.sending.api import reports as delivery_reports
from services.invoice.sending.providers.sns import Sns
from services.invoice.sending.workers.process import SendingProcess
from services.invoice.settings import InvoiceSettings
from services.invoice.time_machine.repository import next_due_at
from shared.environment import read_settings
from shared.http.client import ServiceClient
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.postgres.next_due import next_due_in
from shared.runtime.service import Parts, Service, build, run
from shared.runtime.settings import Role
from shared.runtime.worker import Worker

EXAMPLES = Path(__file__).parent / "static" / "examples.json"

_ROUTERS = (
    business.router,
    logos.router,
    contacts.router,
    products.router,
    invoices.router,
    public_links.router,
    invoice_lines.router,
    quotes.router,
    quote_sending.router,
    credit_notes.router,
    credit_notes.of_invoices,
    send.router,
    deliveries.router,
    document_deliveries.router,
    message_templates.router,
    channel_settings.router,
    documents.router,
    ubl.router,
    printed_documents.router,
    e_invoices.router,
    # Before those of access points, whose path has any provider's name.
    delivery_reports.router,
    access_point_webhooks.router,
    reminder_settings.router,
    reminders.router,
    waiting_billings.router,
    internal.router,
    public.router,
)
# Of a payment its holds first: they lock all invoices of a batch, in the order of their ids.
_HEARD = (
    workspaces,
    workspace_events,
    payment_holds,
    payment_events,
    credit_balance_events,
    subscription_events,
)
_BY_THE_CLOCK = (
    ("mark_overdue", mark_overdue),
    ("expire_quotes", expire_quotes),
)


def make(role: Role) -> tuple[FastAPI, InvoiceSettings]:
    """The service's app for this role, and its settings."""
    settings = read_settings(InvoiceSettings)
    public_link.configure(settings.public_base_url, settings.public_link_keys)
    handlers = Handlers()
    for heard in _HEARD:
        handlers.include(heard.handlers)
    e_invoicing, sending = (
        EInvoiceProcess(settings, open_access_point),
        SendingProcess(settings, SandboxChannel),
    )

    def resources(parts: Parts, app: FastAPI) -> Sequence[Callable[[], Awaitable[object]]]:
        app.state.public_base_url = settings.public_base_url
        messenger = app.state.sns = Sns(sending.tools.egress)
        payments = ServiceClient("payment", settings.payment_url, settings.upstream_timeout_seconds)
        asks = credit_at_issue.payment_service(payments, parts.tokens, settings.opening_wait_seconds)
        learning = CreditAtIssue(parts.worker, asks)
        closing = e_invoicing.open(parts.api, parts.worker, learning)
        app.state.access_points, app.state.sending = e_invoicing.access_points, sending.tools
        app.state.payment_service, app.state.openings = payments, CreditAtIssue(parts.api, asks)
        app.state.document_data = writer = FacturXData(e_invoicing.access_points.validation)
        return [payments.close, messenger.close, *closing, *sending.open(parts.worker, writer, learning)]

    service = Service(
        name="invoice",
        title="Invoices",
        settings=settings,
        routers=_ROUTERS,
        examples=EXAMPLES,
        handlers=handlers,
        workers=lambda parts: _workers(settings, parts, e_invoicing, sending),
        resources=resources,
        gathered=[invoices.gathered()],
        writers=[write_change_log, retry_after_business_changed],
        next_due_at=next_due_at,
    )
    app = build(service, role)
    app.state.settlement_poll_seconds = settings.settlement_poll_ms / 1000
    return app, settings


def _workers(
    settings: InvoiceSettings, parts: Parts, e_invoicing: EInvoiceProcess, sending: SendingProcess
) -> Sequence[Worker]:
    """Everything that the clock sets going."""
    pace, batch = settings.clock_interval_seconds, settings.clock_batch_size
    reminding = partial(send_reminders, parts.worker, settings.reminder_batch_size)
    return [
        *(
            Worker(name, partial(step, parts.worker, batch), pace, follows_clocks=True)
            for name, step in _BY_THE_CLOCK
        ),
        Worker("send_reminders", reminding, pace, follows_clocks=True),
        Worker(
            "bill_waiting",
            partial(bill_waiting, parts.worker, batch),
            settings.waiting_billing_poll_seconds,
            next_due_in=next_due_in(parts.worker, "waiting_billing", "next_attempt_at"),
        ),
        Worker(
            "e_invoices",
            e_invoicing.step,
            settings.e_invoice_poll_seconds,
            next_due_in=next_due_in(parts.worker, "e_invoice", "next_step_at"),
        ),
        Worker(
            "send",
            sending.step,
            settings.send_poll_seconds,
            follows_clocks=True,
            next_due_in=next_due_in(parts.worker, "delivery", "next_attempt_at"),
        ),
    ]


if __name__ == "__main__":
    run(make, "invoice")
