"""Who stands on a document, and the tax on it, in the form that events and the public API have."""

from shared.events.contact import CreditBalance
from shared.events.invoice import ContactOnInvoice, Seller, TaxBreakdown

__all__ = ["ContactOnInvoice", "CreditBalance", "Seller", "TaxBreakdown"]
