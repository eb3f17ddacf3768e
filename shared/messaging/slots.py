"""Work under way at once in one process: no more is claimed than there are places for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID


def pass_by(_: str) -> None:
    """Nothing happens at a named point of a worker, outside of tests that kill the process there."""


class Slots:
    """The places; each piece of work takes one until it ends, and tells its own errors."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._under_way: dict[asyncio.Task[None], UUID | None] = {}

    async def free(self) -> int:
        """How many places are free; waits until there is one."""
        if len(self._under_way) >= self._count:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        return self._count - len(self._under_way)

    def begin(self, work: Coroutine[Any, Any, None], workspace_id: UUID | None = None) -> None:
        """Begin with it, and go on meanwhile."""
        task = asyncio.create_task(work)
        self._under_way[task] = workspace_id
        task.add_done_callback(self._under_way.pop)

    @property
    def workspace_ids(self) -> list[UUID]:
        """The workspaces of what is under way, each once."""
        return sorted({slot for slot in self._under_way.values() if slot})

    async def close(self) -> None:
        """Wait for what is under way: each piece of it has its time limit."""
        if self._under_way:
            await asyncio.wait(self._under_way)
