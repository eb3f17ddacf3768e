"""Prices: the ways in which a quantity becomes money, and the numbers of each, in major units."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal, TypeAlias

from shared.kernel.errors import Invalid

ZERO = Decimal(0)


class TiersMustAscend(Invalid):
    """Each tier ends above the one before it; the last one alone has no end."""

    code = "tiers_must_ascend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What the units up to a bound, which is among them, cost; `flat` is for reaching the tier at all."""

    up_to: Decimal | None
    unit_price: Decimal = ZERO
    flat: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounded:
    """What all prices have: the least and the most that a whole period comes to.

    `is_prorated` has what is said per period shrink with the part of the period that is billed.
    """

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    is_prorated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit(_Bounded):
    """Every unit beyond those included costs the same."""

    unit_price: Decimal
    included: Decimal = ZERO
    model: Literal["per_unit"] = "per_unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package(_Bounded):
    """Units are sold by the package; one that is begun costs as much as a full one."""

    package_size: Decimal
    package_price: Decimal
    included: Decimal = ZERO
    model: Literal["package"] = "package"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graduated(_Bounded):
    """Each unit costs what its own tier says."""

    tiers: tuple[Tier, ...]
    model: Literal["graduated"] = "graduated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(_Bounded):
    """All units cost what the tier of their total says."""

    tiers: tuple[Tier, ...]
    model: Literal["volume"] = "volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stairstep(_Bounded):
    """The tier of the total says what everything costs together."""

    tiers: tuple[Tier, ...]
    model: Literal["stairstep"] = "stairstep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentage(_Bounded):
    """A part of an amount, and so much more for each event that is in it."""

    percent: Decimal
    fixed_per_event: Decimal = ZERO
    model: Literal["percentage"] = "percentage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat(_Bounded):
    """The same amount, whatever is used."""

    amount: Decimal
    model: Literal["flat"] = "flat"


Price: TypeAlias = PerUnit | Package | Graduated | Volume | Stairstep | Percentage | Flat


def require_consistent(price: Price, place: str = "") -> Price:
    """The price, whose numbers agree with each other; raises TiersMustAscend or Invalid below `place`."""
    if price.minimum is not None and price.maximum is not None and price.minimum > price.maximum:
        raise Invalid("The minimum is above the maximum.", field=f"{place}minimum")
    if isinstance(price, Graduated | Volume | Stairstep):
        _require_ascending(price.tiers, place)
    return price


def _require_ascending(tiers: Sequence[Tier], place: str) -> None:
    bounds = [tier.up_to for tier in tiers]
    for index, (low, high) in enumerate(pairwise([ZERO, *bounds])):
        is_last = index == len(bounds) - 1
        if is_last != (high is None) or (high is not None and (low is None or high <= low)):
            raise TiersMustAscend(field=f"{place}tiers.{index}.up_to")
