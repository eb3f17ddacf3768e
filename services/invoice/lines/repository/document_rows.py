"""How invoices, quotes and credit notes become rows, and rows become them again, where they are alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.invoice.common.domain.parties import (
    ContactOnInvoice,
    CreditedInvoice,
    Seller,
    TaxBreakdown,
    TaxConversion,
)
from services.invoice.common.repository.patterns import END
from services.invoice.lines.domain import discount as discounts
from shared.kernel.pricing import Rounding
from shared.postgres.pool import Connection

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


def values(document: Any, names: Iterable[str]) -> list[Any]:
    """The document's values for these columns; what is not a plain value becomes JSON."""
    return [_TO_COLUMN[name](document) if name in _TO_COLUMN else getattr(document, name) for name in names]


def fields(row: Any) -> dict[str, Any]:
    """A row's values by the document's field names, all but its lines and its status."""
    found = {
        name: _FROM_COLUMN[name](value) if name in _FROM_COLUMN else value for name, value in row.items()
    }
    return found | {"rounding": Rounding(found.pop("rounding_level"), found.pop("rounding_mode"))}


async def page(
    tx: Connection,
    table: str,
    columns: str,
    condition: str,
    workspace_id: UUID,
    given: Sequence[Any],
    part: Mapping[str, Any],
) -> list[Any]:
    """Rows of the workspace that the condition on `given` ($2 …) finds, newest first; `part` is the slice."""
    after = len(given) + 2
    rows: list[Any] = await tx.fetch(
        f"""SELECT workspace_id, {columns} FROM {table} WHERE {condition}
        AND id < coalesce(${after}::uuid, '{END}'::uuid)
        ORDER BY id DESC LIMIT ${after + 1} OFFSET ${after + 2}""",
        workspace_id,
        *given,
        part["after"],
        part["limit"],
        part["offset"],
    )
    return rows


async def count(tx: Connection, table: str, condition: str, workspace_id: UUID, given: Sequence[Any]) -> int:
    """How many rows the same condition finds."""
    found: int = await tx.fetchval(f"SELECT count(*) FROM {table} WHERE {condition}", workspace_id, *given)
    return found
