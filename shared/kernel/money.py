"""Money: integer minor units beside an ISO 4217 currency, exact arithmetic, named rounding."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, Inexact
from functools import cache

import iso4217

from shared.kernel.errors import Invalid

# Prices have 12 decimals and quantities as many; their product must be exact before it is rounded.
EXACT = Context(prec=80)
_UNROUNDED = Context(prec=80, traps=[Inexact])


class UnknownCurrency(Invalid):
    """The currency is not one of ISO 4217's codes."""

    code = "unknown_currency"


class TooManyDecimals(Invalid):
    """The amount has more decimals than its currency."""

    code = "too_many_decimals"


@cache
def exponent(currency: str) -> int:
    """How many decimals the currency has (ISO 4217 minor unit: 0, 2 or 3).

    Raises UnknownCurrency for a code that is not in ISO 4217 or has no minor unit.
    """
    try:
        found = iso4217.Currency(currency).exponent
    except ValueError:
        found = None
    if found is None or currency != currency.upper():
        raise UnknownCurrency(field="currency")
    return found


def round_half_up(value: Decimal, decimals: int = 0) -> Decimal:
    """Round to `decimals` places, ties away from zero, so that a credit mirrors its invoice."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=EXACT)


def round_half_even(value: Decimal, decimals: int = 0) -> Decimal:
    """Round to `decimals` places, ties to the even neighbour (IEEE 754, "banker's rounding")."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN, context=EXACT)


ROUNDING = {"half_up": round_half_up, "half_even": round_half_even}
"""The roundings that a workspace may choose, by name."""


def to_minor(amount: Decimal, currency: str, field: str = "amount") -> int:
    """An amount in major units as integer minor units; raises TooManyDecimals rather than round."""
    scaled = amount.scaleb(exponent(currency), context=EXACT)
    try:
        return int(scaled.quantize(Decimal(1), context=_UNROUNDED))
    except Inexact as error:
        raise TooManyDecimals(field=field) from error


def to_major(amount_minor: int, currency: str) -> Decimal:
    """Integer minor units as a Decimal in major units with the currency's decimals."""
    return Decimal(amount_minor).scaleb(-exponent(currency), context=EXACT)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by `weights` (≥ 0, not all 0) with the largest remainder; the parts sum to `total`.

    Works on the absolute value and puts the sign back, so −100 splits as the mirror of 100.
    """
    whole = sum(weights)
    if whole == 0 or min(weights) < 0:
        raise ValueError("weights must be 0 or more, and not all of them 0")
    size, sign = abs(total), -1 if total < 0 else 1
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]
