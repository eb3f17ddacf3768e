"""The gatherer: writes that come while one transaction is under way share the next one, lane by lane.

A lane is whatever its user chooses that may share a transaction: one workspace, and where the audit log
looks, one actor in it. Whoever comes to an idle lane waits for nobody; what comes meanwhile goes together
when the transaction before it has ended. Lanes take turns, so that a busy one keeps no other waiting.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import asyncpg
import structlog
from prometheus_client import Histogram

from shared.kernel.errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")
# SQLSTATEs that one item may bring upon the others: deadlock and serialization, a lock, a statement's time.
_OF_ONE = ("40", "55P03", "57014")
TOGETHER = Histogram(
    "billing_gathered_writes",
    "Writes that went together into one transaction.",
    ["gatherer"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class GatherLimits:
    """How much goes together, and how much may wait; times in seconds."""

    batch_count: int = 128
    batch_bytes: int = 4 * 1024 * 1024
    transactions: int = 8
    """Under way at once, of all lanes together; no more than the pool has connections to spare."""
    lane_transactions: int = 4
    """Of one lane: one that gathers, and parts of one that failed."""
    waiting: int = 5_000
    wait_seconds: float = 20.0


@dataclass(slots=True)
class Gathered(Generic[T]):
    """One item, and the context of whoever waits for it: `context.run(work.record, event)` speaks for it."""

    item: T
    context: Context


Apply = Callable[[Sequence[Gathered[T]]], Awaitable[Sequence[R | Exception]]]
"""One transaction for these items of one lane, and for each, in their order, its result.

