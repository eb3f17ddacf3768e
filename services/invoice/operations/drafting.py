"""How drafts are put together: contact, business settings, products and totals."""

from typing import Any
from uuid import UUID

from services.invoice.domain import business as business_rules
from services.invoice.domain import contact as contact_rules
from services.invoice.domain import discount as discounts
from services.invoice.domain import invoice as invoice_rules
from services.invoice.domain import line as line_rules
from services.invoice.domain import numbering, totals
from services.invoice.domain.business import Business
from services.invoice.domain.contact import Contact
from services.invoice.domain.invoice import Invoice
from services.invoice.domain.line import Line
from services.invoice.repository import business as businesses
from services.invoice.repository import contacts, products
from shared.kernel import money
from shared.kernel.clock import Clock
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.postgres.pool import Connection


async def business_of(tx: Connection, workspace_id: UUID, clock: Clock, currency: str = "EUR") -> Business:
    """The workspace's settings; the defaults where it has said nothing yet."""
    found = await businesses.get(tx, workspace_id)
    return found or business_rules.start(workspace_id, currency, clock.now())


async def draft(
    tx: Connection, workspace_id: UUID, fields: dict[str, Any], lines: list[dict[str, Any]], clock: Clock
) -> Invoice:
    """A draft with its totals, not stored; raises Invalid naming the field, or ContactArchived."""
    business = await business_of(tx, workspace_id, clock, fields.pop("default_currency", "EUR"))
    contact = await contact_of(tx, workspace_id, fields.pop("contact_id"))
    given = dict(fields)
    given["currency"] = given.get("currency") or business.currency
    money.exponent(given["currency"])
    if given.get("payment_terms_days") is None:
        given["payment_terms_days"] = business.payment_terms_days
    given = _with_number_and_discount(given, business)
    blank = invoice_rules.blank(business, new_id(), contact_rules.on_document(contact), given, clock.now())
    return priced(blank, await lines_of(tx, workspace_id, lines))


async def resolved(tx: Connection, invoice: Invoice, fields: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """The changes of an invoice with contact, number and discount looked up; raises Invalid."""
    given = dict(fields)
    if "currency" in given:
        money.exponent(given["currency"])
    if "contact_id" in given:
        contact = await contact_of(tx, invoice.workspace_id, given["contact_id"])
        given["contact"] = contact_rules.on_document(contact)
    if "number" in given or "discount" in given:
        given = _with_number_and_discount(given, await business_of(tx, invoice.workspace_id, clock))
    return given


def priced(invoice: Invoice, lines: list[Line] | tuple[Line, ...]) -> Invoice:
    """The invoice with these lines and their totals."""
    line_rules.require_parents(lines)
    found = totals.compute(lines, invoice.currency, invoice.rounding, invoice.discount)
    return invoice_rules.with_totals(invoice, found)


async def lines_of(tx: Connection, workspace_id: UUID, lines: list[dict[str, Any]]) -> list[Line]:
    """Lines with their products' values where they give none; raises Invalid naming the line's field."""
    wanted = [line["product_id"] for line in lines if line.get("product_id")]
    found = await products.get_many(tx, workspace_id, wanted)
    made: list[Line] = []
    for index, line in enumerate(lines):
        product_id = line.get("product_id")
        if product_id and product_id not in found:
            message = "There is no such product in this workspace."
            raise Invalid(message, field=f"lines.{index}.product_id")
        identity = line.get("id") or new_id()
        if any(other.id == identity for other in made):
            raise Invalid("Two lines have this id.", field=f"lines.{index}.id")
        made.append(line_rules.make(identity, line, found.get(product_id), f"lines.{index}"))
    return made


async def contact_of(tx: Connection, workspace_id: UUID, contact_id: UUID) -> Contact:
    """The contact that a document names; raises Invalid or ContactArchived naming `contact_id`."""
    try:
        contact = await contacts.get(tx, workspace_id, contact_id)
    except NotFound as error:
        raise Invalid("There is no such contact in this workspace.", field="contact_id") from error
    contact_rules.require_active(contact)
    return contact


def _with_number_and_discount(given: dict[str, Any], business: Business) -> dict[str, Any]:
    if "discount" in given:
        given["discount"] = discounts.from_fields(given["discount"])
    if "number" in given:
        if given["number"]:
            numbering.require_free(given["number"], business.number_formats)
        given["series"] = numbering.EXTERNAL if given["number"] else "invoices"
    return given
