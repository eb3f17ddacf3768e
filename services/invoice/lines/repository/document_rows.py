"""How invoices, quotes and credit notes become rows, and rows become them again, where they are alike."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from asyncpg import Record

from services.invoice.lines.domain import discount as discounts
from shared.events.credit_note import CreditedInvoice
from shared.events.invoice import ContactOnInvoice, Seller, TaxBreakdown, TaxConversion
from shared.kernel.pricing import Rounding

Fields: TypeAlias = dict[str, Any]
"""A document's values by their names, each of the type that its class says."""
_TO_COLUMN: Mapping[str, Callable[[Any], Any]] = {
    "contact": lambda document: document.contact.model_dump(mode="json"),
    "seller": lambda document: document.seller.model_dump(mode="json") if document.seller else None,
    "invoice": lambda document: document.invoice.model_dump(mode="json"),
    "tax_breakdown": lambda document: [group.model_dump(mode="json") for group in document.tax_breakdown],
    "tax_conversion": lambda document: (
        document.tax_conversion.model_dump(mode="json") if document.tax_conversion else None
    ),
    "discount": lambda document: discounts.to_fields(document.discount),
    "rounding_level": lambda document: document.rounding.level,
    "rounding_mode": lambda document: document.rounding.mode,
}
_FROM_COLUMN: Mapping[str, Callable[[Any], Any]] = {
    "contact": lambda value: ContactOnInvoice(**value),
    "seller": lambda value: Seller(**value) if value else None,
    "invoice": lambda value: CreditedInvoice(**value),
    "tax_breakdown": lambda value: tuple(TaxBreakdown(**group) for group in value),
    "tax_conversion": lambda value: TaxConversion(**value) if value else None,
    "discount": discounts.from_fields,
}


def to_columns(document: object, names: Iterable[str]) -> dict[str, object]:
    """The document's values for these columns; what is not a plain value becomes JSON."""
    return {
        name: _TO_COLUMN[name](document) if name in _TO_COLUMN else getattr(document, name) for name in names
    }


def to_fields(row: Record) -> Fields:
    """A row's values by the document's field names, all but its lines and its status."""
    fields = {
        name: _FROM_COLUMN[name](value) if name in _FROM_COLUMN else value for name, value in row.items()
    }
    return fields | {"rounding": Rounding(fields.pop("rounding_level"), fields.pop("rounding_mode"))}
