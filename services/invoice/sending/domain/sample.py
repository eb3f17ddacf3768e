"""A made-up document, to show what a message with it would say."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.documents.domain.print_model import Kind, PrintModel
from shared.events.invoice import ContactOnInvoice, Seller
from shared.kernel.ids import new_id

PUBLIC_URL = "https://example.com/i/sample"
_NAME = "Acme"
_TERMS = timedelta(days=30)


def sample_document(business: Business, kind: str, locale: str, issued_on: date) -> PrintModel:
    """A document of the business, of this kind of message, for a customer who reads this language."""
    document: Kind = "quote" if kind == "quote" else "credit_note" if kind == "credit_note" else "invoice"
    blank = PrintModel(
        kind=document,
        number=f"{issued_on.year}-00042",
        status="open",
        currency=business.currency,
        seller=business_rules.to_seller(business) or Seller(name="Example Ltd"),
        buyer=ContactOnInvoice(id=new_id(), name=_NAME, locale=locale),
        lines=(),
        subtotal_minor=100_000,
        tax_minor=21_000,
        total_minor=121_000,
        tax_breakdown=(),
        made_at=datetime.combine(issued_on, time(), UTC),
        issue_date=issued_on,
    )
    if document == "invoice":
        return replace(blank, due_date=issued_on + _TERMS, due_minor=121_000)
    if document == "quote":
        return replace(blank, valid_until=issued_on + _TERMS)
    return replace(blank, credited_number=f"{issued_on.year}-00041", credited_on=issued_on)
