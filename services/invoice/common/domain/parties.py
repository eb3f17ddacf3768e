"""Who stands on a document, and the tax on it, in the form that events and the public API have."""

from shared.events.contact import CreditBalance
from shared.events.credit_note import CreditedInvoice
from shared.events.invoice import ContactOnInvoice, LineTax, Seller, TaxBreakdown, TaxConversion
from shared.events.product import Tax

__all__ = [
    "ContactOnInvoice",
    "CreditBalance",
    "CreditedInvoice",
    "LineTax",
    "Seller",
    "Tax",
    "TaxBreakdown",
    "TaxConversion",
]
