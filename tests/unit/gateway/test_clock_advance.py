"""When a sandbox has come to rest, and where its clock stops next."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.gateway.clocks import domain as rules
from services.gateway.clocks.domain import ClockAdvance, Report, Round
from services.gateway.workspaces import domain as workspace_rules
from services.gateway.workspaces.domain import NotASandbox, TooFarAhead, Workspace
from shared.kernel.clock import ClockMovesBackwards
from shared.kernel.ids import new_id

NOW = datetime(2026, 4, 11, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


def a_workspace(mode: Any = "sandbox") -> Workspace:
    return workspace_rules.create("acme", "Acme", mode, "Europe/Amsterdam", "EUR")[0]


def a_report(
    due_at: datetime | None = None, published: tuple[Any, ...] = (), unheard: tuple[UUID, ...] = ()
) -> Report:
    return Report(due_at, published, frozenset(unheard))


def test_a_later_target_extends_a_running_advance_and_an_earlier_one_is_refused() -> None:
    workspace = a_workspace()
    now = workspace.clock.now()
    begun = rules.begin(workspace, None, now + timedelta(days=10))

    extended = rules.begin(workspace, begun, now + timedelta(days=20))
    same = rules.begin(workspace, begun, begun.target)
    with pytest.raises(rules.TargetMovesBackwards) as refused:
        rules.begin(workspace, begun, now + timedelta(days=9))

    assert (extended.began_at, extended.target) == (begun.began_at, now + timedelta(days=20))
    assert same == begun
    assert refused.value.errors[0].pointer == "/to"


def test_a_clock_never_goes_back_nor_beyond_the_calendar_and_a_live_one_is_real() -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    with pytest.raises(ClockMovesBackwards):
        rules.begin(a_workspace(), None, datetime.now(UTC) - timedelta(seconds=5))
    with pytest.raises(TooFarAhead):
        rules.begin(a_workspace(), None, workspace_rules.LATEST_INSTANT)
    with pytest.raises(NotASandbox):
        rules.begin(a_workspace("live"), None, tomorrow)


def test_rest_needs_a_round_in_which_nothing_is_listed_and_nothing_is_due() -> None:
    event = (new_id(), "invoice.issued")

    listed = rules.next_round(Round(), {"invoice": a_report(published=(event,)), "payment": a_report()}, NOW)
    unheard = rules.next_round(
        listed, {"invoice": a_report(published=(event,)), "payment": a_report(unheard=(event[0],))}, NOW
    )
    heard = rules.next_round(unheard, {"invoice": a_report(published=(event,)), "payment": a_report()}, NOW)
    rest = rules.next_round(heard, {"invoice": a_report(), "payment": a_report()}, NOW)

    assert [one.is_at_rest for one in (listed, unheard, heard, rest)] == [False, False, False, True]
    assert [one.heard for one in (listed, unheard, heard, rest)] == [(), (), (event[0],), (event[0],)]
    assert unheard.waits_for[1] == {
        "service": "payment",
        "due_at": None,
        "published_count": 0,
        "unheard_count": 1,
    }


def test_what_is_due_now_is_waited_for_and_what_is_due_later_is_the_next_stop() -> None:
    advance = ClockAdvance(new_id(), NOW, LATER)
    soon = NOW + timedelta(days=2)

    due = rules.next_round(Round(), {"payment": a_report(NOW), "invoice": a_report(soon)}, NOW)
    later = rules.next_round(Round(), {"payment": a_report(soon), "invoice": a_report(LATER)}, NOW)
    beyond = rules.next_round(Round(), {"payment": a_report(LATER + timedelta(seconds=1))}, NOW)
    nothing = rules.next_round(Round(), {"payment": a_report()}, NOW)

    assert not due.is_at_rest
    assert due.waits_for[0]["due_at"] == NOW.isoformat()
    assert [one.is_at_rest for one in (later, beyond, nothing)] == [True, True, True]
    assert [rules.stop_at(advance, one) for one in (later, beyond, nothing)] == [soon, LATER, LATER]
