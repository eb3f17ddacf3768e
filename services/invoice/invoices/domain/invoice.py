"""Invoices: from draft through open to paid or void; being late or paid in part is no state of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.invoice.common.domain import public_link
from services.invoice.lines.domain import supply
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import Line
from services.invoice.numbers import domain as numbering
from shared.events.invoice import CollectionMethod, ContactOnInvoice, Seller, TaxBreakdown, TaxConversion
from shared.kernel.errors import Conflict, Invalid, Unavailable
from shared.kernel.moves import require_move
from shared.kernel.pricing import Rounding
from shared.kernel.unset import UNSET, Unset, chosen, given

BillingReason = Literal["cycle", "change"]


class Status(StrEnum):
    """Where an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.OPEN, Status.PAID}),
    Status.OPEN: frozenset({Status.PAID, Status.VOID, Status.UNCOLLECTIBLE}),
    Status.PAID: frozenset({Status.OPEN, Status.UNCOLLECTIBLE}),
    Status.VOID: frozenset(),
    Status.UNCOLLECTIBLE: frozenset({Status.OPEN, Status.PAID, Status.VOID}),
}


class InvoiceIsIssued(Conflict):
    """An issued invoice does not change: void or credit it."""

    code = "invoice_is_issued"


class InvoiceHasPayments(Conflict):
    """Money has been paid on this invoice: credit it instead of voiding it."""

    code = "invoice_has_payments"


class InvoiceHasNoLines(Invalid):
    """An invoice needs at least one item before it is issued."""

    code = "invoice_has_no_lines"


class InvoiceExternalIdTaken(Conflict):
    """Another invoice of the workspace has this external_id."""

    code = "invoice_external_id_taken"


class SellerMissing(Conflict):
    """The business has no name yet: an invoice says who sells (directive 2006/112/EC, art. 226(5))."""

    code = "seller_missing"


class BilledMeanwhile(Unavailable):
    """Another transaction billed this while ours did: done again, ours will see it."""

    code = "billed_meanwhile"


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice of one workspace, at one version; amounts in minor units of `currency`."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    contact_id: UUID
    contact: ContactOnInvoice
    seller: Seller | None
    currency: str
    rounding: Rounding
    lines: tuple[Line, ...]
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    tax_breakdown: tuple[TaxBreakdown, ...]
    payment_terms_days: int
    collection_method: CollectionMethod
    discount: Discount | None = None
    status: Status = Status.DRAFT
    series: str = numbering.INVOICES
    number: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    supply_date: date | None = None
    supply_start: date | None = None
    supply_end: date | None = None
    tax_conversion: TaxConversion | None = None
    amount_paid_minor: int = 0
    amount_credited_minor: int = 0
    receivable_version: int = 0
    notes: str | None = None
    reference: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    issued_at: datetime | None = None
    paid_at: datetime | None = None
    voided_at: datetime | None = None
    written_off_at: datetime | None = None
    overdue_at: datetime | None = None
    quote_id: UUID | None = None
    subscription_id: UUID | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    billing_reason: BillingReason | None = None
    subscription_version: int | None = None
    payment_method_id: UUID | None = None
    reminder_level: int = 0
    reminded_at: datetime | None = None
    reminders_paused: bool | None = None
    public_token: str | None = None
    amount_written_off_minor: int = 0
    write_off_reason: str | None = None
    write_off_target_minor: int = 0
    write_off_version: int = 0
    edition: int = 1
    edited_at: datetime | None = None
    pay_url: str | None = None
    settled_at_issue_minor: int | None = None

    @property
    def public_url(self) -> str | None:
        """Where whoever has its link can see it; None while it is a draft."""
        return public_link.url_of(self.public_token)

    @property
    def amount_due_minor(self) -> int:
        """What remains to be paid; 0 of a void invoice, and while more is paid and credited than asked."""
        if self.status is Status.VOID:
            return 0
        return max(0, self.total_minor - self.amount_paid_minor - self.amount_credited_minor)

    @property
    def amount_expected_minor(self) -> int:
        """What of it is still expected: what is due and not written off."""
        return self.amount_due_minor - self.amount_written_off_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceEdit:
    """What is said of a new invoice besides its lines, or changed of one.

    None for a currency or terms is the business's; `number` is one that the caller chose.
    """

    contact_id: UUID | Unset = UNSET
    currency: str | Unset | None = UNSET
    payment_terms_days: int | Unset | None = UNSET
    collection_method: CollectionMethod | Unset = UNSET
    payment_method_id: UUID | Unset | None = UNSET
    number: str | Unset | None = UNSET
    issue_date: date | Unset | None = UNSET
    due_date: date | Unset | None = UNSET
    supply_date: date | Unset | None = UNSET
    supply_start: date | Unset | None = UNSET
    supply_end: date | Unset | None = UNSET
    tax_conversion: TaxConversion | Unset | None = UNSET
    notes: str | Unset | None = UNSET
    reference: str | Unset | None = UNSET
    external_id: str | Unset | None = UNSET
    discount: Discount | Unset | None = UNSET
    metadata: dict[str, str] | Unset = UNSET


