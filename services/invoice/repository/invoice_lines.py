"""SQL of invoice lines."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.invoice.domain.invoice import Invoice
from services.invoice.domain.line import Line
from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO invoice_line (workspace_id, invoice_id, position, id, type, description, quantity, unit,
    unit_price, tax_rate, tax_category, tax_behavior, discount, product_id, net_minor, tax_minor, gross_minor)
SELECT $1, $2, line.* FROM unnest($3::int[], $4::uuid[], $5::text[], $6::text[], $7::numeric[], $8::text[],
    $9::numeric[], $10::numeric[], $11::text[], $12::text[], $13::jsonb[], $14::uuid[], $15::bigint[],
    $16::bigint[], $17::bigint[]) AS line
"""
_READ = """
SELECT invoice_id, id, type, description, quantity, unit, unit_price, tax_rate, tax_category, tax_behavior,
    discount, product_id, net_minor, tax_minor, gross_minor
FROM invoice_line
WHERE (workspace_id, invoice_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
ORDER BY invoice_id, position
"""


async def insert(tx: Connection, invoice: Invoice) -> None:
    """Store all lines of the invoice."""
    if not invoice.lines:
        return
    rows = [_values(position, line) for position, line in enumerate(invoice.lines)]
    columns = [list(column) for column in zip(*rows, strict=True)]
    await tx.execute(_INSERT, invoice.workspace_id, invoice.id, *columns)


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


def _values(position: int, line: Line) -> tuple[Any, ...]:
    return (
        position,
        line.id,
        line.type,
        line.description,
        line.quantity,
        line.unit,
        line.unit_price,
        line.tax_rate,
        line.tax_category,
        line.tax_behavior,
        _discount(line),
        line.product_id,
        line.net_minor,
        line.tax_minor,
        line.gross_minor,
    )


def _discount(line: Line) -> dict[str, Any] | None:
    if line.discount_percent is not None:
        return {"percent": str(line.discount_percent)}
    return None if line.discount_minor is None else {"amount_minor": line.discount_minor}


def _line(row: Any) -> Line:
    fields = dict(row)
    del fields["invoice_id"]
    discount = fields.pop("discount") or {}
    percent = discount.get("percent")
    return Line(
        **fields,
        discount_percent=None if percent is None else Decimal(percent),
        discount_minor=discount.get("amount_minor"),
    )
