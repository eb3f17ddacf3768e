"""Prices as callers give them: one shape for each model."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints

from services.subscription_renewal.prices.domain import price as rules
from services.subscription_renewal.prices.domain.price import ZERO, Price, Tier
from shared.http.fields import Body, Currency, ExactDecimal, Percent, Quantity, Whole

MAX_TIERS = 50
LARGEST = 10**12
NotNegative = Annotated[ExactDecimal, Field(ge=0, le=LARGEST, decimal_places=12)]
Positive = Annotated[ExactDecimal, Field(gt=0, le=LARGEST, decimal_places=12)]
UnitPrice = Annotated[NotNegative, Field(description="In major units of the currency; up to 12 decimals.")]
Included = Annotated[
    NotNegative, Field(description="So many units of a period cost nothing; they are counted first.")
]


def _require_part(share: str) -> str:
    part, _, whole = share.partition("/")
    if not 0 < int(part) <= int(whole):
        raise ValueError("must be a part of a period, such as 10/30")
    return share


Share = Annotated[str, StringConstraints(pattern="^[0-9]{1,18}/[0-9]{1,18}$"), AfterValidator(_require_part)]


class _PriceFields(Body):
    minimum: NotNegative | None = Field(None, description="What a whole period comes to at the least.")
    maximum: NotNegative | None = Field(None, description="What a whole period comes to at the most.")
    is_prorated: bool = Field(
        True,
        description="In a shorter period, included units, bounds of tiers, flat amounts, minimum and maximum "
        "shrink with it; false keeps them whole.",
    )


class PerUnitFields(_PriceFields):
    """Every unit beyond those included costs the same."""

    model: Literal["per_unit"]
    unit_price: UnitPrice
    included: Included = ZERO


class PackageFields(_PriceFields):
    """Units are sold by the package; one that is begun costs as much as a full one."""

    model: Literal["package"]
    package_size: Positive = Field(description="Units in a package; it never shrinks.")
    package_price: NotNegative
    included: Included = ZERO


class TierFields(Body):
    """The units up to a bound."""

    up_to: Positive | None = Field(description="The last unit of the tier; null for the last tier.")
    unit_price: UnitPrice = ZERO
    flat: NotNegative = Field(ZERO, description="For reaching the tier; that of the first is always due.")


class StepFields(Body):
    """What everything costs where the total is in this tier."""

    up_to: Positive | None = Field(description="The last unit of the tier; null for the last tier.")
    flat: NotNegative


class GraduatedFields(_PriceFields):
    """Each unit costs what its own tier says."""

    model: Literal["graduated"]
    tiers: list[TierFields] = Field(min_length=1, max_length=MAX_TIERS)


class VolumeFields(_PriceFields):
    """All units cost what the tier of their total says."""

    model: Literal["volume"]
    tiers: list[TierFields] = Field(min_length=1, max_length=MAX_TIERS)


class StairstepFields(_PriceFields):
    """The tier of the total says what everything costs together."""

    model: Literal["stairstep"]
    tiers: list[StepFields] = Field(min_length=1, max_length=MAX_TIERS)


class PercentageFields(_PriceFields):
    """A part of an amount, and so much more for each event that is in it."""

    model: Literal["percentage"]
    percent: Percent
    fixed_per_event: UnitPrice = ZERO


class FlatFields(Body):
    """The same amount, whatever is used."""

    model: Literal["flat"]
    amount: NotNegative
    is_prorated: bool = Field(True, description="False keeps it whole in a shorter period.")


PriceFields: TypeAlias = Annotated[
    PerUnitFields
    | PackageFields
    | GraduatedFields
    | VolumeFields
    | StairstepFields
    | PercentageFields
    | FlatFields,
    Field(discriminator="model"),
]


class Estimate(Body):
    """A quantity to put a price on."""

    price: PriceFields
    quantity: Quantity = Field(description="What remains after a meter's scale; below zero counts as zero.")
    currency: Currency
    events: Whole = Field(0, ge=0, le=10**15, description="How many events it is made of: `fixed_per_event`.")
    share: Share = Field(
        "1/1", description="The part of a whole period that is billed.", examples=["1/1", "10/30"]
    )

    def part(self) -> Fraction:
        """The part of the period as a number."""
        return Fraction(self.share)


_CLASSES: Mapping[str, Callable[..., Price]] = {
    "per_unit": rules.PerUnit,
    "package": rules.Package,
    "graduated": rules.Graduated,
    "volume": rules.Volume,
    "stairstep": rules.Stairstep,
    "percentage": rules.Percentage,
    "flat": rules.Flat,
}


def price_of(fields: PriceFields, place: str) -> Price:
    """The price that they say, whose numbers agree; raises TiersMustAscend or Invalid below `place`."""
    given = dict(fields)
    if "tiers" in given:
        given["tiers"] = tuple(Tier(**dict(tier)) for tier in given["tiers"])
    return rules.require_consistent(_CLASSES[fields.model](**given), place)
