"""How a campaign of retries goes on and ends, whatever comes in whatever order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription_renewal.copies.domain.failed_collection import FailedCollection
from services.subscription_renewal.dunning.domain import campaign as rules
from services.subscription_renewal.dunning.domain.campaign import AttemptState, Dunning, DunningState
from services.subscription_renewal.dunning.domain.settings import PRESETS, DunningSettings, SettingsEdit, edit
from shared.kernel.errors import IllegalMove
from shared.kernel.ids import new_id
from tests.unit.subscription_renewal.builders import NOW

DAY = timedelta(days=1)


def a_failure(
    at: datetime = NOW, advice: Any = "retry", code: str = "insufficient_funds"
) -> FailedCollection:
    ids = (new_id(), new_id(), 2, new_id(), new_id(), None)
    return FailedCollection(*ids, failed_at=at, code=code, advice=advice)


def a_campaign(advice: Any = "retry", **settings: Any) -> Dunning:
    return rules.begin(a_failure(advice=advice), DunningSettings(new_id(), **settings), NOW)


def states(dunning: Dunning) -> list[str]:
    return [row.state.value for row in dunning.attempts]


@pytest.mark.parametrize(
    ("preset", "days"),
    [
        ("default", [2, 7, 14, 21]),
        ("stripe_like", [1, 2, 4, 6, 8, 10, 12, 14]),
        ("direct_debit", [3, 8, 15]),
    ],
)
def test_the_schedule_is_written_at_the_first_failure(preset: Any, days: list[int]) -> None:
    dunning = a_campaign(preset=preset, intervals_days=PRESETS[preset])

    assert [(row.due_at - NOW) // DAY for row in dunning.attempts] == days
    assert (dunning.status, dunning.attempt_count) == (DunningState.ACTIVE, 0)
    assert rules.snapshot(dunning).next_attempt_at == NOW + days[0] * DAY


def test_every_retry_that_fails_uses_a_row_up_and_the_last_one_exhausts_it() -> None:
    dunning = a_campaign()

    for day in (2, 7, 14, 21):
        before = dunning
        assert rules.take_due(dunning, NOW + day * DAY - timedelta(seconds=1)) is dunning
        dunning = rules.take_due(dunning, NOW + day * DAY)
        assert rules.has_just_asked(before, dunning)
        assert rules.take_due(dunning, NOW + day * DAY) is dunning
        dunning = rules.fail(dunning, a_failure(NOW + day * DAY), NOW + day * DAY)

    assert (dunning.status, dunning.attempt_count) == (DunningState.EXHAUSTED, 4)
    assert states(dunning) == ["failed"] * 4
    assert (dunning.ended_at, dunning.next_step_at) == (NOW + 21 * DAY, None)
    assert rules.take_due(dunning, NOW + 99 * DAY) is dunning


def test_after_an_outage_one_retry_is_asked_for_and_not_a_burst() -> None:
    late = rules.take_due(a_campaign(), NOW + 15 * DAY)

    assert states(late) == ["skipped", "skipped", "asked", "planned"]
    assert late.attempt_count == 1


def test_a_hard_decline_waits_for_a_new_method_which_is_tried_at_once() -> None:
    waiting = a_campaign(advice="new_method")

    passed = rules.take_due(waiting, NOW + 2 * DAY)
    same = rules.new_payment_method(passed, NOW - DAY, NOW + 3 * DAY)
    retried = rules.new_payment_method(passed, NOW + 3 * DAY, NOW + 3 * DAY)

    assert waiting.status is DunningState.WAITING
    assert (states(passed)[0], passed.attempt_count) == ("skipped", 0)
    assert same is passed
    assert (retried.status, states(retried)) == (
        DunningState.ACTIVE,
        ["skipped", "asked", "planned", "planned"],
    )
    assert retried.next_step_at == NOW + 14 * DAY


def test_a_hard_decline_that_nobody_answers_ends_with_the_schedule() -> None:
    dunning = a_campaign(advice="never")

    for day in (2, 7, 14):
        dunning = rules.take_due(dunning, NOW + day * DAY)
        assert dunning.status is DunningState.WAITING
    dunning = rules.take_due(dunning, NOW + 21 * DAY)

    assert (dunning.status, dunning.attempt_count) == (DunningState.EXHAUSTED, 0)


def test_a_last_retry_without_an_answer_counts_as_failed_in_the_end() -> None:
    dunning = rules.take_due(a_campaign(intervals_days=(2,)), NOW + 2 * DAY)

    assert dunning.next_step_at == NOW + 2 * DAY + rules.ANSWER_WITHIN
    dunning = rules.take_due(dunning, NOW + 2 * DAY + rules.ANSWER_WITHIN)

    assert dunning.status is DunningState.EXHAUSTED


def test_a_settled_invoice_ends_its_campaign_even_after_the_last_retry() -> None:
    open_ = a_campaign()
    exhausted = rules.take_due(a_campaign(advice="never", intervals_days=(2,)), NOW + 2 * DAY)

    paid = rules.settle(open_, True, NOW + DAY, NOW + DAY)
    voided = rules.settle(open_, False, NOW + DAY, NOW + DAY)
    late = rules.settle(exhausted, True, NOW + 9 * DAY, NOW + 9 * DAY)

    assert [one.status for one in (paid, voided, late)] == [
        DunningState.RECOVERED,
        DunningState.CANCELED,
        DunningState.RECOVERED,
    ]
    assert rules.settle(exhausted, False, NOW, NOW) is exhausted
    assert not rules.has_just_ended(exhausted, late)
    assert rules.snapshot(paid).remaining_attempts == []


def test_a_campaign_is_stopped_by_hand_once() -> None:
    stopped = rules.stop(a_campaign(), NOW)

    assert stopped.status is DunningState.CANCELED
    with pytest.raises(IllegalMove):
        rules.stop(stopped, NOW)


def test_settings_take_a_preset_or_intervals_of_ones_own() -> None:
    start = DunningSettings(new_id())

    preset = edit(start, SettingsEdit(preset="direct_debit"), NOW)
    own = edit(preset, SettingsEdit(intervals_days=(1, 1), terminal_action="leave"), NOW)

    assert (preset.intervals_days, preset.version) == ((3, 5, 7), 2)
    assert (own.preset, own.intervals_days, own.terminal_action) == ("custom", (1, 1), "leave")
    assert edit(own, SettingsEdit(intervals_days=(1, 1)), NOW) is own


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["clock", "fail", "fail_hard", "method", "paid", "voided"]),
        st.integers(0, 40),
    ),
    max_size=25,
)


@given(hard=st.booleans(), intervals=st.lists(st.integers(1, 9), min_size=1, max_size=8), steps=STEPS)
def test_a_campaign_never_asks_more_often_than_planned(
    hard: bool, intervals: list[int], steps: list[tuple[str, int]]
) -> None:
    dunning = a_campaign("never" if hard else "retry", intervals_days=tuple(intervals))
    now, asked = NOW, 0
    for what, hours in steps:
        now += timedelta(hours=hours * 3)
        before, dunning = dunning, _after(dunning, what, now)
        asked += rules.has_just_asked(before, dunning)

        assert dunning.version - before.version in (0, 1)
        assert dunning.version > before.version or dunning is before
        assert dunning.attempt_count == asked <= len(intervals)
        assert dunning.is_open == (dunning.ended_at is None) == (dunning.next_step_at is not None)
        assert before.is_open or dunning.status in (before.status, DunningState.RECOVERED)
        if rules.has_just_asked(before, dunning):
            assert dunning.status is DunningState.ACTIVE
        if dunning.status is DunningState.EXHAUSTED:
            assert all(row.state in (AttemptState.FAILED, AttemptState.SKIPPED) for row in dunning.attempts)


def _after(dunning: Dunning, what: str, now: datetime) -> Dunning:
    match what:
        case "clock":
            return rules.take_due(dunning, now)
        case "fail" | "fail_hard":
            advice = "never" if what == "fail_hard" else "retry"
            return rules.fail(dunning, a_failure(now, advice), now)
        case "method":
            return rules.new_payment_method(dunning, now, now)
        case _:
            return rules.settle(dunning, what == "paid", now, now)
