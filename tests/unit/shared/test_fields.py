"""What request bodies and filters take for a day."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.http.fields import Body, Day, Moment

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
