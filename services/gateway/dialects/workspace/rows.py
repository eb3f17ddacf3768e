"""Rows of invoices: `lines[]`, or one row given by the invoice's own single-line fields."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from services.gateway.dialects.common.dialect import Body
from services.gateway.dialects.common.fields import (
    Number,
    Uuid,
    as_given,
    major,
    number,
    price,
    text_of,
    without_none,
)
from shared.kernel.errors import Conflict, Invalid

MAX_LINES = 50
_FIELDS = ("description", "quantity", "unit_price", "tax_rate")
_POINTER = re.compile(r"/lines/0/(\w+)")


class NewLine(Body):
    """A row: what it is, how many, the price of one without tax, and its tax in percent."""

    description: str | None = None
    quantity: Number | None = None
    unit_price: Number | None = None
    tax_rate: Number | None = None


class Rows(NewLine):
    """Rows in either way: `lines[]`, or the single-line fields."""

    lines: list[NewLine] | None = Field(None, max_length=MAX_LINES)

    @property
    def is_single(self) -> bool:
        """Whether the single-line fields say something; raises Invalid where `lines` does too."""
        given = [name for name in _FIELDS if getattr(self, name) is not None]
        if given and self.lines is not None:
            raise Invalid("Give either lines[] or the single-line fields.", field=given[0])
        return bool(given)


class Line(BaseModel):
    """A row with its amounts."""

    id: Uuid
    description: str
    quantity: Number | None
    unit_price: Number | None
    tax_rate: Number | None
    subtotal: Number
    tax: Number
    total: Number


def new(body: Rows) -> list[dict[str, Any]] | None:
    """Our rows for theirs; None where they give none."""
    if body.is_single:
        return [_ours(body)]
    return None if body.lines is None else [_ours(line) for line in body.lines]


def adjusted(body: Rows, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Our only row with the single-line fields changed; raises Conflict where there are several."""
    if len(lines) > 1:
        raise Conflict("The invoice has several rows: replace them with lines[].", field="lines")
    kept = as_given(lines[0]) if lines else {}
    return [{**kept, **_ours(body)}]


def line_of(ours: Mapping[str, Any], currency: str) -> Line:
    """Their row."""
    return Line(
        id=ours["id"],
        description=ours["description"],
        quantity=number(ours["quantity"]),
        unit_price=price(ours["unit_price"], currency),
        tax_rate=number(ours["tax_rate"]),
        subtotal=major(ours["net_minor"], currency),
        tax=major(ours["tax_minor"], currency),
        total=major(ours["gross_minor"], currency),
    )


def pointer_of(body: Rows, pointer: str) -> str:
    """How a pointer into our rows is called in theirs."""
    return _POINTER.sub(r"/\1", pointer) if body.is_single else pointer


def _ours(line: NewLine) -> dict[str, Any]:
    return without_none(
        {
            "type": "item",
            "description": line.description,
            "quantity": text_of(line.quantity),
            "unit_price": text_of(line.unit_price),
            "tax_rate": text_of(line.tax_rate),
        }
    )
