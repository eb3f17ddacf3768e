"""How the console says times, scopes and the state of a key."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.console.api import words
from services.gateway.keys.domain import api_key
from shared.kernel.ids import new_id

NOW = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
KEY, _ = api_key.create(new_id(), "live", "Shop", ["*"], created_by="admin", now=NOW, pepper="a pepper")


def test_instants_are_told_by_the_clocks_of_the_zone() -> None:
    assert words.day(NOW, "Europe/Amsterdam") == "29 Mar 2026"
    assert words.instant(NOW, "Europe/Amsterdam") == "29 Mar 2026, 00:30"
    assert words.instant(NOW, "America/New_York") == "28 Mar 2026, 19:30"


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_the_past_is_told_in_its_largest_unit(passed: timedelta, told: str) -> None:
    assert words.ago(NOW - passed, NOW) == told


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(minutes=5), "within the hour"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(days=2, hours=3), "in 2 days"),
    ],
)
def test_the_future_is_told_in_its_largest_unit(left: timedelta, told: str) -> None:
    assert words.ahead(NOW + left, NOW) == told


@pytest.mark.parametrize(
    ("expires_in", "revoked_ago", "told"),
    [
        (None, None, "active"),
        (timedelta(days=15), None, "active"),
        (timedelta(days=13), None, "expiring"),
        (timedelta(0), None, "expired"),
        (timedelta(days=15), timedelta(0), "revoked"),
        (-timedelta(days=1), timedelta(days=2), "revoked"),
    ],
)
def test_a_key_has_one_status(expires_in: timedelta | None, revoked_ago: timedelta | None, told: str) -> None:
    key = replace(
        KEY,
        expires_at=None if expires_in is None else NOW + expires_in,
        revoked_at=None if revoked_ago is None else NOW - revoked_ago,
    )

    assert words.status(key, NOW) == told


@pytest.mark.parametrize(
    ("scopes", "told"),
    [
        (["*", "invoices:read"], ["Full access"]),
        (["*:read"], ["Read everything"]),
        (["*:read", "invoices:write"], ["Read everything", "invoices (write)"]),
        (["payments:read", "invoices:write", "invoices:read"], ["invoices", "payments (read)"]),
        (["invoices:*"], ["invoices"]),
    ],
)
def test_scopes_are_told_in_few_words(scopes: list[str], told: list[str]) -> None:
    assert words.scope_words(scopes) == told


def test_actors_are_told_as_people() -> None:
    actors = ["admin", "key:019", "user:ada:lovelace", "test"]

    assert [words.person(actor) for actor in actors] == [
        "administrator",
        "an API key",
        "ada:lovelace",
        "test",
    ]
