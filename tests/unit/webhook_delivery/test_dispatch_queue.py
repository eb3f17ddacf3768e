"""Turns among endpoints: nobody starves anybody."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.webhook_delivery.deliveries.domain.delivery import Priority
from services.webhook_delivery.deliveries.workers.dispatch_queue import (
    SLOW_FOR_SECONDS,
    Dispatch,
    DispatchQueue,
    QueueLimits,
)
from services.webhook_delivery.deliveries.workers.endpoint_queue import FIRST_LIMIT
from services.webhook_delivery.endpoints.domain.target import Target
from shared.kernel.ids import new_id
from tests.unit.webhook_delivery.builders import a_delivery, a_target

ROOM = QueueLimits(slots=8, waiting=100, waiting_per_endpoint=50)


def taken(queue: DispatchQueue, now: float = 0.0) -> list[Dispatch]:
    dispatches = []
    while dispatch := queue.take(now):
        dispatches.append(dispatch)
    return dispatches


def test_endpoints_take_turns_however_much_one_of_them_has() -> None:
    queue = DispatchQueue(ROOM)
    flooded, quiet = a_target(), a_target()
    queue.add(flooded, [a_delivery(flooded) for _ in range(40)])
    queue.add(quiet, [a_delivery(quiet)])

    first, second = queue.take(0), queue.take(0)

    assert first
    assert second
    assert {first.target.id, second.target.id} == {flooded.id, quiet.id}


def test_an_endpoint_has_no_more_under_way_than_its_limit() -> None:
    queue = DispatchQueue(ROOM)
    target, narrow = a_target(), a_target(max_concurrency=2)
    queue.add(target, [a_delivery(target) for _ in range(10)])
    queue.add(narrow, [a_delivery(narrow) for _ in range(10)])

    by_endpoint = Counter(dispatch.target.id for dispatch in taken(queue))

    assert by_endpoint == {target.id: FIRST_LIMIT, narrow.id: 2}


def test_the_limit_grows_with_clean_answers_and_halves_at_overload() -> None:
    queue = DispatchQueue(QueueLimits(slots=100))
    target = a_target()
    queue.add(target, [a_delivery(target) for _ in range(60)])
    for dispatch in taken(queue):
        queue.finish(dispatch, 0, is_overload=False, is_timeout=False)
    grown = taken(queue)
    assert len(grown) == FIRST_LIMIT + 1

    for dispatch in grown:
        queue.finish(dispatch, 0, is_overload=True, is_timeout=False)

    assert len(taken(queue)) == 1


def test_one_workspace_gets_half_of_the_places() -> None:
    queue, workspace_id = DispatchQueue(ROOM), new_id()
    for _ in range(10):
        target = a_target(workspace_id)
        queue.add(target, [a_delivery(target)])
    other = a_target()
    queue.add(other, [a_delivery(other)])

    by_workspace = Counter(dispatch.delivery.workspace_id for dispatch in taken(queue))

    assert by_workspace == {workspace_id: 4, other.endpoint.workspace_id: 1}


def test_endpoints_that_timed_out_leave_half_of_the_places_to_the_others() -> None:
    queue = DispatchQueue(ROOM)
    slow = [a_target() for _ in range(6)]
    for target in slow:
        queue.add(target, [a_delivery(target)])
        dispatch = queue.take(0)
        assert dispatch
        queue.finish(dispatch, 0, is_overload=True, is_timeout=True)
    for target in slow:
        queue.add(target, [a_delivery(target) for _ in range(5)])
    quick = a_target()
    queue.add(quick, [a_delivery(quick)])

    now_slow = taken(queue, 1)
    later = taken(queue, SLOW_FOR_SECONDS + 1)

    assert sum(dispatch.is_slow for dispatch in now_slow) == 4
    assert quick.id in {dispatch.target.id for dispatch in now_slow}
    assert later


def test_what_waits_is_bounded_and_says_who_crowds() -> None:
    queue = DispatchQueue(QueueLimits(waiting=10, waiting_per_endpoint=5, waiting_bytes=1_000))
    target = a_target()
    queue.add(target, [a_delivery(target, body=b"x") for _ in range(5)])

    assert queue.free == 5
    assert queue.crowded() == [target.id]

    queue.add(a_target(), [a_delivery(body=b"x" * 1_000)])
    assert queue.free == 0


def test_what_is_cleared_or_lost_is_not_sent() -> None:
    queue = DispatchQueue(ROOM)
    target, other = a_target(), a_target()
    mine, theirs = [a_delivery(target) for _ in range(3)], [a_delivery(other) for _ in range(3)]
    queue.add(target, mine)
    queue.add(other, theirs)

    assert queue.clear(target.id) == mine
    queue.forget({theirs[0].id})

    assert [dispatch.delivery for dispatch in taken(queue)] == theirs[1:]
    assert queue.waiting_count == 0
    assert queue.free == ROOM.waiting


def test_retries_and_bulk_leave_places_to_what_is_fresh() -> None:
    queue = DispatchQueue(QueueLimits(slots=10, waiting=1_000))
    for priority in Priority:
        for _ in range(10):
            target = a_target()
            queue.add(target, [a_delivery(target, priority=priority)])

    dispatches = taken(queue)

    # Retries stood in the ring behind ten fresh ones, which took every place.
    assert Counter(dispatch.priority for dispatch in dispatches) == {Priority.FRESH: 10}
    for dispatch in dispatches:
        queue.finish(dispatch, 0, is_overload=False, is_timeout=False)
    assert Counter(dispatch.priority for dispatch in taken(queue)) == {Priority.RETRY: 3, Priority.BULK: 2}


def test_a_rate_limit_lets_one_go_at_a_time_and_says_when_the_next_may() -> None:
    queue, target = DispatchQueue(ROOM), a_target(rate_limit=10)
    queue.add(target, [a_delivery(target) for _ in range(5)])

    first, second = queue.take(100.0), queue.take(100.0)

    assert first
    assert second is None
    assert 0.07 <= (queue.throttle_seconds(100.0) or 0) <= 0.1
    assert queue.take(100.1)


def test_an_ordered_lane_has_one_under_way_and_keeps_its_order() -> None:
    queue, target = DispatchQueue(ROOM), a_target(ordering="fifo")
    mixed = [
        a_delivery(target, seq=number, is_ordered=True, priority=priority)
        for number, priority in enumerate([Priority.BULK, Priority.FRESH, Priority.RETRY])
    ]
    queue.add(target, mixed)

    sent = []
    for _ in mixed:
        [dispatch] = taken(queue)
        sent.append(dispatch.delivery)
        queue.finish(dispatch, 0, is_overload=False, is_timeout=False)

    assert sent == mixed


def test_a_failing_endpoint_is_tried_with_one_and_pardoned_when_it_is_changed() -> None:
    queue, target = DispatchQueue(ROOM), a_target()
    queue.add(target, [a_delivery(target) for _ in range(8)])
    lane = queue.queue_of(target.id)
    assert lane
    for _ in range(10):
        lane.breaker.note(0, is_success=False)

    assert len(taken(queue)) == 1
    queue.refresh(Target(replace(target.endpoint, version=2), target.secrets))

    assert len(taken(queue)) == FIRST_LIMIT - 1
    assert queue.tripped_count == 0


def test_what_belongs_to_another_worker_now_is_taken_out() -> None:
    queue, ours, theirs = DispatchQueue(ROOM), a_target(), a_target()
    queue.add(ours, [a_delivery(ours)])
    gone = [a_delivery(theirs) for _ in range(3)]
    queue.add(theirs, gone)

    assert queue.remove_shards(lambda id_: int(id_ == theirs.id), {1}) == gone
    assert [dispatch.target.id for dispatch in taken(queue)] == [ours.id]


@given(st.lists(st.tuples(st.sampled_from(["add", "take", "finish", "clear", "tidy"]), st.integers(0, 3))))
def test_counts_hold_whatever_happens(steps: list[tuple[str, int]]) -> None:
    queue, under_way, now = DispatchQueue(QueueLimits(slots=6, waiting=1_000)), [], 0.0
    targets = [a_target(max_concurrency=3) for _ in range(4)]
    waiting = 0
    for step, number in steps:
        now += 10
        target = targets[number]
        if step == "add":
            queue.add(target, [a_delivery(target), a_delivery(target)])
            waiting += 2
        elif step == "take" and (dispatch := queue.take(now)):
            under_way.append(dispatch)
            waiting -= 1
        elif step == "finish" and under_way:
            queue.finish(under_way.pop(0), now, is_overload=number == 0, is_timeout=number == 1)
        elif step == "clear":
            waiting -= len(queue.clear(target.id))
        elif step == "tidy":
            queue.drop_idle(now)
        assert queue.waiting_count == len(queue.waiting()) == waiting
        assert queue.inflight_count == len(under_way) <= 6

    while queue.waiting_count or under_way:
        now += SLOW_FOR_SECONDS
        under_way += taken(queue, now)
        assert under_way, "something waits for ever"
        queue.finish(under_way.pop(0), now, is_overload=False, is_timeout=False)
