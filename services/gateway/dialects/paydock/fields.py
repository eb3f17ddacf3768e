"""Field types of this dialect, and the conversions that its resources have in common."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from services.gateway.dialects.dialect import Answer, Call, Parameter, Reply
from shared.kernel import money

T = TypeVar("T")
DEFAULT_LIMIT = 100
MAX_LIMIT = 500
MAX_OFFSET = 1_000_000


def _exact(value: Any) -> Any:
    # A JSON number arrives as int or Decimal; a float would already have lost digits.
    if isinstance(value, bool | float):
        raise ValueError("must be a number")
    return value


# Amounts and prices are JSON numbers in major units, written and read digit by digit.
Number = Annotated[
    Decimal, BeforeValidator(_exact), Field(allow_inf_nan=False), WithJsonSchema({"type": "number"})
]
Uuid = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Meta(BaseModel):
    """Which part of the list this is."""

    limit: int
    offset: int
    total: int | None


class Page(BaseModel, Generic[T]):
    """A list."""

    data: list[T]
    meta: Meta


LIMIT = Parameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "Maximum results.",
)
OFFSET = Parameter(
    "offset",
    {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    "Skip the first N results.",
)
CONTACT_ID = Parameter("contact_id", {"type": "string", "format": "uuid"}, "Filter by customer.")


def status_parameter(words: Sequence[str]) -> Parameter:
    """The filter by status, with its words."""
    return Parameter("status", {"type": "string", "enum": list(words)}, "Filter by status.")


def part_of_list(call: Call) -> list[tuple[str, str | int]]:
    """Our query parameters for the part of a list that is asked for."""
    return [
        ("limit", call.one_number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)),
        ("offset", call.one_number("offset", 0, 0, MAX_OFFSET)),
        ("include", "total"),
    ]


def page(call: Call, ours: Answer, items: Sequence[BaseModel]) -> Reply:
    """Their list of these items, with what our reply says of its length."""
    meta = {
        "limit": call.one_number("limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        "offset": call.one_number("offset", 0, 0, MAX_OFFSET),
        "total": ours.body["meta"].get("total"),
    }
    return Reply(200, {"data": [item.model_dump() for item in items], "meta": meta})


def major(amount_minor: int, currency: str) -> Decimal:
    """Minor units of ours as a number in major units, with the currency's decimals."""
    return money.to_major(amount_minor, currency)


def price(text: str | None, currency: str) -> Decimal | None:
    """A unit price of ours as a number, with at least the currency's decimals."""
    if text is None:
        return None
    value = Decimal(text)
    missing = Decimal(1).scaleb(-money.exponent(currency))
    exponent = value.as_tuple().exponent
    needs_more = isinstance(exponent, int) and exponent > -money.exponent(currency)
    return value.quantize(missing, context=money.EXACT) if needs_more else value


def number(text: str | None) -> Any:
    """A decimal of ours, which travels as text, as a number."""
    return None if text is None else Decimal(text)


def text_of(value: Decimal | None) -> str | None:
    """A number of theirs as our decimal text."""
    return None if value is None else format(value, "f")


def without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Only what has a value, so that our own defaults hold for the rest."""
    return {name: value for name, value in fields.items() if value is not None}


def renamed(names: Mapping[str, str], pointer: str) -> str:
    """A pointer into our body as one into theirs: each segment by its other name."""
    return "/".join(names.get(segment, segment) for segment in pointer.split("/"))
