"""Rows of invoices and quotes: items with one of two prices, and texts."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.gateway.dialects.common.dialect import Body
from services.gateway.dialects.common.fields import (
    Number,
    Uuid,
    major,
    number,
    renamed,
    text_of,
    without_none,
)
from services.gateway.dialects.paydock.products import our_price, prices

_NAMES = {"issue_date": "invoice_date", "notes": "note", "tax_rate": "tax_percentage", "type": "is_text_line"}


class NewLine(Body):
    """A row: an item with one of the two prices (or its product's), or a text."""

    description: str | None = None
    quantity: Number | None = None
    unit: str | None = None
    unit_price_incl: Number | None = None
    unit_price: Number | None = None
    tax_percentage: Number | None = None
    product_id: UUID | None = None
    is_text_line: bool = False


class Line(BaseModel):
    """A row; a text row has no amounts."""

    id: Uuid
    description: str
    quantity: Number | None
    unit: str | None
    unit_price_incl: Number | None
    unit_price: Number | None
    tax_percentage: Number | None
    product_id: Uuid | None
    is_text_line: bool
    subtotal: Number
    tax_amount: Number
    total: Number


def ours_of(line: NewLine, index: int) -> dict[str, Any]:
    """Our row for theirs; raises Invalid where it has both prices, naming it by its index."""
    if line.is_text_line:
        return {"type": "text", "description": line.description}
    return without_none(
        {
            "type": "item",
            "description": line.description,
            "quantity": text_of(line.quantity),
            "unit": line.unit,
            "tax_rate": text_of(line.tax_percentage),
            "product_id": str(line.product_id) if line.product_id else None,
            **our_price(line.unit_price_incl, line.unit_price, f"lines.{index}.unit_price"),
        }
    )


def line_of(ours: Mapping[str, Any], currency: str) -> Line:
    """Their row."""
    same = ("id", "description", "unit", "product_id")
    return Line(
        **{name: ours[name] for name in same},
        **prices(ours["unit_price"], ours["tax_behavior"], currency),
        quantity=number(ours["quantity"]),
        tax_percentage=number(ours["tax_rate"]),
        is_text_line=ours["type"] == "text",
        subtotal=major(ours["net_minor"], currency),
        tax_amount=major(ours["tax_minor"], currency),
        total=major(ours["gross_minor"], currency),
    )


def pointers(lines: Sequence[NewLine] = ()) -> Callable[[str], str]:
    """How a pointer into our invoice with these rows is called in theirs."""

    def rename(pointer: str) -> str:
        row = re.fullmatch(r"/lines/(\d+)/unit_price", pointer)
        if row and lines[int(row[1])].unit_price is None:
            return f"{pointer}_incl"
        return renamed(_NAMES, pointer)

    return rename
