"""What the payment and the invoice service say of one invoice, as events for tests."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.subscription_renewal.dunning.consumers import invoice, payment, payment_method
from shared.events.event import Event
from shared.events.invoice import (
    ContactOnInvoice,
    InvoiceData,
    InvoiceOverdue,
    InvoicePaid,
    InvoiceVoided,
    InvoiceWrittenOff,
)
from shared.events.payment import FailureData, PaymentData, PaymentFailed
from shared.events.payment_method import PaymentMethodCreated, PaymentMethodData, PaymentMethodUpdated
from shared.kernel.ids import new_id
from shared.messaging.handlers import Handlers
from shared.messaging.work import begin
from shared.testing.service import RunningService

INVOICE_EVENTS: dict[str, type[Event]] = {
    "paid": InvoicePaid,
    "void": InvoiceVoided,
    "uncollectible": InvoiceWrittenOff,
    "open": InvoiceOverdue,
}


async def hear(service: RunningService, *events: Event) -> None:
    """Apply events as the consumer does, in one transaction of the worker."""
    handlers = Handlers()
    for heard in (invoice, payment, payment_method):
        handlers.include(heard.handlers)
    async with begin(service.parts.worker) as unit:
        await handlers.apply(unit, list(events))


class Told:
    """Makes the events of one invoice of one contact."""

    def __init__(self, workspace_id: UUID, contact_id: UUID, subscription_id: UUID | None = None) -> None:
        self.workspace_id = workspace_id
        self.contact_id = contact_id
        self.subscription_id = subscription_id
        self.invoice_id = new_id()

    def failed(
        self, at: datetime, advice: Any = "retry", is_automatic: bool = True, code: str = "declined"
    ) -> PaymentFailed:
        """A collection of the invoice failed."""
        data = PaymentData(
            **self._made(new_id(), 3, at),
            contact_id=self.contact_id,
            state="failed",
            amount_minor=1000,
            currency="EUR",
            method="card",
            paid_on=at.date(),
            allocations=[],
            unallocated_minor=0,
            invoice_id=self.invoice_id,
            subscription_id=self.subscription_id,
            is_automatic=is_automatic,
            failure=FailureData(code=code, advice=advice),
        )
        return PaymentFailed.of(self.workspace_id, data)

    def invoice(self, status: str, at: datetime, version: int = 5, **fields: Any) -> Event:
        """The invoice is paid, void, uncollectible, or open and late."""
        paid = 1000 if status == "paid" else 0
        given: dict[str, Any] = {
            "contact_id": self.contact_id,
            "contact": ContactOnInvoice(id=self.contact_id, name="Jansen BV"),
            "currency": "EUR",
            "status": status,
            "payment_status": "paid" if paid else "unpaid",
            "number": "2026-0001",
            "issue_date": date(2026, 4, 11),
            "due_date": date(2026, 4, 25),
            "payment_terms_days": 14,
            "is_overdue": status == "open",
            "lines": [],
            "subtotal_minor": 1000,
            "tax_minor": 0,
            "total_minor": 1000,
            "amount_paid_minor": paid,
            "amount_credited_minor": 0,
            "amount_due_minor": 1000 - paid,
            "tax_breakdown": [],
            "collection_method": "charge_automatically",
            "subscription_id": self.subscription_id,
        }
        data = InvoiceData(**self._made(self.invoice_id, version, at), **given | fields)
        return INVOICE_EVENTS[status].of(self.workspace_id, data)

    def method(
        self, at: datetime, version: int = 1, id_: UUID | None = None, **fields: Any
    ) -> PaymentMethodCreated | PaymentMethodUpdated:
        """The contact attached a payment method, or changed one."""
        given = {"provider": "sandbox", "type": "card", "status": "active", "is_default": True, **fields}
        made = self._made(id_ or new_id(), version, at)
        data = PaymentMethodData(**made, contact_id=self.contact_id, **given)
        event = PaymentMethodCreated if version == 1 else PaymentMethodUpdated
        return event.of(self.workspace_id, data)

    @staticmethod
    def _made(id_: UUID, version: int, at: datetime) -> dict[str, Any]:
        return {"id": id_, "version": version, "created_at": at, "updated_at": at}
