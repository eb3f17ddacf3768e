"""Amounts: the API has whole minor units (`total_minor`), people have 119.00."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from billing_sdk._generated.currencies import DIGITS


def to_decimal(minor: int, currency: str) -> Decimal:
    """The amount in major units, with all its digits: `to_decimal(11900, "EUR")` is `Decimal("119.00")`."""
    if isinstance(minor, bool) or not isinstance(minor, int):
        raise TypeError("an amount in minor units is an int")
    return Decimal(minor).scaleb(-digits(currency))


def to_minor(amount: str | int | Decimal, currency: str) -> int:
    """The amount in minor units; raises ValueError where it has more digits than the currency."""
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise TypeError("an amount is a str, an int or a Decimal; the digits of a float are not its own")
    try:
        exact = Decimal(amount).scaleb(digits(currency))
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount") from None
    if not exact.is_finite() or exact != exact.to_integral_value():
        raise ValueError(f"{amount} has more digits than {currency}")
    return int(exact)


def digits(currency: str) -> int:
    """How many digits the minor unit has (ISO 4217): EUR 2, JPY 0, KWD 3."""
    try:
        return DIGITS[currency]
    except KeyError:
        raise ValueError(f"{currency!r} is no currency of ISO 4217") from None
