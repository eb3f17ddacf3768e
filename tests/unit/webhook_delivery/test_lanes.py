"""Turns among endpoints: nobody starves anybody."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.webhook_delivery.deliveries.domain.delivery import Priority
from services.webhook_delivery.deliveries.domain.request import Target
from services.webhook_delivery.deliveries.workers.lane import FIRST_LIMIT
from services.webhook_delivery.deliveries.workers.lanes import SLOW_FOR_SECONDS, Lanes, Room, Turn
from shared.kernel.ids import new_id
from tests.unit.webhook_delivery.builders import a_delivery, a_target

ROOM = Room(slots=8, waiting=100, waiting_per_lane=50)


def taken(lanes: Lanes, now: float = 0.0) -> list[Turn]:
    turns = []
    while turn := lanes.take(now):
        turns.append(turn)
    return turns


def test_endpoints_take_turns_however_much_one_of_them_has() -> None:
    lanes = Lanes(ROOM)
    flooded, quiet = a_target(), a_target()
    lanes.add(flooded, [a_delivery(flooded) for _ in range(40)])
    lanes.add(quiet, [a_delivery(quiet)])

    first, second = lanes.take(0), lanes.take(0)

    assert first
    assert second
    assert {first.target.id, second.target.id} == {flooded.id, quiet.id}


def test_an_endpoint_has_no_more_under_way_than_its_limit() -> None:
    lanes = Lanes(ROOM)
    target, narrow = a_target(), a_target(max_concurrency=2)
    lanes.add(target, [a_delivery(target) for _ in range(10)])
    lanes.add(narrow, [a_delivery(narrow) for _ in range(10)])

    by_endpoint = Counter(turn.target.id for turn in taken(lanes))

    assert by_endpoint == {target.id: FIRST_LIMIT, narrow.id: 2}


def test_the_limit_grows_with_clean_answers_and_halves_at_overload() -> None:
    lanes = Lanes(Room(slots=100))
    target = a_target()
    lanes.add(target, [a_delivery(target) for _ in range(60)])
    for turn in taken(lanes):
        lanes.finish(turn, 0, is_overload=False, is_timeout=False)
    grown = taken(lanes)
    assert len(grown) == FIRST_LIMIT + 1

    for turn in grown:
        lanes.finish(turn, 0, is_overload=True, is_timeout=False)

    assert len(taken(lanes)) == 1


def test_one_workspace_gets_half_of_the_places() -> None:
    lanes, workspace_id = Lanes(ROOM), new_id()
    for _ in range(10):
        target = a_target(workspace_id)
        lanes.add(target, [a_delivery(target)])
    other = a_target()
    lanes.add(other, [a_delivery(other)])

    by_workspace = Counter(turn.delivery.workspace_id for turn in taken(lanes))

    assert by_workspace == {workspace_id: 4, other.endpoint.workspace_id: 1}


def test_endpoints_that_timed_out_leave_half_of_the_places_to_the_others() -> None:
    lanes = Lanes(ROOM)
    slow = [a_target() for _ in range(6)]
    for target in slow:
        lanes.add(target, [a_delivery(target)])
        turn = lanes.take(0)
        assert turn
        lanes.finish(turn, 0, is_overload=True, is_timeout=True)
    for target in slow:
        lanes.add(target, [a_delivery(target) for _ in range(5)])
    quick = a_target()
    lanes.add(quick, [a_delivery(quick)])

    now_slow = taken(lanes, 1)
    later = taken(lanes, SLOW_FOR_SECONDS + 1)

    assert sum(turn.is_slow for turn in now_slow) == 4
    assert quick.id in {turn.target.id for turn in now_slow}
    assert later


def test_what_waits_is_bounded_and_says_who_crowds() -> None:
    lanes = Lanes(Room(waiting=10, waiting_per_lane=5, waiting_bytes=1_000))
    target = a_target()
    lanes.add(target, [a_delivery(target, body=b"x") for _ in range(5)])

    assert lanes.free == 5
    assert lanes.crowded() == [target.id]

    lanes.add(a_target(), [a_delivery(body=b"x" * 1_000)])
    assert lanes.free == 0


def test_what_is_cleared_or_lost_is_not_sent() -> None:
    lanes = Lanes(ROOM)
    target, other = a_target(), a_target()
    mine, theirs = [a_delivery(target) for _ in range(3)], [a_delivery(other) for _ in range(3)]
    lanes.add(target, mine)
    lanes.add(other, theirs)

    assert lanes.clear(target.id) == mine
    lanes.forget({theirs[0].id})

    assert [turn.delivery for turn in taken(lanes)] == theirs[1:]
    assert lanes.waiting_count == 0
    assert lanes.free == ROOM.waiting


def test_retries_and_bulk_leave_places_to_what_is_fresh() -> None:
    lanes = Lanes(Room(slots=10, waiting=1_000))
    for priority in Priority:
        for _ in range(10):
            target = a_target()
            lanes.add(target, [a_delivery(target, priority=priority)])

    turns = taken(lanes)

    # Retries stood in the ring behind ten fresh ones, which took every place.
    assert Counter(turn.priority for turn in turns) == {Priority.FRESH: 10}
    for turn in turns:
        lanes.finish(turn, 0, is_overload=False, is_timeout=False)
    assert Counter(turn.priority for turn in taken(lanes)) == {Priority.RETRY: 3, Priority.BULK: 2}


def test_a_rate_limit_lets_one_go_at_a_time_and_says_when_the_next_may() -> None:
    lanes, target = Lanes(ROOM), a_target(rate_limit=10)
    lanes.add(target, [a_delivery(target) for _ in range(5)])

    first, second = lanes.take(100.0), lanes.take(100.0)

    assert first
    assert second is None
    assert 0.07 <= (lanes.rest_seconds(100.0) or 0) <= 0.1
    assert lanes.take(100.1)


def test_an_ordered_lane_has_one_under_way_and_keeps_its_order() -> None:
    lanes, target = Lanes(ROOM), a_target(ordering="fifo")
    mixed = [
        a_delivery(target, seq=number, is_ordered=True, priority=priority)
        for number, priority in enumerate([Priority.BULK, Priority.FRESH, Priority.RETRY])
    ]
    lanes.add(target, mixed)

    sent = []
    for _ in mixed:
        [turn] = taken(lanes)
        sent.append(turn.delivery)
        lanes.finish(turn, 0, is_overload=False, is_timeout=False)

    assert sent == mixed


def test_a_failing_endpoint_is_tried_with_one_and_pardoned_when_it_is_changed() -> None:
    lanes, target = Lanes(ROOM), a_target()
    lanes.add(target, [a_delivery(target) for _ in range(8)])
    lane = lanes.lane(target.id)
    assert lane
    for _ in range(10):
        lane.breaker.note(0, is_success=False)

    assert len(taken(lanes)) == 1
    lanes.refresh(Target(replace(target.endpoint, version=2), target.secrets))

    assert len(taken(lanes)) == FIRST_LIMIT - 1
    assert lanes.tripped_count == 0


def test_what_belongs_to_another_worker_now_is_taken_out() -> None:
    lanes, ours, theirs = Lanes(ROOM), a_target(), a_target()
    lanes.add(ours, [a_delivery(ours)])
    gone = [a_delivery(theirs) for _ in range(3)]
    lanes.add(theirs, gone)

    assert lanes.leave(lambda id_: int(id_ == theirs.id), {1}) == gone
    assert [turn.target.id for turn in taken(lanes)] == [ours.id]


@given(st.lists(st.tuples(st.sampled_from(["add", "take", "finish", "clear", "tidy"]), st.integers(0, 3))))
def test_counts_hold_whatever_happens(steps: list[tuple[str, int]]) -> None:
    lanes, under_way, now = Lanes(Room(slots=6, waiting=1_000)), [], 0.0
    targets = [a_target(max_concurrency=3) for _ in range(4)]
    waiting = 0
    for step, number in steps:
        now += 10
        target = targets[number]
        if step == "add":
            lanes.add(target, [a_delivery(target), a_delivery(target)])
            waiting += 2
        elif step == "take" and (turn := lanes.take(now)):
            under_way.append(turn)
            waiting -= 1
        elif step == "finish" and under_way:
            lanes.finish(under_way.pop(0), now, is_overload=number == 0, is_timeout=number == 1)
        elif step == "clear":
            waiting -= len(lanes.clear(target.id))
        elif step == "tidy":
            lanes.tidy(now)
        assert lanes.waiting_count == len(lanes.waiting()) == waiting
        assert lanes.inflight_count == len(under_way) <= 6

    while lanes.waiting_count or under_way:
        now += SLOW_FOR_SECONDS
        under_way += taken(lanes, now)
        assert under_way, "something waits for ever"
        lanes.finish(under_way.pop(0), now, is_overload=False, is_timeout=False)
