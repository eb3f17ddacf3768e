"""A workspace's clock: real for live ones, ahead for sandboxes, and never back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel import clock as clock_module
from shared.kernel.clock import Clock, ClockMovesBackwards

NOW = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return NOW

    monkeypatch.setattr(clock_module, "datetime", Stopped)


@pytest.mark.parametrize(
    "zone, today",
    [
        ("Europe/Amsterdam", date(2026, 4, 1)),
        ("UTC", date(2026, 3, 31)),
        ("America/New_York", date(2026, 3, 31)),
        ("Pacific/Kiritimati", date(2026, 4, 1)),
    ],
)
def test_today_is_the_date_in_the_workspaces_zone(zone: str, today: date) -> None:
    assert Clock(zone=zone).today() == today


def test_a_live_clock_tells_the_real_time() -> None:
    assert Clock().now() == NOW


@given(st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_an_advanced_clock_tells_its_target(ahead: timedelta) -> None:
    advanced = Clock(timedelta(hours=5)).advanced_to(NOW + timedelta(hours=5) + ahead)

    assert advanced.now() == NOW + timedelta(hours=5) + ahead


def test_an_advanced_clock_keeps_its_zone() -> None:
    assert Clock(zone="Asia/Tokyo").advanced_to(NOW + timedelta(days=1)).zone == "Asia/Tokyo"


def test_a_clock_does_not_move_back() -> None:
    with pytest.raises(ClockMovesBackwards) as caught:
        Clock(timedelta(days=2)).advanced_to(NOW + timedelta(days=1))

    assert caught.value.errors[0].pointer == "/to"
