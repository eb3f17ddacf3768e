"""What an invoice shows besides its status: whether it is paid in part, late, and its public form."""

from datetime import date

from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.lines.domain import line as line_rules
from shared.events.invoice import InvoiceData, PaymentStatus

_DERIVED = {"lines", "payment_status", "is_overdue", "status", "tax_breakdown", "discount"}
_SAME = tuple(set(InvoiceData.model_fields) - _DERIVED)


def payment_status(invoice: Invoice) -> PaymentStatus:
    """Unpaid, partially paid or paid, whatever the status says."""
    if invoice.status is Status.PAID:
        return "paid"
    return "partially_paid" if invoice.amount_paid_minor > 0 else "unpaid"


def is_overdue(invoice: Invoice, today: date) -> bool:
    """Whether it is open, something remains, and the due date lies before today in the workspace's zone."""
    return (
        invoice.status is Status.OPEN
        and invoice.due_date is not None
        and invoice.due_date < today
        and invoice.amount_due_minor > 0
    )


def asked_minor(data: InvoiceData) -> int:
    """What its payer is asked for: a part that was written off no more; of one given up on still all."""
    written_off_minor = data.amount_written_off_minor if data.status == "open" else 0
    return data.amount_due_minor - written_off_minor


def to_snapshot(invoice: Invoice, today: date) -> InvoiceData:
    """The invoice as the public API and events show it on this day."""
    return InvoiceData(
        lines=[line_rules.to_data(line) for line in invoice.lines],
        payment_status=payment_status(invoice),
        is_overdue=is_overdue(invoice, today),
        status=invoice.status.value,
        tax_breakdown=list(invoice.tax_breakdown),
        discount=invoice.discount.data if invoice.discount else None,
        **{name: getattr(invoice, name) for name in _SAME},
    )
