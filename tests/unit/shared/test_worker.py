"""Workers: step, pause, back off, and stop when they are told."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest

from shared.runtime import worker as worker_module
from shared.runtime.worker import FAILURES, Worker
from shared.testing.eventually import eventually


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    yield task
    worker.stop()
    async with asyncio.timeout(1):
        await task


def counting(results: list[bool | Exception], interval_seconds: float = 60) -> tuple[Worker, list[float]]:
    """A worker whose steps give these results in turn, then False; and the times of its steps."""
    times: list[float] = []

    async def step() -> bool:
        times.append(time.monotonic())
        result = results[len(times) - 1] if len(times) <= len(results) else False
        if isinstance(result, Exception):
            raise result
        return result

    return Worker("test", step, interval_seconds), times


async def test_a_worker_steps_again_at_once_while_there_is_more() -> None:
    worker, times = counting([True, True, False])

    async with running(worker):
        await eventually(lambda: len(times) == 3)
        await asyncio.sleep(0.05)

    assert len(times) == 3


async def test_a_worker_steps_again_after_its_interval() -> None:
    worker, times = counting([], interval_seconds=0.05)

    async with running(worker):
        await eventually(lambda: len(times) == 3)

    assert times[2] - times[0] >= 0.1


async def test_a_worker_that_is_woken_steps_now() -> None:
    worker, times = counting([])

    async with running(worker):
        await eventually(lambda: len(times) == 1)
        worker.wake()
        await eventually(lambda: len(times) == 2, timeout_seconds=1)


async def test_a_hurried_worker_steps_now_and_keeps_a_fast_pace() -> None:
    worker, times = counting([])

    async with running(worker):
        await eventually(lambda: len(times) == 1)
        worker.hurry()
        await eventually(lambda: len(times) == 4, timeout_seconds=2)

    assert times[3] - times[1] >= worker_module.HURRIED_INTERVAL_SECONDS * 1.5


async def test_a_wake_during_a_step_is_not_lost() -> None:
    begun, go_on, count = asyncio.Event(), asyncio.Event(), 0

    async def step() -> bool:
        nonlocal count
        count += 1
        begun.set()
        await go_on.wait()
        return False

    worker = Worker("test", step, 60)
    async with running(worker):
        await begun.wait()
        worker.wake()
        go_on.set()
        await eventually(lambda: count == 2, timeout_seconds=1)


async def test_a_stopped_worker_finishes_its_step_and_leaves() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def step() -> bool:
        begun.set()
        await asyncio.sleep(0.05)
        ended.set()
        return True

    worker = Worker("test", step, 60)
    async with running(worker):
        await begun.wait()

    assert ended.is_set()


async def test_a_step_that_fails_is_counted_and_tried_again_later_and_later() -> None:
    before = FAILURES.labels("test")._value.get()
    worker, times = counting([RuntimeError("a"), RuntimeError("b"), RuntimeError("c")], interval_seconds=0.05)

    async with running(worker):
        await eventually(lambda: len(times) >= 4)

    pauses = [later - earlier for earlier, later in pairwise(times[:4])]
    assert pauses[0] >= 0.2
    assert pauses[1] >= 0.4
    assert pauses[2] >= 0.8
    assert FAILURES.labels("test")._value.get() == before + 3


async def test_a_pause_after_failures_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    worker, _ = counting([RuntimeError("again")] * 20)

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 20:
            worker.stop()

    monkeypatch.setattr(worker_module.Worker, "_wait", lambda _, seconds: note(seconds))
    await worker.run()

    assert max(pauses) <= 60


async def test_after_a_good_step_the_interval_is_as_before() -> None:
    worker, times = counting([RuntimeError("once"), False], interval_seconds=0.05)

    async with running(worker):
        await eventually(lambda: len(times) == 4)

    assert times[3] - times[2] < 0.15


async def test_a_cancelled_worker_ends() -> None:
    worker, times = counting([])
    task = asyncio.create_task(worker.run())
    await eventually(lambda: len(times) == 1)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


def resting(worker: Worker, rest_seconds: float = 60, interval_seconds: float = 0.02) -> Worker:
    return replace(worker, interval_seconds=interval_seconds, rest_seconds=rest_seconds)


async def test_a_worker_that_finds_nothing_rests() -> None:
    worker, times = counting([])

    async with running(resting(worker)):
        await asyncio.sleep(0.2)

    assert len(times) == 1


async def test_a_commit_ends_the_rest_at_once_and_the_pace_is_as_before_for_a_while() -> None:
    counted, times = counting([])
    worker = resting(counted)

    async with running(worker):
        await asyncio.sleep(0.1)
        nudged = time.monotonic()
        worker.nudge()
        await eventually(lambda: len(times) >= 4, timeout_seconds=1)

    assert times[1] - nudged < 0.1
    assert all(later - earlier >= 0.015 for earlier, later in pairwise(times[1:]))


async def test_many_commits_do_not_make_a_worker_step_faster_than_its_pace() -> None:
    counted, times = counting([])
    worker = resting(counted, interval_seconds=0.1)

    async with running(worker):
        for _ in range(50):
            worker.nudge()
            await asyncio.sleep(0.005)

    assert len(times) <= 5


async def test_a_commit_during_a_step_that_saw_nothing_of_it_is_not_slept_through() -> None:
    looked, go_on, count = asyncio.Event(), asyncio.Event(), 0

    async def step() -> bool:
        nonlocal count
        count += 1
        looked.set()
        await go_on.wait()
        return False

    worker = Worker("test", step, 0.02, rest_seconds=60)
    async with running(worker):
        await looked.wait()
        worker.nudge()
        go_on.set()
        await eventually(lambda: count >= 2, timeout_seconds=1)


async def test_without_any_notification_the_safety_poll_comes() -> None:
    worker, times = counting([])

    async with running(resting(worker, rest_seconds=0.2)):
        await eventually(lambda: len(times) == 3, timeout_seconds=2)

    assert all(0.15 <= later - earlier < 0.4 for earlier, later in pairwise(times))


async def test_a_rest_ends_when_something_is_due_by_the_clock() -> None:
    counted, times = counting([])

    async def due_in() -> float:
        return 0.1

    async with running(replace(resting(counted), next_due_in=due_in)):
        await eventually(lambda: len(times) == 2, timeout_seconds=1)

    assert 0.08 <= times[1] - times[0] < 0.3


async def test_what_is_overdue_and_not_to_be_had_is_looked_for_at_the_usual_pace() -> None:
    counted, times = counting([])

    async def overdue() -> float:
        return -100.0

    async with running(replace(resting(counted, interval_seconds=0.05), next_due_in=overdue)):
        await asyncio.sleep(0.28)

    assert 4 <= len(times) <= 6


async def test_a_resting_worker_stops_at_once() -> None:
    counted, times = counting([])

    async with running(resting(counted)):
        await asyncio.sleep(0.1)

    assert len(times) == 1


async def test_a_rest_that_cannot_be_reckoned_is_none() -> None:
    counted, times = counting([])

    async def away() -> float:
        raise ConnectionError

    async with running(replace(resting(counted), next_due_in=away)):
        await eventually(lambda: len(times) == 2, timeout_seconds=1)
