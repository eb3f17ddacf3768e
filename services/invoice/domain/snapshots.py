"""The parts of a document that are kept as they were, in the shapes that events carry."""

from shared.events.contact import CreditBalance
from shared.events.invoice import ContactOnInvoice, Seller, TaxBreakdown

__all__ = ["ContactOnInvoice", "CreditBalance", "Seller", "TaxBreakdown"]
