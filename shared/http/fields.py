"""Field types of request bodies: every text and number has its bounds."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.events.fields import Instant
from shared.kernel import text as texts

MAX_MINOR = 10**15
# No document is older, and a hundred years of terms and periods later there is still a calendar.
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Python would take underscores, blanks and the digits of every script besides.
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def optional() -> Any:
    """A field of a PATCH that may be left out but not be null: left out, it is not among the changes."""
    return Field(default_factory=lambda: None)


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def _exact(value: object) -> object:
    # A float can only come from a caller inside this process; a JSON number arrives as int or Decimal.
    if isinstance(value, bool | float):
        raise ValueError("must be a decimal number or a string that holds one")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise ValueError("must be a decimal number in ASCII digits, such as 12.50")
    return value


def _whole(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("must be a whole number")
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError("must be a whole number in ASCII digits")
    return value


def _written_as_day(value: object) -> object:
    # Left alone, a number or a digit string would be read as seconds since 1970.
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("must be a date such as 2026-04-11")


def _day_within_bounds(value: date) -> date:
    if not EARLIEST <= value <= LATEST:
        raise ValueError(f"must lie between {EARLIEST} and {LATEST}")
    return value


def _moment_within_bounds(value: datetime) -> datetime:
    _day_within_bounds(value.date())
    return value


Day = Annotated[
    date,
    BeforeValidator(_written_as_day, json_schema_input_type=date),
    AfterValidator(_day_within_bounds),
]
Moment = Annotated[Instant, AfterValidator(_moment_within_bounds)]
"""An instant that a caller gives; what is counted from it or from a day can still be written."""
Composed = AfterValidator(texts.normalize)
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Composed]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Composed]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), Composed]
Whole = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Minor = Annotated[int, Field(strict=True, ge=-MAX_MINOR, le=MAX_MINOR)]
PositiveMinor = Annotated[int, Field(strict=True, gt=0, le=MAX_MINOR)]
Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), Composed],
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), Composed],
    ],
    Field(max_length=50),
]
ExactDecimal = Annotated[
    Decimal, BeforeValidator(_exact, json_schema_input_type=str | int | float), Field(allow_inf_nan=False)
]
Price = Annotated[ExactDecimal, Field(ge=-(10**12), le=10**12, decimal_places=12)]
Quantity = Annotated[ExactDecimal, Field(ge=-(10**12), le=10**12, decimal_places=12)]
Rate = Annotated[ExactDecimal, Field(ge=0, le=1000, decimal_places=6)]
Percent = Annotated[ExactDecimal, Field(ge=0, le=100, decimal_places=6)]
