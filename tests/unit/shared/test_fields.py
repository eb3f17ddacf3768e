"""What request bodies and filters take for a day."""

import importlib
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BeforeValidator, Strict, TypeAdapter, ValidationError

import services
from deploy.lint.layers import layer_of
from deploy.lint.sources import sources
from shared.http.fields import Body, Day, LongText, Moment, Name, Quantity, Whole

DAY: TypeAdapter[date] = TypeAdapter(Day)


def test_a_day_is_taken_as_it_is_written() -> None:
    assert DAY.validate_python("2026-04-11") == date(2026, 4, 11)


@pytest.mark.parametrize("value", [0, 1775865600, "0", "20260411", "2026-04-11T00:00:00", "2026-02-30", True])
def test_seconds_since_1970_and_instants_are_no_days(value: Any) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(value)


FAR = ["9999-12-31", "2200-01-02", "1899-12-30", "0001-01-01", "275760-09-13", "+275760-09-13"]


class Dated(Body):
    """What a caller may say of time."""

    on: Day | None = None
    at: Moment | None = None


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize("zone", ["Z", "+14:00", "-14:00"])
def test_far_days_and_instants_are_refused_by_name(day: str, zone: str) -> None:
    for given in ({"on": day}, {"at": f"{day}T00:00:00{zone}"}, {"at": f"{day}T23:59:59.999999{zone}"}):
        with pytest.raises(ValidationError) as refused:
            Dated.model_validate(given)

        assert [error["loc"] for error in refused.value.errors()] == [tuple(given)]


@pytest.mark.parametrize("day", ["1900-01-02", "2199-12-30", "2026-02-28"])
def test_days_of_these_centuries_are_taken(day: str) -> None:
    found = Dated.model_validate({"on": day, "at": f"{day}T12:00:00+02:00"})

    assert found.on
    assert found.at
    assert (found.on.isoformat(), found.at.date().isoformat()) == (day, day)


@pytest.mark.parametrize("number", [8_640_000_000_000_000, -8_640_000_000_000_000, 10**18])
def test_numbers_beyond_any_calendar_are_refused(number: int) -> None:
    with pytest.raises(ValidationError):
        Dated.model_validate({"at": number})


class Counted(Body):
    """Numbers and texts that a caller gives."""

    quantity: Quantity | None = None
    days: Whole | None = None
    name: Name | None = None
    note: LongText | None = None


ODD_NUMBERS = [
    "1_000",
    "\uff11",
    "\u0663",
    " 1",
    "1 ",
    "1e",
    "0x10",
    "1,5",
    "--1",
    "",
    "NaN",
    "Infinity",
    "१",
]


@pytest.mark.parametrize("text", ODD_NUMBERS)
@pytest.mark.parametrize("field", ["quantity", "days"])
def test_a_number_is_ascii_digits(field: str, text: str) -> None:
    with pytest.raises(ValidationError):
        Counted.model_validate({field: text})


@pytest.mark.parametrize("value", [1.5, True])
@pytest.mark.parametrize("field", ["quantity", "days"])
def test_a_number_is_neither_binary_nor_a_truth(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Counted.model_validate({field: value})


@pytest.mark.parametrize("text, number", [("12.50", "12.50"), ("-1e2", "-1E+2"), (".5", "0.5"), ("3", "3")])
def test_a_number_may_be_a_text(text: str, number: str) -> None:
    assert str(Counted.model_validate({"quantity": text}).quantity) == number


def test_a_whole_number_may_be_a_text() -> None:
    assert [Counted.model_validate({"days": given}).days for given in (30, "30", "-3")] == [30, 30, -3]


def test_texts_are_trimmed_and_composed() -> None:
    found = Counted.model_validate({"name": "  Zoe\u0308 ", "note": "\u00a0a\u030a\n"})

    assert (found.name, found.note) == ("Zoë", "å")


BODIES = [
    source.name
    for source in sources(Path(services.__path__[0]).parent, "services")
    if layer_of(source.path.with_suffix("").parts[2:]) == "api"
]


@pytest.mark.parametrize("name", BODIES)
def test_no_request_takes_a_loose_whole_number(name: str) -> None:
    """Left alone, pydantic takes `1_000` and digits of every script for a number."""
    for kind in vars(importlib.import_module(name)).values():
        if isinstance(kind, type) and issubclass(kind, Body) and kind.__module__ == name:
            loose = [
                field
                for field, info in kind.model_fields.items()
                if (info.annotation is int or int in get_args(info.annotation))
                and not any(isinstance(one, BeforeValidator | Strict) for one in info.metadata)
            ]
            assert loose == [], kind
