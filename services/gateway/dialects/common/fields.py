"""Field types of the dialects, and the conversions of values that they have in common."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from shared.kernel import money
from shared.kernel.cursors import MAX_OFFSET, encode_offset
from shared.kernel.errors import Invalid

MAX_MAJOR = 10**15

_GIVEN_OF_LINE = (
    "id type description quantity unit unit_price tax_rate tax_category tax_behavior tax_exemption_reason "
    "discount product_id parent_line_id classification_number project"
).split()


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


def skip(offset: int) -> tuple[str, str | int]:
    """Our query parameter for the part of a list behind so many rows, however many they are."""
    return ("offset", offset) if offset <= MAX_OFFSET else ("cursor", encode_offset(offset))


def major(amount_minor: int, currency: str) -> Decimal:
    """Minor units of ours as a number in major units, with the currency's decimals."""
    return money.to_major(amount_minor, currency)


def minor(amount: Decimal, currency: str, field: str) -> int:
    """A number of theirs in major units as our minor units; raises Invalid or TooManyDecimals."""
    if not abs(amount) < MAX_MAJOR:
        raise Invalid("The amount is too large.", field=field)
    return money.to_minor(amount, currency, field)


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


def as_given(line: Mapping[str, Any]) -> dict[str, Any]:
    """A row of ours as it would be sent to keep it."""
    return without_none({name: line.get(name) for name in _GIVEN_OF_LINE})


def our_address(text: str | None) -> dict[str, str | None] | None:
    """An address in one text as ours, which has parts: its first line, and the others together."""
    if text is None:
        return None
    first, _, others = text.partition("\n")
    return {"line1": first, "line2": others or None}


def address_text(address: Mapping[str, Any] | None) -> str | None:
    """The parts of our address as one text."""
    if address is None:
        return None
    place = " ".join(filter(None, (address["postal_code"], address["city"])))
    return "\n".join(filter(None, (address["line1"], address["line2"], place, address["region"])))


def address_pointer(pointer: str) -> str:
    """A pointer of ours in a dialect whose address is one text."""
    return "/address" if pointer.startswith("/address/") else pointer