An exception in a result's place is told to that item's caller alone: it must have changed nothing. One that
is raised undoes all of them: each half is then applied anew, until who is at fault is alone. So it may be
called again for the same item, but never after its transaction has committed.
"""


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T, R]):
    gathered: Gathered[T]
    size: int
    until: float
    future: "asyncio.Future[R]"


@dataclass(slots=True, eq=False)
class _Lane(Generic[T, R]):
    key: Hashable
    waiting: deque[_Waiting[T, R]] = field(default_factory=deque)
    # Parts of what failed together, each to be applied apart from the others.
    parts: deque[list[_Waiting[T, R]]] = field(default_factory=deque)
    under_way: int = 0
    is_gathering: bool = False
    is_in_line: bool = False

    @property
    def is_idle(self) -> bool:
        return not (self.waiting or self.parts or self.under_way)


class Gatherer(Generic[T, R]):
    """Applies items together where they come together; one of each kind of write in a process."""

    def __init__(self, name: str, apply: Apply[T, R], limits: GatherLimits | None = None) -> None:
        self._name = name
        self._apply = apply
        self._limits = limits or GatherLimits()
        self._lanes: dict[Hashable, _Lane[T, R]] = {}
        # Whose turn it is, the first first.
        self._line: deque[_Lane[T, R]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting_count = 0
        self._is_closed = False
        self._together = TOGETHER.labels(name)

    async def submit(self, lane: Hashable, item: T, size: int = 0) -> R:
        """The item's result, once the transaction that it shares has committed; `size` is in bytes.

        Raises what the item alone brings about, and Unavailable where too much waits, its time is over, the
        database does not answer, or this closes. Cancelled before its transaction has begun, the item is not
        applied; later it is, for nobody.
        """
        if self._is_closed or self._waiting_count >= self._limits.waiting:
            raise Unavailable("Too much waits to be written.", retry_after_seconds=1)
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        own = self._lanes.get(lane)
        if own is None:
            own = self._lanes[lane] = _Lane(lane)
        until = time.monotonic() + self._limits.wait_seconds
        own.waiting.append(_Waiting(Gathered(item, copy_context()), size, until, future))
        self._waiting_count += 1
        self._queue(own)
        self._begin_what_may()
        return await future

    async def close(self, seconds: float = 5.0) -> None:
        """Take nothing more, finish what waits within so many seconds, and let the rest know."""
        self._is_closed = True
        until = time.monotonic() + seconds
        while self._tasks and (left := until - time.monotonic()) > 0:
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for lane in self._lanes.values():
            self._end([*lane.waiting, *(one for part in lane.parts for one in part)], _closing())
            self._waiting_count -= len(lane.waiting)
            lane.waiting.clear()
            lane.parts.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _queue(self, lane: _Lane[T, R]) -> None:
        """Put the lane at the end of the line, if it has something that may begin and is not in it."""
        may_gather = lane.waiting and not lane.is_gathering
        may_begin = lane.under_way < self._limits.lane_transactions and (may_gather or lane.parts)
        if may_begin and not lane.is_in_line:
            lane.is_in_line = True
            self._line.append(lane)

    def _begin_what_may(self) -> None:
        while self._line and len(self._tasks) < self._limits.transactions:
            lane = self._line.popleft()
            lane.is_in_line = False
            gathers = bool(lane.waiting) and not lane.is_gathering
            batch = self._take(lane) if gathers else self._still_waiting(lane.parts.popleft())
            if batch:
                self._begin(lane, batch, gathers=gathers)
            self._queue(lane)
            self._forget(lane)

    def _take(self, lane: _Lane[T, R]) -> list[_Waiting[T, R]]:
        """The next of the lane that still wait, as many as may go together; those that are late hear so."""
        batch: list[_Waiting[T, R]] = []
        left, now = self._limits.batch_bytes, time.monotonic()
        while lane.waiting and len(batch) < self._limits.batch_count:
            one = lane.waiting[0]
            if batch and one.size > left:
                break
            lane.waiting.popleft()
            self._waiting_count -= 1
            if one.until < now:
                self._end([one], _late())
            elif not one.future.done():
                left -= one.size
                batch.append(one)
        return batch

    def _still_waiting(self, part: list[_Waiting[T, R]]) -> list[_Waiting[T, R]]:
        """Those of a part that still wait; those that are late hear so."""
        now = time.monotonic()
        self._end([one for one in part if one.until < now], _late())
        return [one for one in part if not one.future.done()]

    def _begin(self, lane: _Lane[T, R], batch: list[_Waiting[T, R]], *, gathers: bool) -> None:
        lane.under_way += 1
        lane.is_gathering |= gathers
        self._together.observe(len(batch))
        # Alone it speaks for its caller; together for nobody, and each item's own context for its own.
        context = batch[0].gathered.context.copy() if len(batch) == 1 else Context()
        task = asyncio.get_running_loop().create_task(self._run(batch, lane), context=context)
        self._tasks.add(task)

        def end(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            lane.under_way -= 1
            lane.is_gathering &= not gathers
            if task.cancelled():
                # Maybe before its first step.
                self._end(batch, _closing())
            self._queue(lane)
            self._forget(lane)
            self._begin_what_may()

        task.add_done_callback(end)

    async def _run(self, batch: list[_Waiting[T, R]], lane: _Lane[T, R]) -> None:
        try:
            results = await self._apply([one.gathered for one in batch])
            pairs = list(zip(batch, results, strict=True))
        except Exception as error:
            if len(batch) > 1 and is_of_one(error):
                log.info("gatherer.split", gatherer=self._name, count=len(batch), error=repr(error))
                middle = len(batch) // 2
                lane.parts += [batch[:middle], batch[middle:]]
            else:
                self._end(batch, error)
            return
        for one, result in pairs:
            if isinstance(result, Exception):
                self._end([one], result)
            elif not one.future.done():
                one.future.set_result(result)

    def _end(self, batch: Sequence[_Waiting[T, R]], error: Exception) -> None:
        for one in batch:
            if not one.future.done():
                one.future.set_exception(error)

    def _forget(self, lane: _Lane[T, R]) -> None:
        if lane.is_idle and not lane.is_in_line:
            self._lanes.pop(lane.key, None)


def is_of_one(error: Exception) -> bool:
    """Whether a single item of a batch may have caused this; else the database is away for all of them."""
    if not isinstance(error, Unavailable):
        return True
    cause = error.__cause__
    return isinstance(cause, asyncpg.PostgresError) and (cause.sqlstate or "").startswith(_OF_ONE)


def _closing() -> Unavailable:
    return Unavailable("The service is being stopped.", retry_after_seconds=1)


def _late() -> Unavailable:
    return Unavailable("It took too long to be written.", retry_after_seconds=1)
