"""When a consumer has had enough: it counts workspaces, so that one of them never stops the others."""

from uuid import UUID

from shared.kernel.ids import new_id
from shared.messaging.guard import Guard
from shared.messaging.received import NOBODY


def a_guard() -> Guard:
    return Guard(window=200, share_percent=50)


def workspaces(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


def test_one_workspaces_letters_never_stop_the_others() -> None:
    guard, (bad, good) = a_guard(), workspaces(2)

    lanes = [guard.saw_dead(bad) for _ in range(1_000)]
    guard.saw_good([good])

    assert not guard.has_tripped
    assert lanes.index(True) == 19


def test_a_lane_in_which_most_goes_well_goes_on() -> None:
    guard, (workspace_id,) = a_guard(), workspaces(1)

    for _ in range(100):
        guard.saw_good([workspace_id] * 2)
        assert not guard.saw_dead(workspace_id)


def test_a_lane_that_was_set_aside_gets_a_new_chance() -> None:
    guard, (workspace_id,) = a_guard(), workspaces(1)

    assert [guard.saw_dead(workspace_id) for _ in range(40)].count(True) == 2


def test_most_workspaces_failing_stop_the_consumer() -> None:
    guard = a_guard()

    for workspace_id in workspaces(19):
        guard.saw_dead(workspace_id)
    assert not guard.has_tripped

    guard.saw_dead(new_id())
    assert guard.has_tripped


def test_some_workspaces_failing_among_many_do_not() -> None:
    guard = a_guard()
    for workspace_id in workspaces(50):
        guard.saw_good([workspace_id] * 2)

    for workspace_id in workspaces(10) * 5:
        guard.saw_dead(workspace_id)

    assert not guard.has_tripped


def test_a_workspace_of_which_now_and_then_one_event_fails_is_not_failing() -> None:
    guard = a_guard()

    for workspace_id in workspaces(40):
        guard.saw_good([workspace_id] * 3)
        guard.saw_dead(workspace_id)

    assert not guard.has_tripped


def test_what_left_the_window_is_forgotten() -> None:
    guard = a_guard()
    for workspace_id in workspaces(30):
        guard.saw_dead(workspace_id)
    assert guard.has_tripped

    guard.saw_good(workspaces(200))

    assert not guard.has_tripped


def test_records_of_nobody_are_nobodys_lane() -> None:
    guard = a_guard()

    assert not any(guard.saw_dead(NOBODY) for _ in range(100))
    assert not guard.has_tripped
