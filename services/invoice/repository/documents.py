"""How invoices, quotes and credit notes become rows, and rows become them again, where they are alike."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.invoice.domain import discount as discounts
from services.invoice.domain.parties import ContactOnInvoice, CreditedInvoice, Seller, TaxBreakdown
from services.invoice.domain.tax import Rounding

_TO_COLUMN: Mapping[str, Callable[[Any], Any]] = {
    "contact": lambda document: document.contact.model_dump(mode="json"),
    "seller": lambda document: document.seller.model_dump(mode="json") if document.seller else None,
    "invoice": lambda document: document.invoice.model_dump(mode="json"),
    "tax_breakdown": lambda document: [group.model_dump(mode="json") for group in document.tax_breakdown],
    "discount": lambda document: discounts.to_fields(document.discount),
    "rounding_level": lambda document: document.rounding.level,
    "rounding_mode": lambda document: document.rounding.mode,
}
_FROM_COLUMN: Mapping[str, Callable[[Any], Any]] = {
    "contact": lambda value: ContactOnInvoice(**value),
    "seller": lambda value: Seller(**value) if value else None,
    "invoice": lambda value: CreditedInvoice(**value),
    "tax_breakdown": lambda value: tuple(TaxBreakdown(**group) for group in value),
    "discount": discounts.from_fields,
}


def values(document: Any, names: Iterable[str]) -> list[Any]:
    """The document's values for these columns; what is not a plain value becomes JSON."""
    return [_TO_COLUMN[name](document) if name in _TO_COLUMN else getattr(document, name) for name in names]


def fields(row: Any) -> dict[str, Any]:
    """A row's values by the document's field names, all but its lines and its status."""
    found = {
        name: _FROM_COLUMN[name](value) if name in _FROM_COLUMN else value for name, value in row.items()
    }
    return found | {"rounding": Rounding(found.pop("rounding_level"), found.pop("rounding_mode"))}
