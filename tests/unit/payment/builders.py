"""Builders with defaults for the payment service's tests."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.payment.payments.domain.registration import Registration, Target
from services.payment.receivables.domain.receivable import Receivable, of_invoice
from shared.events.credit_note import CreditedInvoice, CreditNoteData
from shared.events.invoice import ContactOnInvoice, InvoiceData
from shared.events.subscription import CreditRelease, ReleasedSubscriptionData
from shared.kernel.ids import new_id

WORKSPACE = UUID("0190b5c4-0000-7000-8000-00000000000a")
NOW = datetime(2026, 4, 11, 9, tzinfo=UTC)


def an_invoice(**overrides: Any) -> InvoiceData:
    """An issued invoice of 339.00 euros."""
    contact_id = overrides.pop("contact_id", new_id())
    fields: dict[str, Any] = {
        "id": new_id(),
        "version": 2,
        "created_at": NOW,
        "updated_at": NOW,
        "contact_id": contact_id,
        "contact": ContactOnInvoice(id=contact_id, name="Jansen BV"),
        "currency": "EUR",
        "status": "open",
        "payment_status": "unpaid",
        "number": "INV-2026-00001",
        "issue_date": date(2026, 4, 11),
        "due_date": date(2026, 5, 11),
        "payment_terms_days": 30,
        "lines": [],
        "subtotal_minor": 28017,
        "tax_minor": 5883,
        "total_minor": 33900,
        "amount_paid_minor": 0,
        "amount_credited_minor": 0,
        "amount_due_minor": 33900,
        "tax_breakdown": [],
        "collection_method": "send_invoice",
    }
    return InvoiceData(**(fields | overrides))


def a_credit_note(invoice: InvoiceData, total_minor: int, **overrides: Any) -> CreditNoteData:
    """A credit note over so much of an invoice, a sixth of it tax."""
    fields: dict[str, Any] = {
        "id": new_id(),
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "invoice_id": invoice.id,
        "invoice": CreditedInvoice(
            id=invoice.id,
            version=invoice.version + 1,
            number=invoice.number or "",
            issue_date=invoice.issue_date or NOW.date(),
            due_date=invoice.due_date,
            total_minor=invoice.total_minor,
            amount_credited_minor=total_minor,
        ),
        "contact_id": invoice.contact_id,
        "contact": invoice.contact,
        "currency": invoice.currency,
        "number": "CN-2026-00001",
        "issue_date": NOW.date(),
        "lines": [],
        "subtotal_minor": total_minor - total_minor // 6,
        "tax_minor": total_minor // 6,
        "total_minor": total_minor,
        "tax_breakdown": [],
    }
    return CreditNoteData(**(fields | overrides))


def a_release(
    contact_id: UUID, amount_minor: int, tax_minor: int, **overrides: Any
) -> ReleasedSubscriptionData:
    """A subscription that stopped with so much credit, of which so much is tax."""
    release = CreditRelease(amount_minor=amount_minor, tax_minor=tax_minor, lines=[], released_at=NOW)
    fields: dict[str, Any] = {
        "id": new_id(),
        "version": 4,
        "created_at": NOW,
        "updated_at": NOW,
        "contact_id": contact_id,
        "currency": "EUR",
        "status": "canceled",
        "lines": [],
        "interval": "month",
        "interval_count": 1,
        "timezone": "Europe/Amsterdam",
        "start_at": NOW,
        "anchor_at": NOW,
        "collection_method": "send_invoice",
        "release": release,
    }
    return ReleasedSubscriptionData(**(fields | overrides))


def a_receivable(**overrides: Any) -> Receivable:
    """What such an invoice asks for."""
    return replace(of_invoice(WORKSPACE, an_invoice()), **overrides)


def a_registration(*targets: Target, **overrides: Any) -> Registration:
    """339.00 that came in for these invoices."""
    fields: dict[str, Any] = {
        "targets": targets,
        "contact_id": None if targets else new_id(),
        "amount_minor": 33900,
        "amount": None,
        "currency": None,
        "method": "other",
        "external_reference": None,
        "paid_on": None,
        "note": None,
    }
    return Registration(**(fields | overrides))


def for_all_of(receivable: Receivable) -> Target:
    """A target that takes whatever the receivable asks for."""
    return Target(receivable.invoice_id, None, "invoice_id")


def for_part_of(receivable: Receivable, amount_minor: int, index: int = 0) -> Target:
    """A target that takes so much."""
    return Target(receivable.invoice_id, amount_minor, f"allocations.{index}.invoice_id")
