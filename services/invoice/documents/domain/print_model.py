"""What is printed of an invoice, credit note or quote: the model that templates and e-invoices are made of.

Its fields are hashed for what was issued (printed_document.py): none is ever renamed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.invoices.domain import settling
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.domain.snapshot import asked_minor, to_snapshot
from services.invoice.lines.domain import supply
from shared.events.credit_note import CreditNoteData
from shared.events.invoice import (
    ContactOnInvoice,
    Discount,
    InvoiceData,
    LineData,
    Seller,
    TaxBreakdown,
    TaxConversion,
)
from shared.events.quote import QuoteData

Kind = Literal["invoice", "credit_note", "quote"]
SWEDISH_STATEMENT = "Godkänd för F-skatt"


@dataclass(frozen=True, slots=True)
class PrintModel:
    """One document with everything that is printed on it; amounts in minor units of `currency`."""

    kind: Kind
    number: str | None
    status: str
    currency: str
    seller: Seller
    buyer: ContactOnInvoice
    lines: Sequence[LineData]
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    tax_breakdown: Sequence[TaxBreakdown]
    made_at: datetime
    issue_date: date | None = None
    due_date: date | None = None
    valid_until: date | None = None
    paid_minor: int = 0
    credited_minor: int = 0
    due_minor: int = 0
    reference: str | None = None
    notes: str | None = None
    reason: str | None = None
    credited_number: str | None = None
    credited_on: date | None = None
    period_first: date | None = None
    period_last: date | None = None
    supply_date: date | None = None
    tax_conversion: TaxConversion | None = None
    is_current: bool = False
    # Where it goes as an e-invoice, when that is not what the buyer's VAT number says.
    receiver: Participant | None = None
    # Off the whole document.
    discount: Discount | None = None
    # Whether what is due is collected by itself from the contact's payment method.
    is_collected: bool = False
    # Where it can be paid online.
    pay_url: str | None = None
    # What was edited after it was issued is another edition than the first; when that came about.
    edition: int = 1
    edited_on: date | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.status == "draft"

    @property
    def displayed_status(self) -> str:
        """Its status, with what was credited told from what was paid."""
        return displayed_status(self.status, self.paid_minor, self.credited_minor)


def displayed_status(status: str, paid_minor: int, credited_minor: int) -> str:
    """The status of an invoice in words for people: `paid` is `credited` where nobody paid, or both."""
    if status != "paid" or not credited_minor:
        return status
    return "paid_and_credited" if paid_minor else "credited"


def from_invoice(invoice: Invoice, zone: str, today: date, *, is_current: bool = False) -> PrintModel:
    """What is printed of the invoice; what credit settled at its issue is never asked for."""
    model = from_invoice_data(data_with_credit(invoice, today), zone, is_current=is_current)
    model = replace(model, pay_url=invoice.pay_url)
    if is_current or invoice.issued_at is None:
        return model
    settled = min(invoice.settled_at_issue_minor or 0, invoice.total_minor)
    return replace(model, paid_minor=settled, due_minor=invoice.total_minor - settled)


def data_with_credit(invoice: Invoice, today: date) -> InvoiceData:
    """The invoice as people see it: what the payment service has said of credit counts before its event."""
    return to_snapshot(settling.with_settled_at_issue(invoice), today)


def from_invoice_data(data: InvoiceData, zone: str, *, is_current: bool = False) -> PrintModel:
    """The invoice as it is printed: as it was issued, or with what was paid and credited since.

    The days of a period that was given as instants are those of the zone. What was issued never changes, so
    neither does its model; a void one says so.
    """
    first, last = _period_of(data, ZoneInfo(zone))
    is_fixed = data.number is not None and not is_current
    status = "open" if is_fixed and data.status in ("paid", "uncollectible") else data.status
    return _print_model_of(data, status)(
        kind="invoice",
        due_date=data.due_date,
        paid_minor=0 if is_fixed else data.amount_paid_minor,
        credited_minor=0 if is_fixed else data.amount_credited_minor,
        due_minor=data.total_minor if is_fixed else asked_minor(data),
        reference=data.reference,
        discount=data.discount,
        is_collected=data.collection_method == "charge_automatically",
        period_first=first,
        period_last=last,
        made_at=data.issued_at or data.updated_at,
        tax_conversion=data.tax_conversion,
        edition=data.edition,
        edited_on=data.edited_at.astimezone(ZoneInfo(zone)).date() if data.edited_at else None,
        is_current=is_current,
    )


def from_credit_note(data: CreditNoteData) -> PrintModel:
    """The credit note as it is printed."""
    return _print_model_of(data, "issued")(
        kind="credit_note",
        reason=data.reason,
        credited_number=data.invoice.number,
        credited_on=data.invoice.issue_date,
        period_first=data.supply_start,
        period_last=data.supply_end,
        tax_conversion=data.tax_conversion,
        made_at=data.created_at,
    )


def from_quote(data: QuoteData) -> PrintModel:
    """The quote as it is printed."""
    return _print_model_of(data, data.status)(
        kind="quote",
        valid_until=data.valid_until,
        reference=data.reference,
        period_first=data.supply_start,
        period_last=data.supply_end,
        discount=data.discount,
        made_at=data.sent_at or data.updated_at,
    )


def tax_registration(seller: Seller) -> str | None:
    """What the tax office knows the seller by besides a VAT number (BT-32), as its country has it."""
    number = seller.tax_number
    if seller.country == "SE":
        # SE-R-005: in Sweden it is this statement and nothing else.
        return SWEDISH_STATEMENT if number and number.casefold() == SWEDISH_STATEMENT.casefold() else None
    # NO-R-002 has the register of enterprises in its place.
    return None if seller.country == "NO" else number


def file_name(number: str | None) -> str:
    """A document's number as the name of a file, without its ending."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in number or "draft")


def _period_of(data: InvoiceData, zone: ZoneInfo) -> tuple[date | None, date | None]:
    if data.supply_start and data.supply_end:
        return data.supply_start, data.supply_end
    if data.period_start is None or data.period_end is None:
        return None, None
    return supply.days_of(data.period_start, data.period_end, zone)


def _print_model_of(data: InvoiceData | CreditNoteData | QuoteData, status: str) -> Callable[..., PrintModel]:
    """Makes the model of what is not common to all documents."""
    common = {name: getattr(data, name) for name in _COMMON}
    return partial(
        PrintModel, status=status, seller=data.seller or Seller(name=""), buyer=data.contact, **common
    )


_COMMON = (
    "number",
    "currency",
    "lines",
    "subtotal_minor",
    "tax_minor",
    "total_minor",
    "tax_breakdown",
    "issue_date",
    "supply_date",
    "notes",
)