_EDITABLE_ONCE_ISSUED = {"due_date", "notes", "reference", "metadata"}


def edit(
    invoice: Invoice, changes: InvoiceEdit, now: datetime, contact: ContactOnInvoice | None = None
) -> Invoice:
    """The invoice with these fields changed: all of a draft's, few of an issued one's.

    `contact` is what stands on it of the contact that the changes name. Raises InvoiceIsIssued naming the
    field that is fixed, Invalid for a due date before the issue date.
    """
    fields = given(changes)
    if invoice.status is not Status.DRAFT:
        fixed = sorted(fields.keys() - _EDITABLE_ONCE_ISSUED)
        if fixed:
            raise InvoiceIsIssued(field=fixed[0])
    if contact:
        fields["contact"] = contact
    if chosen(changes.contact_id, invoice.contact_id) != invoice.contact_id:
        # The method is the other contact's: this one's default is collected from unless another is named.
        fields.setdefault("payment_method_id", None)
    if "number" in fields:
        fields["series"] = numbering.EXTERNAL if fields["number"] else numbering.INVOICES
    changed = replace(invoice, **fields, version=invoice.version + 1, updated_at=now)
    require_dates_in_order(changed)
    # A later due date is another date to pass: its passing will be told again.
    return replace(changed, overdue_at=None) if changed.due_date != invoice.due_date else changed


def touch(invoice: Invoice, now: datetime) -> Invoice:
    """The draft's next version, whose lines change or which is deleted; raises InvoiceIsIssued."""
    if invoice.status is not Status.DRAFT:
        raise InvoiceIsIssued(field="status", status_now=invoice.status)
    return replace(invoice, version=invoice.version + 1, updated_at=now)


def require_dates_in_order(invoice: Invoice) -> None:
    """Raise Invalid when the invoice is due before it is issued, or its period of supply has one end only."""
    if invoice.issue_date and invoice.due_date and invoice.due_date < invoice.issue_date:
        raise Invalid("The due date lies before the issue date.", field="due_date")
    supply.require_period(invoice.supply_start, invoice.supply_end)


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


def set_dates(invoice: Invoice, today: date) -> Invoice:
    """The invoice with its issue and due dates set where they were left open."""
    issue_date = invoice.issue_date or today
    due_date = invoice.due_date or issue_date + timedelta(days=invoice.payment_terms_days)
    dated = replace(invoice, issue_date=issue_date, due_date=due_date)
    require_dates_in_order(dated)
    return dated


def issue(
    invoice: Invoice, contact: ContactOnInvoice, seller: Seller | None, number: str, now: datetime
) -> Invoice:
    """Fix number, contact, seller, supply: then it is paid (one of nothing at once), voided or credited."""
    is_settled = invoice.total_minor == 0
    token = public_link.new_token(invoice.workspace_id, invoice.id)
    supplied = supply.supply_at_issue(invoice, seller, contact)
    return replace(
        invoice,
        supply_date=supplied.on,
        supply_start=supplied.start,
        supply_end=supplied.end,
        contact=contact,
        seller=seller,
        number=number,
        status=Status.PAID if is_settled else Status.OPEN,
        issued_at=now,
        paid_at=now if is_settled else None,
        public_token=token,
        pay_url=public_link.url_of(token),
        version=invoice.version + 1,
        updated_at=now,
    )


def void(invoice: Invoice, now: datetime) -> Invoice:
    """Cancel an issued invoice on which nothing was paid; it keeps its number.

    Raises InvoiceHasPayments or IllegalMove.
    """
    require_move(MOVES, invoice.status, Status.VOID)
    if invoice.amount_paid_minor or invoice.amount_credited_minor:
        raise InvoiceHasPayments(field="status")
    return replace(
        invoice,
        status=Status.VOID,
        voided_at=now,
        amount_written_off_minor=0,
        version=invoice.version + 1,
        updated_at=now,
    )


def mark_overdue(invoice: Invoice, now: datetime) -> Invoice:
    """Remember that the due date's passing was told."""
    return replace(invoice, overdue_at=now, version=invoice.version + 1, updated_at=now)


def at_version(invoice: Invoice, version: int) -> Invoice:
    """The invoice as part of a change that already has this version: one request makes one version."""
    return replace(invoice, version=version)
