"""The retry schedule: never early, at most 20 % late; Retry-After in all its forms."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhook_delivery.deliveries.domain.delivery import Fault, Result, State, judge
from services.webhook_delivery.deliveries.domain.retry_schedule import (
    DELAYS_SECONDS,
    MAX_ATTEMPTS,
    next_delay_ms,
    retry_after_ms,
)
from tests.unit.webhook_delivery.builders import NOW, an_answer

DAY_MS = 86_400_000


@given(st.integers(1, MAX_ATTEMPTS - 1), st.data())
def test_a_retry_is_never_early_and_at_most_a_fifth_late(attempt_count: int, data: st.DataObject) -> None:
    wanted_ms = DELAYS_SECONDS[attempt_count] * 1000

    delay_ms = next_delay_ms(attempt_count, lambda n: data.draw(st.integers(0, n - 1)))

    assert delay_ms is not None
    assert wanted_ms <= delay_ms <= wanted_ms * 1.2


def test_the_schedule_is_ten_attempts_over_three_days() -> None:
    delays = [next_delay_ms(count, lambda _: 0) for count in range(1, 11)]

    assert delays == [
        5_000,
        300_000,
        1_800_000,
        7_200_000,
        18_000_000,
        36_000_000,
        50_400_000,
        72_000_000,
        DAY_MS,
        None,
    ]
    assert sum(delay or 0 for delay in delays) == 272_105_000


@pytest.mark.parametrize(
    "header, expected_ms",
    [
        (None, None),
        ("0", 0),
        ("120", 120_000),
        (" 7 ", 7_000),
        ("99999999", DAY_MS),
        ("99999999999999999999", DAY_MS),
        ("9" * 5_000, DAY_MS),
        ("0" * 30 + "7", 7_000),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Sat, 11 Apr 2026 09:00:30 GMT", 30_000),
        ("Sat, 11 Apr 2026 09:00:30 -0000", 30_000),
        ("Sat, 11 Apr 2026 08:59:00 GMT", None),
        ("Fri, 11 Apr 2036 08:59:00 GMT", DAY_MS),
        ("Sat, 99 Apr 2026 08:59:00 GMT", None),
        ("١٢٠", None),
    ],
)
def test_a_retry_after_is_read_or_ignored(header: str | None, expected_ms: int | None) -> None:
    assert retry_after_ms(header, NOW) == expected_ms


def test_a_date_in_retry_after_is_never_rounded_to_an_earlier_moment() -> None:
    now = datetime(2026, 4, 11, 9, 0, 0, 1, tzinfo=UTC)

    assert retry_after_ms("Sat, 11 Apr 2026 09:00:01 GMT", now) == 1_000


@pytest.mark.parametrize(
    "status, headers, attempt_count, state, delay_ms, pause_ms, is_overload",
    [
        (200, {}, 1, State.DELIVERED, None, None, False),
        (299, {}, 1, State.DELIVERED, None, None, False),
        (301, {}, 1, State.PENDING, 5_000, None, False),
        (400, {}, 1, State.PENDING, 5_000, None, False),
        (400, {"retry_after": "60"}, 1, State.PENDING, 60_000, None, False),
        (410, {}, 1, State.GONE, None, None, False),
        (429, {"retry_after": "60"}, 1, State.PENDING, 60_000, 60_000, True),
        (429, {"retry_after": "1"}, 1, State.PENDING, 5_000, 1_000, True),
        (429, {}, 1, State.PENDING, 5_000, None, True),
        (500, {}, 2, State.PENDING, 300_000, None, False),
        (503, {"retry_after": "600"}, 2, State.PENDING, 600_000, 600_000, True),
        (500, {}, 10, State.EXHAUSTED, None, None, False),
        (503, {"retry_after": "30"}, 10, State.EXHAUSTED, None, 30_000, True),
    ],
)
def test_each_status_has_its_consequence(
    status: int,
    headers: dict[str, str],
    attempt_count: int,
    state: State,
    delay_ms: int | None,
    pause_ms: int | None,
    is_overload: bool,
) -> None:
    verdict = judge(an_answer(status, **headers), attempt_count, NOW, lambda _: 0)

    assert (verdict.state, verdict.delay_ms) == (state, delay_ms)
    assert (verdict.pause_ms, verdict.is_overload) == (pause_ms, is_overload)
    assert verdict.uses_attempt


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.OURS])
def test_a_fault_on_the_way_is_retried(fault: Fault) -> None:
    verdict = judge(Result(None, fault, {}, b"", 1), 1, NOW, lambda _: 0)

    assert (verdict.state, verdict.delay_ms, verdict.uses_attempt) == (State.PENDING, 5_000, True)
    assert verdict.is_overload == (fault is Fault.TIMEOUT)


def test_a_fault_of_our_own_uses_up_no_attempt() -> None:
    verdict = judge(Result(None, Fault.OURS, {}, b"", 1), 10, NOW, lambda _: 0)

    assert (verdict.state, verdict.uses_attempt) == (State.PENDING, False)
