"""Places for work under way: no more is claimed than there are free, and the end waits for all of it."""

import asyncio

from shared.kernel.ids import new_id
from shared.messaging.slots import Slots


async def test_a_place_is_free_again_once_its_work_has_ended() -> None:
    slots, may_end, workspace = Slots(2), asyncio.Event(), new_id()
    ended: list[str] = []

    async def work(name: str) -> None:
        await may_end.wait()
        ended.append(name)

    assert await slots.free() == 2
    slots.begin(work("a"), workspace)
    assert (await slots.free(), slots.workspace_ids) == (1, [workspace])
    slots.begin(work("b"), workspace)
    waiting = asyncio.create_task(slots.free())
    await asyncio.sleep(0.01)
    assert not waiting.done()

    may_end.set()

    assert await waiting in (1, 2)
    await slots.close()
    assert (sorted(ended), slots.workspace_ids) == (["a", "b"], [])


async def test_work_that_fails_gives_its_place_back_and_does_not_stop_the_others() -> None:
    slots = Slots(1)

    async def fail() -> None:
        raise ValueError("a fault of ours")

    slots.begin(fail())

    assert await slots.free() == 1
    await slots.close()
