"""An invoice's paper: as it was issued, with what credit settled of it then, or as it stands now."""

from dataclasses import replace
from datetime import date

from services.invoice.documents.domain import paper
from services.invoice.documents.domain.paper import Paper
from services.invoice.invoices.domain import facets, settling
from services.invoice.invoices.domain.invoice import Invoice
from shared.events.invoice import InvoiceData


def of(invoice: Invoice, zone: str, today: date, *, is_current: bool = False) -> Paper:
    """What is printed of the invoice; what credit settled at its issue is never asked for."""
    made = paper.of_invoice(current(invoice, today), zone, is_current=is_current)
    made = replace(made, pay_url=invoice.pay_url)
    if is_current or invoice.issued_at is None:
        return made
    settled = min(invoice.settled_at_issue_minor or 0, invoice.total_minor)
    return replace(made, paid_minor=settled, due_minor=invoice.total_minor - settled)


def current(invoice: Invoice, today: date) -> InvoiceData:
    """The invoice as people see it: what the payment service has said of credit counts before its event."""
    return facets.snapshot(settling.with_settled_at_issue(invoice), today)
