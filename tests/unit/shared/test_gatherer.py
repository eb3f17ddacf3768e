"""The gatherer: what comes together is written together, and nobody pays for another's fault."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from shared.kernel import context
from shared.kernel.errors import Conflict, Invalid, Unavailable
from shared.messaging.gatherer import Gathered, Gatherer, GatherLimits
from shared.testing.eventually import eventually

ONE = "one lane"


@dataclass
class Writer:
    """Stands for the database: takes each batch when it is let, and remembers what was committed."""

    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[list[Any]] = field(default_factory=list)
    committed: list[list[Any]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    async def apply(self, gathered: Sequence[Gathered[Any]]) -> list[Any]:
        items = [one.item for one in gathered]
        self.begun.append(items)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.is_open.wait()
            await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        for item in items:
            if isinstance(item, Exception):
                raise item
        self.committed.append(items)
        return [Conflict(str(item)) if item == "taken" else f"done {item}" for item in items]


@asynccontextmanager
async def gathering(
    *, opened: bool = False, **limits: Any
) -> AsyncIterator[tuple[Gatherer[Any, Any], Writer]]:
    writer = Writer()
    if opened:
        writer.is_open.set()
    gatherer: Gatherer[Any, Any] = Gatherer("test", writer.apply, GatherLimits(**limits))
    yield gatherer, writer
    await gatherer.close(1)


async def submitted(gatherer: Gatherer[Any, Any], *items: Any, lane: Any = ONE) -> list[asyncio.Task[Any]]:
    """The items, each by a caller of its own, the first already under way if the lane was idle."""
    tasks = [asyncio.create_task(gatherer.submit(lane, item, size=1)) for item in items]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def outcomes(tasks: Sequence[asyncio.Task[Any]]) -> list[Any]:
    async with asyncio.timeout(5):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_that_comes_alone_waits_for_nobody() -> None:
    async with gathering(opened=True) as (gatherer, writer):
        assert await gatherer.submit(ONE, 1) == "done 1"
        assert await gatherer.submit(ONE, 2) == "done 2"

    assert writer.committed == [[1], [2]]


async def test_what_comes_meanwhile_goes_together_in_its_order() -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 1, 2, 3, 4)
        assert writer.begun == [[1]]
        writer.is_open.set()

        assert await outcomes(tasks) == ["done 1", "done 2", "done 3", "done 4"]
    assert writer.committed == [[1], [2, 3, 4]]


@pytest.mark.parametrize("limits", [{"batch_count": 2}, {"batch_bytes": 2}])
async def test_no_more_go_together_than_may(limits: dict[str, Any]) -> None:
    async with gathering(**limits) as (gatherer, writer):
        tasks = await submitted(gatherer, 1, 2, 3, 4)
        writer.is_open.set()
        await outcomes(tasks)

    assert writer.committed == [[1], [2, 3], [4]]


async def test_one_that_is_larger_than_a_batch_goes_by_itself() -> None:
    async with gathering(opened=True, batch_bytes=5) as (gatherer, writer):
        tasks = [asyncio.create_task(gatherer.submit(ONE, n, size)) for n, size in ((1, 1), (2, 9), (3, 1))]
        await outcomes(tasks)

    assert writer.committed == [[1], [2], [3]]


@pytest.mark.parametrize("fault", [Invalid("bad"), ValueError("bad"), asyncpg.UniqueViolationError("twice")])
async def test_a_fault_is_told_to_its_caller_alone(fault: Exception) -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1, 2, fault, 4, 5)
        writer.is_open.set()
        told = await outcomes(tasks)

    assert told == ["done 0", "done 1", "done 2", fault, "done 4", "done 5"]
    assert sorted(item for batch in writer.committed for item in batch) == [0, 1, 2, 4, 5]


async def test_a_result_that_is_an_exception_undoes_nothing() -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1, "taken", 3)
        writer.is_open.set()
        told = await outcomes(tasks)

    assert isinstance(told[2], Conflict)
    assert writer.committed == [[0], [1, "taken", 3]]


async def test_a_database_that_is_away_is_told_to_all_and_asked_once() -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1, Unavailable("away"), 3)
        writer.is_open.set()
        told = await outcomes(tasks)

    assert told[0] == "done 0"
    assert all(isinstance(one, Unavailable) for one in told[1:])
    assert len(writer.begun) == 2


@pytest.mark.parametrize(
    "cause",
    [
        asyncpg.LockNotAvailableError("held"),
        asyncpg.DeadlockDetectedError("d"),
        asyncpg.QueryCanceledError("t"),
    ],
)
async def test_a_lock_that_one_waits_for_holds_no_other_up(cause: Exception) -> None:
    held = Unavailable("away")
    held.__cause__ = cause
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1, held, 3)
        writer.is_open.set()
        told = await outcomes(tasks)

    assert told == ["done 0", "done 1", held, "done 3"]


async def test_a_caller_that_leaves_before_its_turn_is_left_out() -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1, 2)
        tasks[1].cancel()
        writer.is_open.set()
        await outcomes(tasks)

    assert writer.committed == [[0], [2]]


async def test_a_caller_that_leaves_later_takes_nobody_along() -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1)
        tasks[0].cancel()
        await asyncio.sleep(0)
        writer.is_open.set()
        told = await outcomes(tasks)

    assert isinstance(told[0], asyncio.CancelledError)
    assert told[1] == "done 1"
    assert writer.committed == [[0], [1]]


async def test_lanes_take_turns_and_no_more_at_once_than_may() -> None:
    async with gathering(transactions=1, batch_count=1) as (gatherer, writer):
        busy = await submitted(gatherer, 1, 2, 3, 4, lane="busy")
        quiet = await submitted(gatherer, "quiet", lane="quiet")
        writer.is_open.set()
        await outcomes([*busy, *quiet])

    assert writer.committed[:2] == [[1], ["quiet"]]
    assert writer.most_under_way == 1


async def test_lanes_go_beside_each_other() -> None:
    async with gathering(transactions=3) as (gatherer, writer):
        tasks = [task for lane in range(5) for task in await submitted(gatherer, lane, lane=lane)]
        assert writer.under_way == 3
        writer.is_open.set()
        await outcomes(tasks)

    assert len(writer.committed) == 5


async def test_parts_of_a_failed_batch_leave_room_for_other_lanes() -> None:
    async with gathering(transactions=4, lane_transactions=2) as (gatherer, writer):
        tasks = await submitted(gatherer, 0, *(ValueError(str(n)) for n in range(32)))
        writer.is_open.set()
        told = await outcomes(tasks)

    assert told[0] == "done 0"
    assert all(isinstance(one, ValueError) for one in told[1:])
    assert writer.most_under_way <= 2


async def test_where_too_much_waits_the_next_is_refused() -> None:
    async with gathering(waiting=2) as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1, 2)
        with pytest.raises(Unavailable):
            await gatherer.submit(ONE, 3)
        writer.is_open.set()
        assert await outcomes(tasks) == ["done 0", "done 1", "done 2"]
        assert await gatherer.submit(ONE, 4) == "done 4"


async def test_one_that_has_waited_too_long_is_not_applied() -> None:
    async with gathering(wait_seconds=0.02) as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1)
        await asyncio.sleep(0.05)
        writer.is_open.set()
        told = await outcomes(tasks)

    assert told[0] == "done 0"
    assert isinstance(told[1], Unavailable)
    assert writer.committed == [[0]]


async def test_parts_of_what_failed_too_late_are_not_tried_again() -> None:
    begun: list[list[int]] = []

    async def apply(gathered: Sequence[Gathered[int]]) -> list[int]:
        begun.append([one.item for one in gathered])
        await asyncio.sleep(0 if gathered[0].item == 0 else 0.05)
        if len(gathered) > 1:
            raise ValueError("one of them")
        return begun[-1]

    gatherer = Gatherer("test", apply, GatherLimits(wait_seconds=0.03))
    told = await outcomes(await submitted(gatherer, 0, 1, 2))

    assert told[0] == 0
    assert [type(one) for one in told[1:]] == [Unavailable, Unavailable]
    assert begun == [[0], [1, 2]]


async def test_closing_finishes_what_waits_and_takes_nothing_more() -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1, 2)
        closing = asyncio.create_task(gatherer.close(5))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await gatherer.submit(ONE, 3)
        writer.is_open.set()
        await closing

        assert await outcomes(tasks) == ["done 0", "done 1", "done 2"]


async def test_closing_lets_the_late_know() -> None:
    async with gathering() as (gatherer, writer):
        tasks = await submitted(gatherer, 0, 1)
        await gatherer.close(0.02)

        assert all(isinstance(one, Unavailable) for one in await outcomes(tasks))
    assert not writer.committed


async def test_each_item_keeps_the_context_of_its_caller() -> None:
    found: list[tuple[str | None, list[str | None]]] = []
    is_open = asyncio.Event()

    async def apply(gathered: Sequence[Gathered[int]]) -> list[int]:
        found.append(
            (context.request_id.get(), [one.context.run(context.request_id.get) for one in gathered])
        )
        await is_open.wait()
        return [one.item for one in gathered]

    gatherer = Gatherer("test", apply)

    async def ask(number: int) -> int:
        context.request_id.set(f"req_{number}")
        return await gatherer.submit(ONE, number)

    tasks = [asyncio.create_task(ask(number)) for number in range(3)]
    await eventually(lambda: bool(found))
    is_open.set()
    await outcomes(tasks)

    assert found == [("req_0", ["req_0"]), (None, ["req_1", "req_2"])]


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_comes_each_good_item_is_committed_once_and_each_bad_one_heard(seed: int) -> None:
    chance = random.Random(seed)
    items = [ValueError(str(n)) if chance.random() < 0.2 else n for n in range(120)]
    async with gathering(transactions=3, batch_count=chance.choice([3, 16, 128])) as (gatherer, writer):
        tasks = []
        for item in items:
            tasks += await submitted(gatherer, item, lane=chance.randrange(4))
            if chance.random() < 0.1:
                writer.is_open.set()
        writer.is_open.set()
        told = await outcomes(tasks)

    good = [item for item in items if not isinstance(item, Exception)]
    assert told == [item if isinstance(item, Exception) else f"done {item}" for item in items]
    assert sorted(item for batch in writer.committed for item in batch) == good
    assert (gatherer._lanes, len(gatherer._line), gatherer._waiting_count) == ({}, 0, 0)
