"""What a meter reads of an event's data: exact values, and why one cannot be read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from json import dumps
from uuid import UUID

from services.subscription_renewal.meters.domain.meter import Meter
from shared.kernel.json import Json, JsonMapping

MAX_VALUE = Decimal(10) ** 15
MAX_DECIMALS = 12
MAX_DIMENSION = 128
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Measure:
    """What one meter counts of one event; `unique` stands for the value where distinct ones are counted."""

    meter: Meter
    dimensions: str
    value: Decimal
    unique: UUID | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a meter cannot read an event's data."""

    code: str
    pointer: str
    message: str


def measure(meter: Meter, type_: str, at: datetime, data: JsonMapping) -> Measure | Unreadable | None:
    """What the meter counts of an event; None where the event is not one of those that it counts."""
    if type_ != meter.type or at < meter.counts_from or not _fits(meter, data):
        return None
    dimensions = _dimensions(meter.dimensions, data) if meter.dimensions else ""
    if isinstance(dimensions, Unreadable):
        return dimensions
    if meter.value is None:
        return Measure(meter, dimensions, _ONE)
    raw = _look_up(data, meter.value)
    if meter.aggregation == "unique_count":
        return _distinct(meter, dimensions, raw)
    value = _number(raw, meter.value, may_be_negative=meter.aggregation == "sum")
    if isinstance(value, Unreadable):
        return value
    return Measure(meter, dimensions, _clamp(meter, value))


def measure_all(
    meters: Iterable[Meter], type_: str, at: datetime, data: JsonMapping
) -> tuple[list[Measure], list[Unreadable]]:
    """What each meter counts of an event, and what some cannot read; both empty where none counts it."""
    measures, faults = [], []
    for meter in meters:
        found = measure(meter, type_, at, data)
        if isinstance(found, Measure):
            measures.append(found)
        elif found is not None:
            faults.append(found)
    return measures, faults


@lru_cache(maxsize=10_000)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")[1:])


def _look_up(data: Json, path: str) -> Json:
    for step in _steps(path):
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data


def _fits(meter: Meter, data: JsonMapping) -> bool:
    return all(_text_of(_look_up(data, path)) in values for path, values in meter.filter.items())


def _dimensions(names: tuple[str, ...], data: JsonMapping) -> str | Unreadable:
    values = []
    for name in names:
        text = _text_of(data.get(name))
        if len(text) > MAX_DIMENSION:
            return Unreadable(
                "dimension_too_long", f"/data/{name}", f"Must have at most {MAX_DIMENSION} characters."
            )
        values.append(text)
    return dumps(values, ensure_ascii=False, separators=(",", ":"))


def _distinct(meter: Meter, dimensions: str, raw: Json) -> Measure | Unreadable:
    text = _text_of(raw)
    if not text:
        assert meter.value is not None
        return Unreadable("value_missing", _pointer(meter.value), "The meter counts what is here.")
    return Measure(meter, dimensions, _ONE, UUID(bytes=blake2b(text.encode(), digest_size=16).digest()))


def _text_of(value: Json) -> str:
    """A scalar as text, so that 1, 1.0 and "1" are one; nothing for what is no scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return ""


def _number(raw: Json, path: str, *, may_be_negative: bool) -> Decimal | Unreadable:
    if raw is None:
        return Unreadable("value_missing", _pointer(path), "The meter reads a number here.")
    value = _decimal(raw)
    if value is None:
        return Unreadable("value_not_a_number", _pointer(path), "Must be a decimal number, or a text of one.")
    if abs(value) > MAX_VALUE:
        return Unreadable("value_too_large", _pointer(path), "Must lie within 1,000,000,000,000,000.")
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_DECIMALS:
        return Unreadable("value_too_precise", _pointer(path), f"Must have at most {MAX_DECIMALS} decimals.")
    if value < 0 and not may_be_negative:
        return Unreadable("value_negative", _pointer(path), "Only a sum takes values below zero.")
    return value


def _decimal(raw: Json) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | Decimal):
        return Decimal(raw)
    return Decimal(raw) if isinstance(raw, str) and _NUMBER.fullmatch(raw) else None


def _clamp(meter: Meter, value: Decimal) -> Decimal:
    if meter.clamp_minimum is not None and value < meter.clamp_minimum:
        return meter.clamp_minimum
    if meter.clamp_maximum is not None and value > meter.clamp_maximum:
        return meter.clamp_maximum
    return value


def _pointer(path: str) -> str:
    return "/data/" + "/".join(_steps(path))
