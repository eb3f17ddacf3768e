"""How a draft is put together from what the caller gave and what the workspace has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.business.domain.business import Business
from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts.domain import Contact
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.lines.domain import conversion, supply, totals
from services.invoice.lines.domain import discount as discounts
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain.line import Line
from services.invoice.numbers import domain as numbering
from services.invoice.products.domain import Product
from services.invoice.quotes.domain import Quote
from shared.events.invoice import ContactOnInvoice
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.pricing import Arithmetic

Fields = Mapping[str, Any]
D = TypeVar("D", Invoice, Quote)


@dataclass(frozen=True, slots=True)
class DraftContext:
    """What drafts of one workspace are made from: its settings, and the contacts and products they name."""

    business: Business
    contacts: Mapping[UUID, Contact]
    products: Mapping[UUID, Product]

    def contact(self, contact_id: UUID) -> Contact:
        """The contact; raises Invalid or ContactArchived naming `contact_id`."""
        found = self.contacts.get(contact_id)
        if found is None:
            raise Invalid("There is no such contact in this workspace.", field="contact_id")
        contact_rules.require_active(found)
        return found


def draft_invoice(context: DraftContext, fields: Fields, lines: Sequence[Fields], now: datetime) -> Invoice:
    """A draft with its totals; raises Invalid naming the field, or ContactArchived."""
    given = dict(fields)
    contact = context.contact(given.pop("contact_id"))
    given["currency"] = given.get("currency") or context.business.currency
    money.exponent(given["currency"])
    if given.get("payment_terms_days") is None:
        given["payment_terms_days"] = context.business.payment_terms_days
    given = resolve(context, given)
    empty = new_draft(context.business, new_id(), contact_rules.to_document(contact), given, now)
    return price(empty, make_lines(context, lines, empty.currency))


def resolve(context: DraftContext, fields: Fields) -> dict[str, Any]:
    """Fields with contact, number and discount in the invoice's terms; raises Invalid."""
    given = dict(fields)
    if "currency" in given:
        money.exponent(given["currency"])
    if "contact_id" in given:
        given["contact"] = contact_rules.to_document(context.contact(given["contact_id"]))
    if "discount" in given:
        given["discount"] = discounts.from_fields(given["discount"])
    if "tax_conversion" in given:
        given["tax_conversion"] = conversion.from_fields(given["tax_conversion"])
    if "number" in given:
        if given["number"]:
            numbering.require_free(given["number"], context.business.number_formats)
        given["series"] = numbering.EXTERNAL if given["number"] else numbering.INVOICES
    return given


def draft_quote(context: DraftContext, fields: Fields, lines: Sequence[Fields], now: datetime) -> Quote:
    """A draft of a quote with its totals; raises Invalid naming the field, or ContactArchived."""
    given = dict(fields)
    contact = context.contact(given["contact_id"])
    given["currency"] = given.get("currency") or context.business.currency
    supply.require_period(given.get("supply_start"), given.get("supply_end"))
    blank = Quote(
        workspace_id=context.business.workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        seller=business_rules.to_seller(context.business),
        rounding=context.business.rounding,
        **(resolve(context, given) | {"contact": contact_rules.to_document(contact)}),
    )
    return price(blank, make_lines(context, lines, blank.currency))


def price(document: D, lines: Sequence[Line]) -> D:
    """The invoice or quote with these lines and their totals; raises Invalid naming the line."""
    line_rules.require_parents(lines)
    _require_fitting_discounts(lines, Arithmetic(document.currency, document.rounding))
    supply.require_within(document.supply_start, document.supply_end, lines)
    found = totals.compute(lines, document.currency, document.rounding, document.discount)
    return replace(
        document,
        lines=found.lines,
        subtotal_minor=found.subtotal_minor,
        tax_minor=found.tax_minor,
        total_minor=found.total_minor,
        tax_breakdown=found.tax_breakdown,
        **_convert_tax(document, found.tax_minor),
    )


def _convert_tax(document: Invoice | Quote, tax_minor: int) -> dict[str, Any]:
    # The rate is that of the day on which the tax falls due, which no offer knows.
    if isinstance(document, Quote):
        return {}
    found = conversion.convert(document.tax_conversion, document.currency, tax_minor, document.rounding)
    return {"tax_conversion": found}


def make_lines(context: DraftContext, lines: Sequence[Fields], currency: str) -> list[Line]:
    """Lines with their products' values where they give none; raises Invalid naming the line's field.

    A product's price is one in its own currency: without a price of its own a line takes no other's.
    """
    made: list[Line] = []
    for index, line in enumerate(lines):
        product_id = line.get("product_id")
        if product_id and product_id not in context.products:
            message = "There is no such product in this workspace."
            raise Invalid(message, field=f"lines.{index}.product_id")
        identity = line.get("id") or new_id()
        if any(other.id == identity for other in made):
            raise Invalid("Two lines have this id.", field=f"lines.{index}.id")
        product = context.products[product_id] if product_id else None
        if product and line.get("unit_price") is None:
            _require_sold_in(product, currency, f"lines.{index}.product_id")
        made.append(line_rules.new_line(identity, dict(line), product, f"lines.{index}"))
    return made


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


def _require_fitting_discounts(lines: Sequence[Line], arithmetic: Arithmetic) -> None:
    for index, line in enumerate(lines):
        off = (line.discount and line.discount.amount_minor) or 0
        if off and line_rules.amount_minor(line, arithmetic) < 0:
            message = "The discount is larger than what it is taken from."
            raise Invalid(message, field=f"lines.{index}.discount")


def new_draft(
    business: Business, invoice_id: UUID, contact: ContactOnInvoice, fields: Mapping[str, Any], now: datetime
) -> Invoice:
    """A draft without lines, by the business's settings; raises Invalid for dates out of order."""
    draft = Invoice(
        workspace_id=business.workspace_id,
        id=invoice_id,
        version=1,
        created_at=now,
        updated_at=now,
        contact_id=contact.id,
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
