"""Credit notes: documents that take back part or all of an issued invoice. They never change."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.invoice.credit_notes.domain.crediting import (
    Before,
    LineCredit,
    LineCreditRequest,
    tax_credited,
)
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.lines.domain import conversion, totals
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import Line
from shared.events.credit_note import CreditedInvoice, CreditNoteData, CreditNoteLineData
from shared.events.invoice import ContactOnInvoice, Seller, TaxBreakdown, TaxConversion
from shared.kernel import money
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.pricing import Arithmetic, Rounding


class InvoiceNotCreditable(Conflict):
    """Only an issued invoice that is not void can be credited."""

    code = "invoice_not_creditable"


class NothingToCredit(Conflict):
    """The credit note would take nothing back: all of it is credited."""

    code = "nothing_to_credit"


class CreditExceedsInvoice(Conflict):
    """More would be credited than the invoice's total."""

    code = "credit_exceeds_invoice"


class CreditNoteExternalIdTaken(Conflict):
    """Another credit note of the workspace has this external_id."""

    code = "credit_note_external_id_taken"


@dataclass(frozen=True, slots=True)
class CreditNoteLine(Line):
    """What is taken back of one row of the invoice."""

    invoice_line_id: UUID = field(kw_only=True)
    credited_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note of one workspace; minor units of `currency`, positive where money comes back."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    invoice_id: UUID
    invoice: CreditedInvoice
    contact_id: UUID
    contact: ContactOnInvoice
    seller: Seller | None
    currency: str
    number: str
    issue_date: date
    rounding: Rounding
    lines: tuple[CreditNoteLine, ...]
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    tax_breakdown: tuple[TaxBreakdown, ...]
    reason: str | None = None
    supply_date: date | None = None
    supply_start: date | None = None
    supply_end: date | None = None
    tax_conversion: TaxConversion | None = None
    refund_minor: int = 0
    out_of_band_minor: int = 0
    notes: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def require_creditable(invoice: Invoice) -> None:
    """Raise InvoiceNotCreditable for a draft or a void invoice."""
    if invoice.status in (Status.DRAFT, Status.VOID):
        raise InvoiceNotCreditable(field="status", status_now=invoice.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """What a credit note is to say; without lines all of the invoice that is not credited yet.

    Of what is paid already, `refund_minor` goes back to the payer and `out_of_band_minor` was given back
    elsewhere; the credit balance gets the rest.
    """

    issue_date: date
    lines: Sequence[LineCreditRequest] | None = None
    reason: str | None = None
    notes: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    refund_minor: int = 0
    out_of_band_minor: int = 0


def draft(
    invoice: Invoice, credits: Sequence[LineCredit], before: Before, request: CreditRequest, now: datetime
) -> CreditNote:
    """The note on the locked invoice, of which `before` is credited already; all but its number.

    Raises NothingToCredit, CreditExceedsInvoice, or Invalid naming the line, date or amount that is wrong.
    """
    lines = _lines(credits, invoice.currency, invoice.rounding)
    total = sum(line.gross_minor for line in lines)
    _require_total(invoice, lines, total)
    _require_given_back_within(request, total - min(total, invoice.amount_due_minor))
    if invoice.issue_date and request.issue_date < invoice.issue_date:
        raise Invalid("The credit note would be older than its invoice.", field="issue_date")
    tax_minor = sum(line.tax_minor for line in lines)
    return CreditNote(
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        workspace_id=invoice.workspace_id,
        invoice_id=invoice.id,
        invoice=_credited_invoice(invoice, total),
        contact_id=invoice.contact_id,
        contact=invoice.contact,
        seller=invoice.seller,
        currency=invoice.currency,
        number="",
        issue_date=request.issue_date,
        rounding=invoice.rounding,
        lines=lines,
        subtotal_minor=total - tax_minor,
        tax_minor=tax_minor,
        total_minor=total,
        tax_breakdown=totals.break_down(lines),
        reason=request.reason,
        supply_date=invoice.supply_date,
        supply_start=invoice.supply_start,
        supply_end=invoice.supply_end,
        tax_conversion=conversion.convert_part(
            invoice.tax_conversion, invoice.currency, tax_credited(before), tax_minor, invoice.rounding
        ),
        refund_minor=request.refund_minor,
        out_of_band_minor=request.out_of_band_minor,
        notes=request.notes,
        external_id=request.external_id,
        metadata=request.metadata,
    )


def issue(note: CreditNote, number: str) -> CreditNote:
    """The note with its number."""
    return replace(note, number=number)


def to_snapshot(note: CreditNote) -> CreditNoteData:
    """The credit note as the public API and events show it."""
    names = set(CreditNoteData.model_fields) - {"lines", "tax_breakdown"}
    return CreditNoteData(
        lines=[line_rules.to_data(line, CreditNoteLineData) for line in note.lines],
        tax_breakdown=list(note.tax_breakdown),
        **{name: getattr(note, name) for name in names},
    )


def _lines(credits: Sequence[LineCredit], currency: str, rounding: Rounding) -> tuple[CreditNoteLine, ...]:
    new_ids = {credit.line.id: new_id() for credit in credits}
    lines = []
    for credit in credits:
        line = _line(credit, new_ids[credit.line.id], currency, rounding)
        parent = new_ids.get(line.parent_line_id) if line.parent_line_id else None
        lines.append(replace(line, parent_line_id=parent))
    return tuple(lines)


def _line(credit: LineCredit, line_id: UUID, currency: str, rounding: Rounding) -> CreditNoteLine:
    """A row that adds up by itself: quantity × unit price − discount is what it takes back."""
    values = {name: getattr(credit.line, name) for name in Line.__dataclass_fields__}
    own = {"id": line_id, "discount": None, "discount_share_minor": 0}
    line = CreditNoteLine(**values | own, invoice_line_id=credit.line.id, credited_quantity=credit.quantity)
    if credit.quantity is None:
        price = money.to_major(credit.amount_minor, currency)
        line = replace(line, quantity=Decimal(1), unit=None, unit_price=price)
    else:
        line = replace(line, quantity=credit.quantity)
        if credit.line.discount or credit.line.discount_share_minor:
            off = line_rules.amount_minor(line, Arithmetic(currency, rounding)) - credit.amount_minor
            line = replace(line, discount=Discount(amount_minor=off))
    return totals.apply_taxes(line, credit.amount_minor, credit.taxes_minor)


def _require_total(invoice: Invoice, lines: Sequence[CreditNoteLine], total: int) -> None:
    if not any(line.gross_minor for line in lines):
        raise NothingToCredit(field="lines")
    if total < 0:
        raise Invalid("A credit note's total cannot be negative.", field="lines")
    remaining = invoice.total_minor - invoice.amount_credited_minor
    if total > remaining:
        message = f"Only {remaining} of the invoice remains to be credited."
        raise CreditExceedsInvoice(message, field="lines", remaining_minor=remaining)


def _require_given_back_within(request: CreditRequest, paid_minor: int) -> None:
    """Raise Invalid where more is to be given back than the note takes off what was paid already."""
    message = f"The credit note takes back {paid_minor} that was paid; no more can be given back."
    if request.refund_minor > paid_minor:
        raise Invalid(message, field="refund_minor")
    if request.out_of_band_minor > paid_minor - request.refund_minor:
        raise Invalid(message, field="out_of_band_minor")


def _credited_invoice(invoice: Invoice, total: int) -> CreditedInvoice:
    assert invoice.number is not None
    assert invoice.issue_date is not None
    return CreditedInvoice(
        id=invoice.id,
        version=invoice.version + 1,
        number=invoice.number,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        total_minor=invoice.total_minor,
        amount_credited_minor=invoice.amount_credited_minor + total,
    )
