"""SQL of invoice lines."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.invoice.domain import discount as discounts
from services.invoice.domain.invoice import Invoice
from services.invoice.domain.line import Line
from shared.postgres.pool import Connection

_TYPES = {
    "id": "uuid",
    "type": "text",
    "description": "text",
    "quantity": "numeric",
    "unit": "text",
    "unit_price": "numeric",
    "tax_rate": "numeric",
    "tax_category": "text",
    "tax_behavior": "text",
    "tax_exemption_reason": "text",
    "discount": "jsonb",
    "product_id": "uuid",
    "parent_line_id": "uuid",
    "classification_number": "text",
    "project": "text",
    "discount_share_minor": "bigint",
    "net_minor": "bigint",
    "tax_minor": "bigint",
    "gross_minor": "bigint",
}
_COLUMNS = ", ".join(_TYPES)
_ARRAYS = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(_TYPES.values(), start=4))
_INSERT = f"""
INSERT INTO invoice_line (workspace_id, invoice_id, position, {_COLUMNS})
SELECT line.* FROM unnest($1::uuid[], $2::uuid[], $3::int[], {_ARRAYS}) AS line
"""
_READ = f"""
SELECT invoice_id, {_COLUMNS} FROM invoice_line
WHERE (workspace_id, invoice_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
ORDER BY invoice_id, position
"""


async def insert(tx: Connection, *invoices: Invoice) -> None:
    """Store all lines of new invoices, in one statement."""
    rows = [
        (invoice.workspace_id, invoice.id, position, *_values(line))
        for invoice in invoices
        for position, line in enumerate(invoice.lines)
    ]
    if rows:
        await tx.execute(_INSERT, *(list(column) for column in zip(*rows, strict=True)))


async def replace(tx: Connection, invoice: Invoice) -> None:
    """Store all lines of the invoice in the place of those it had."""
    await tx.execute(
        "DELETE FROM invoice_line WHERE workspace_id = $1 AND invoice_id = $2",
        invoice.workspace_id,
        invoice.id,
    )
    await insert(tx, invoice)


async def of_invoices(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[Line]]:
    """The lines of these (workspace, invoice) ids, in order."""
    found: dict[UUID, list[Line]] = {}
    if not keys:
        return found
    rows = await tx.fetch(
        _READ, [workspace_id for workspace_id, _ in keys], [invoice_id for _, invoice_id in keys]
    )
    for row in rows:
        found.setdefault(row["invoice_id"], []).append(_line(row))
    return found


def _values(line: Line) -> list[Any]:
    special = {"discount": discounts.to_fields(line.discount)}
    return [special[name] if name in special else getattr(line, name) for name in _TYPES]


def _line(row: Any) -> Line:
    fields = dict(row)
    del fields["invoice_id"]
    fields["discount"] = discounts.from_fields(fields["discount"])
    return Line(**fields)
