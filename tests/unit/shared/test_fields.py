"""What request bodies and filters take for a day."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.http.fields import Day

DAY: TypeAdapter[date] = TypeAdapter(Day)


def test_a_day_is_taken_as_it_is_written() -> None:
    assert DAY.validate_python("2026-04-11") == date(2026, 4, 11)


@pytest.mark.parametrize("value", [0, 1775865600, "0", "20260411", "2026-04-11T00:00:00", "2026-02-30", True])
def test_seconds_since_1970_and_instants_are_no_days(value: Any) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(value)
