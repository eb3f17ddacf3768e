"""How invoices and quotes become rows, and rows become them again, where both are alike."""

from collections.abc import Iterable
from typing import Any, Protocol

from services.invoice.domain import discount as discounts
from services.invoice.domain.discount import Discount
from services.invoice.domain.parties import ContactOnInvoice, Seller, TaxBreakdown
from services.invoice.domain.tax import Rounding


class Document(Protocol):
    """What invoices and quotes have alike."""

    @property
    def contact(self) -> ContactOnInvoice: ...
    @property
    def seller(self) -> Seller | None: ...
    @property
    def tax_breakdown(self) -> tuple[TaxBreakdown, ...]: ...
    @property
    def discount(self) -> Discount | None: ...
    @property
    def rounding(self) -> Rounding: ...


def values(document: Document, names: Iterable[str]) -> list[Any]:
    """The document's values for these columns; what is not a plain value becomes JSON."""
    special = {
        "contact": document.contact.model_dump(mode="json"),
        "seller": document.seller.model_dump(mode="json") if document.seller else None,
        "tax_breakdown": [group.model_dump(mode="json") for group in document.tax_breakdown],
        "discount": discounts.to_fields(document.discount),
        "rounding_level": document.rounding.level,
        "rounding_mode": document.rounding.mode,
    }
    return [special[name] if name in special else getattr(document, name) for name in names]


def fields(row: Any) -> dict[str, Any]:
    """A row's values by the document's field names, all but its lines and its status."""
    found = dict(row)
    found["contact"] = ContactOnInvoice(**found["contact"])
    found["seller"] = Seller(**found["seller"]) if found["seller"] else None
    found["tax_breakdown"] = tuple(TaxBreakdown(**group) for group in found["tax_breakdown"])
    found["discount"] = discounts.from_fields(found["discount"])
    found["rounding"] = Rounding(found.pop("rounding_level"), found.pop("rounding_mode"))
    return found
