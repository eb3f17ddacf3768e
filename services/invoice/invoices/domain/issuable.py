"""What must hold before an invoice is issued; nothing is numbered that could not be given out."""

from services.invoice.invoices.domain.invoice import Invoice, InvoiceHasNoLines, InvoiceIsIssued, Status
from shared.events.invoice import Seller
from shared.kernel.errors import Conflict, Invalid


class SellerMissing(Conflict):
    """The business has no name yet: an invoice says who sells (directive 2006/112/EC, art. 226(5))."""

    code = "seller_missing"


def require_issuable(invoice: Invoice, seller: Seller | None) -> None:
    """Raise unless this is a draft with an item, a total that is not negative, and somebody who sells."""
    if invoice.status is not Status.DRAFT:
        raise InvoiceIsIssued(field="status", status_now=invoice.status)
    if not any(line.type == "item" for line in invoice.lines):
        raise InvoiceHasNoLines(field="lines")
    if invoice.total_minor < 0:
        raise Invalid("An invoice's total cannot be negative; make a credit note.", field="lines")
    require_seller(seller)


def require_seller(seller: Seller | None) -> None:
    """Raise SellerMissing naming the field of the business profile."""
    if seller is None:
        raise SellerMissing(field="business.name")
