"""Meters: which usage events count, and how they become a quantity."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Literal
from uuid import UUID

from services.subscription_renewal.prices.domain.rating import QUANTITY_DECIMALS
from shared.events.meter import Aggregation, MeterData, MeterRounding
from shared.kernel import money
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.unset import UNSET, Unset, chosen


class MeterKeyTaken(Conflict):
    """Another meter has this key."""

    code = "meter_key_taken"


class MeterArchived(Conflict):
    """The meter is archived: it counts nothing any more, and does not change."""

    code = "meter_archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter of a workspace. Only its name changes, and whether it counts at all."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    key: str
    name: str
    type: str
    filter: Mapping[str, tuple[str, ...]]
    aggregation: Aggregation
    value: str | None
    dimensions: tuple[str, ...]
    scale: Decimal = Decimal(1)
    rounding: MeterRounding = "none"
    clamp_minimum: Decimal | None = None
    clamp_maximum: Decimal | None = None
    counts_from: datetime
    archived_at: datetime | None = None

    def quantity(self, value: Decimal, *, is_whole: bool = True) -> Decimal:
        """What is billed of an aggregated value: divided by the scale, to 12 decimals.

        A part of a period (`is_whole` false) is not rounded up: its parts would not add up.
        """
        scaled = money.round_half_up(money.EXACT.divide(value, self.scale), QUANTITY_DECIMALS)
        if self.rounding == "up" and is_whole:
            return scaled.to_integral_value(ROUND_CEILING)
        return scaled


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEdit:
    """What a person may change of one."""

    name: str | Unset = UNSET
    archived: Literal[True] | Unset = UNSET


def require_consistent(meter: Meter) -> Meter:
    """The meter, whose definition makes sense; raises Invalid naming the field."""
    if (meter.value is None) != (meter.aggregation == "count"):
        needed = "Every aggregation but count reads a value, and count reads none."
        raise Invalid(needed, field="value")
    least, most = meter.clamp_minimum, meter.clamp_maximum
    is_clamped = least is not None or most is not None
    if is_clamped and meter.aggregation in ("count", "unique_count"):
        raise Invalid("What is only counted cannot be clamped.", field="clamp_minimum")
    if least is not None and most is not None and least > most:
        raise Invalid("The least value is above the greatest.", field="clamp_minimum")
    return meter


def edit(meter: Meter, wanted: MeterEdit, now: datetime) -> Meter:
    """The meter with these changes; itself where nothing changes. Raises MeterArchived."""
    if meter.archived_at is not None:
        raise MeterArchived
    archived_at = now if wanted.archived else None
    changed = replace(meter, name=chosen(wanted.name, meter.name), archived_at=archived_at)
    return meter if changed == meter else replace(changed, version=meter.version + 1, updated_at=now)


def snapshot(meter: Meter) -> MeterData:
    """The meter as events and the API show it."""
    return MeterData(
        id=meter.id,
        version=meter.version,
        created_at=meter.created_at,
        updated_at=meter.updated_at,
        key=meter.key,
        name=meter.name,
        type=meter.type,
        filter={path: list(values) for path, values in meter.filter.items()},
        aggregation=meter.aggregation,
        value=meter.value,
        dimensions=list(meter.dimensions),
        scale=meter.scale,
        rounding=meter.rounding,
        clamp_minimum=meter.clamp_minimum,
        clamp_maximum=meter.clamp_maximum,
        counts_from=meter.counts_from,
        archived_at=meter.archived_at,
    )
