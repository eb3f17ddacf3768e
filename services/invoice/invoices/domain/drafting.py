"""How a draft is put together from what the caller gave and what the workspace has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts.domain import Contact
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice, InvoiceEdit
from services.invoice.lines.domain import conversion, totals
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain.line import Line, LineEdit
from services.invoice.lines.domain.totals import PricedDocument
from services.invoice.numbers import domain as numbering
from services.invoice.products import domain as product_rules
from services.invoice.products.domain import Product
from shared.events.invoice import ContactOnInvoice
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.unset import UNSET, Unset, given


@dataclass(frozen=True, slots=True)
class InvoiceRequest:
    """An invoice to create, with its lines; issued at once where `is_open`."""

    details: InvoiceEdit
    lines: Sequence[LineEdit] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class DraftContext:
    """What drafts of one workspace are made from: its settings, and the contacts and products they name."""

    business: Business
    contacts: Mapping[UUID, Contact]
    products: Mapping[UUID, Product]

    def contact(self, contact_id: UUID) -> Contact:
        """The contact; raises Invalid or ContactArchived naming `contact_id`."""
        contact = self.contacts.get(contact_id)
        if contact is None:
            raise Invalid("There is no such contact in this workspace.", field="contact_id")
        contact_rules.require_active(contact)
        return contact


def draft_invoice(context: DraftContext, request: InvoiceRequest, now: datetime) -> Invoice:
    """A draft with its totals; raises Invalid or UnknownCurrency naming the field, or ContactArchived."""
    details = request.details
    assert not isinstance(details.contact_id, Unset)
    contact = context.contact(details.contact_id)
    money.exponent(details.currency or context.business.currency)
    _require_valid(context, details)
    draft = new_draft(context.business, contact_rules.to_document(contact), details, now)
    return price(draft, make_lines(context, request.lines, draft.currency))


def edit_invoice(context: DraftContext, invoice: Invoice, changes: InvoiceEdit, now: datetime) -> Invoice:
    """The invoice with these fields changed, its lines not priced again.

    Raises UnknownCurrency, Invalid naming the field, ContactArchived or InvoiceIsIssued.
    """
    contact = name_contact(context, changes.currency, changes.contact_id)
    _require_valid(context, changes)
    return invoice_rules.edit(invoice, changes, now, contact)


def name_contact(
    context: DraftContext, currency: str | Unset | None, contact_id: UUID | Unset
) -> ContactOnInvoice | None:
    """What stands on the document of the contact that changes name, if they do.

    Raises UnknownCurrency for their currency, Invalid or ContactArchived.
    """
    if currency:
        money.exponent(currency)
    return None if isinstance(contact_id, Unset) else contact_rules.to_document(context.contact(contact_id))


def new_draft(business: Business, contact: ContactOnInvoice, details: InvoiceEdit, now: datetime) -> Invoice:
    """A draft without lines, by the business's settings; raises Invalid for dates out of order."""
    fields = given(details) | {
        "contact_id": contact.id,
        "currency": details.currency or business.currency,
        "payment_terms_days": (
            details.payment_terms_days
            if isinstance(details.payment_terms_days, int)
            else business.payment_terms_days
        ),
        "collection_method": details.collection_method or "send_invoice",
        "series": numbering.EXTERNAL if details.number else numbering.INVOICES,
    }
    draft = Invoice(
        workspace_id=business.workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        contact=contact,
        seller=business_rules.to_seller(business),
        rounding=business.rounding,
        lines=(),
        subtotal_minor=0,
        tax_minor=0,
        total_minor=0,
        tax_breakdown=(),
        **fields,
    )
    invoice_rules.require_dates_in_order(draft)
    return draft


def price(invoice: Invoice, lines: Sequence[Line]) -> Invoice:
    """The invoice with these lines and their totals; raises Invalid naming the line."""
    priced = totals.price_lines(invoice, lines)
    return replace(
        invoice,
        lines=priced.lines,
        subtotal_minor=priced.subtotal_minor,
        tax_minor=priced.tax_minor,
        total_minor=priced.total_minor,
        tax_breakdown=priced.tax_breakdown,
        tax_conversion=conversion.convert(
            invoice.tax_conversion, invoice.currency, priced.tax_minor, invoice.rounding
        ),
    )


def choose_lines(
    context: DraftContext, lines: Sequence[LineEdit] | None, before: PricedDocument, currency: str
) -> Sequence[Line]:
    """The lines of a changed document in this currency: those that are given, else those that it had.

    Raises Invalid where lines that stay have a product's price, which is in another currency.
    """
    if lines is not None:
        return make_lines(context, lines, currency)
    if currency != before.currency:
        require_prices_in(context, before.lines, currency)
    return before.lines


def make_lines(context: DraftContext, lines: Sequence[LineEdit], currency: str) -> list[Line]:
    """Lines with their products' values where they give none; raises Invalid naming the line's field.

    A product's price is one in its own currency: without a price of its own a line takes no other's.
    """
    by_id: dict[UUID, Line] = {}
    for index, line in enumerate(lines):
        product = context.products.get(line.product_id) if line.product_id else None
        if line.product_id and product is None:
            message = "There is no such product in this workspace."
            raise Invalid(message, field=f"lines.{index}.product_id")
        line_id = line.id or new_id()
        if line_id in by_id:
            raise Invalid("Two lines have this id.", field=f"lines.{index}.id")
        if product and not isinstance(line.unit_price, Decimal):
            _require_sold_in(product, currency, f"lines.{index}.product_id")
        defaults = product_rules.to_line_defaults(product) if product else None
        by_id[line_id] = line_rules.new_line(line_id, line, defaults, f"lines.{index}")
    return list(by_id.values())


def require_prices_in(context: DraftContext, lines: Sequence[Line], currency: str) -> None:
    """Raise Invalid where lines that stay have their products' prices, which are in another currency."""
    for line in lines:
        product = context.products.get(line.product_id) if line.product_id else None
        if product and product.unit_price == line.unit_price:
            _require_sold_in(product, currency, "currency")


def _require_sold_in(product: Product, currency: str, field: str) -> None:
    if product.currency != currency:
        message = f"The product is sold in {product.currency}, the document is in {currency}: give a price."
        raise Invalid(message, field=field)


def _require_valid(context: DraftContext, details: InvoiceEdit) -> None:
    if details.tax_conversion not in (None, UNSET):
        assert not isinstance(details.tax_conversion, Unset)
        assert details.tax_conversion is not None
        conversion.require_currency(details.tax_conversion)
    if details.number:
        numbering.require_free(details.number, context.business.number_formats)
