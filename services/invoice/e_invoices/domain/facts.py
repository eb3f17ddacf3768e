"""What e-invoices say of themselves, in the words of their events."""

from shared.events.e_invoice import (
    EInvoiceData,
    EInvoiceFailure,
    EInvoiceFinding,
    EInvoiceState,
    EInvoiceStatus,
    EInvoiceSyntax,
)

__all__ = [
    "EInvoiceData",
    "EInvoiceFailure",
    "EInvoiceFinding",
    "EInvoiceState",
    "EInvoiceStatus",
    "EInvoiceSyntax",
]
