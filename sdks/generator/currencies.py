"""How many digits the minor unit of each currency has, by ISO 4217."""

from iso4217 import Currency


def digits() -> dict[str, int]:
    """The currencies that have a minor unit, by their codes."""
    known = {one.code: one.exponent for one in Currency}
    return {code: exponent for code, exponent in sorted(known.items()) if exponent is not None}
