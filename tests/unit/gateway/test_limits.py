"""Limits: a token bucket a caller, places in flight a workspace, shared by all replicas."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.edge.limits import Limits
from services.gateway.edge.refusals import TooManyInFlight, TooManyRequests

ACME, OTHER = UUID(int=1), UUID(int=2)
KEY = "key:1"


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def _limits(time: Time, rate: int = 10, at_once: int = 100, replica_count: int = 1) -> Limits:
    return Limits(rate, rate, at_once, time, replica_count)


def _let_in(limits: Limits, workspace: UUID = ACME, caller: str = KEY, tries: int = 1000) -> int:
    for count in range(tries):
        try:
            limits.enter(workspace, caller)
        except TooManyRequests:
            return count
    return tries


def test_a_caller_may_ask_at_its_rate_after_a_burst() -> None:
    time = Time()
    limits = _limits(time)

    assert _let_in(limits) == 10
    time.seconds += 0.55
    assert _let_in(limits) == 5
    time.seconds += 3600
    assert _let_in(limits) == 10


def test_whoever_asks_too_much_is_told_how_long_to_wait() -> None:
    time = Time()
    limits = Limits(1, 1, 100, time)
    limits.enter(ACME, KEY)

    with pytest.raises(TooManyRequests) as refused:
        limits.enter(ACME, KEY)

    assert (refused.value.code, refused.value.retry_after_seconds) == ("rate_limited", 1)


def test_each_key_has_a_bucket_of_its_own() -> None:
    limits = _limits(Time())

    assert [_let_in(limits), _let_in(limits, caller="key:2"), _let_in(limits, OTHER)] == [10, 10, 10]


def test_a_workspace_has_so_many_requests_at_once_and_others_are_unaffected() -> None:
    limits = _limits(Time(), rate=1000, at_once=3)
    assert _let_in(limits) == 3

    with pytest.raises(TooManyInFlight):
        limits.enter(ACME, "key:2")
    assert _let_in(limits, OTHER) == 3
    limits.leave(ACME)

    assert _let_in(limits) == 1


def test_a_refused_request_costs_nothing() -> None:
    time = Time()
    limits = _limits(time, rate=10, at_once=1)
    limits.enter(ACME, KEY)
    assert _let_in(limits) == 0
    limits.leave(ACME)

    assert limits.take_used() == {(ACME, KEY): 1}
    assert limits.rate_state(ACME, KEY).bucket.tokens == 9


def test_what_others_used_is_missing_here() -> None:
    time = Time()
    limits = _limits(time)
    limits.enter(ACME, KEY)
    limits.take_used()
    # While the exchange is on its way two more are let in.
    _let_in(limits, tries=2)

    limits.settle({(ACME, KEY): 5})

    assert _let_in(limits) == 3


def test_what_was_overdrawn_is_paid_back() -> None:
    time = Time()
    limits = _limits(time)
    limits.settle({(ACME, KEY): -10})

    assert _let_in(limits) == 0
    time.seconds += 1.05
    assert _let_in(limits) == 0
    time.seconds += 0.5
    assert _let_in(limits) == 5


def test_while_nothing_is_known_of_the_others_a_replica_takes_its_part_of_the_places() -> None:
    limits = _limits(Time(), rate=1000, at_once=100, replica_count=4)

    assert _let_in(limits) == 25


def test_a_replica_grows_into_the_places_that_stay_free() -> None:
    limits = _limits(Time(), rate=1000, at_once=100, replica_count=2)
    seen = []
    for _ in range(8):
        _let_in(limits)
        told = limits.in_flight()
        seen.append(told[ACME])
        limits.share(told)

    assert seen == [50, 75, 88, 94, 97, 99, 100, 100]


@given(
    wanted=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), max_size=12),
    at_once=st.integers(3, 100),
)
def test_replicas_together_never_exceed_the_places(wanted: list[tuple[int, int]], at_once: int) -> None:
    # Growth is a part of what is free everywhere; rounding up gives at most one place too many a replica.
    replicas = [_limits(Time(), 10_000, at_once, 3) for _ in range(3)]
    for number, count in wanted:
        _let_in(replicas[number], tries=count)
        told = [limits.in_flight() for limits in replicas]
        counts = [one.get(ACME, 0) for one in told]
        for limits, one, own in zip(replicas, told, counts, strict=True):
            limits.elsewhere = {ACME: sum(counts) - own}
            limits.share(one)

        assert sum(counts) <= at_once + 3


def test_a_workspace_without_requests_is_told_once_and_forgotten() -> None:
    limits = _limits(Time())
    limits.enter(ACME, KEY)
    assert limits.in_flight() == {ACME: 1}
    limits.leave(ACME)

    assert limits.in_flight() == {ACME: 0}
    assert limits.in_flight() == {}
    assert limits.places == {}
