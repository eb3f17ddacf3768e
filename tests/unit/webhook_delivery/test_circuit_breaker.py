"""When an endpoint is left alone, and for how long."""

from services.webhook_delivery.deliveries.workers.circuit_breaker import (
    FAILURES_IN_A_ROW,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    WINDOW_SECONDS,
    CircuitBreaker,
)


def tripped() -> CircuitBreaker:
    breaker = CircuitBreaker()
    for _ in range(FAILURES_IN_A_ROW):
        breaker.note(0, is_success=False)
    return breaker


def test_ten_failures_in_a_row_open_it() -> None:
    breaker = CircuitBreaker()

    pauses = [breaker.note(number, is_success=False) for number in range(FAILURES_IN_A_ROW)]

    assert pauses == [None] * 9 + [FIRST_PAUSE_SECONDS]
    assert breaker.is_tripped


def test_a_success_in_between_keeps_it_closed() -> None:
    breaker = CircuitBreaker()

    pauses = [breaker.note(number * 10, is_success=number % 9 == 8) for number in range(90)]

    assert pauses == [None] * 90


def test_more_failures_than_successes_among_twenty_of_a_minute_open_it() -> None:
    breaker = CircuitBreaker()

    pauses = [breaker.note(1, is_success=number % 3 == 0) for number in range(20)]

    assert pauses[-1] == FIRST_PAUSE_SECONDS
    assert pauses[:-1] == [None] * 19


def test_what_is_older_than_a_minute_does_not_count() -> None:
    breaker = CircuitBreaker()

    pauses = [breaker.note(number * WINDOW_SECONDS, is_success=number % 3 == 0) for number in range(40)]

    assert set(pauses) == {None}


def test_each_failed_trial_doubles_the_pause_up_to_ten_minutes() -> None:
    breaker, now, pauses = tripped(), 0.0, []

    for _ in range(6):
        now = breaker.open_until
        pauses.append(breaker.note(now, is_success=False))

    assert pauses == [60, 120, 240, 480, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_what_was_under_way_when_it_opened_changes_nothing() -> None:
    breaker = tripped()

    assert breaker.note(1, is_success=False) is None
    assert breaker.note(2, is_success=True) is None
    assert breaker.is_tripped


def test_a_trial_that_succeeds_closes_it() -> None:
    breaker = tripped()

    breaker.note(FIRST_PAUSE_SECONDS, is_success=True)

    assert not breaker.is_tripped
    assert breaker.note(FIRST_PAUSE_SECONDS + 1, is_success=False) is None
