"""Reading the feed, and waiting for what comes next without a connection to Postgres."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import UUID

import structlog

from services.webhook_delivery.events import repository
from services.webhook_delivery.events.domain import WINDOW, FeedFilter, FeedPiece
from shared.kernel.errors import BillingError
from shared.postgres.pool import Connection

MAX_WAITING = 8
"""Requests of one workspace that may wait at once, in each process."""
POLL_MS = 100
log = structlog.get_logger()


class TooManyWaiting(BillingError):
    """More requests of this workspace wait for its next event than may at once."""

    code = "too_many_waiting"
    status = HTTPStatus.TOO_MANY_REQUESTS


@dataclass(slots=True, eq=False)
class Waiter:
    """One request that waits for a place behind `position`; woken too early, it looks and waits again."""

    position: int = 0
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    is_gone: bool = False

    def leave(self) -> None:
        """Nobody waits for the answer any more."""
        self.is_gone = True
        self.woken.set()


@dataclass(slots=True)
class Waiters:
    """Who waits for which workspace's feed.

    This process's own commits wake at once. Those of others are seen by one small question for all waiting
    workspaces together, ten times a second and only while somebody waits: a NOTIFY in the commits themselves
    would have every one of them queue for Postgres' one lock for it.
    """

    ask_heads: Callable[[list[UUID]], Awaitable[Mapping[UUID, int]]]
    is_stopping: Callable[[], bool] = lambda: False
    waiting: dict[UUID, set[Waiter]] = field(default_factory=dict)
    _polling: asyncio.Task[None] | None = None

    @contextmanager
    def place(self, workspace_id: UUID) -> Iterator[Waiter]:
        """One of the workspace's places to wait at; raises TooManyWaiting."""
        here = self.waiting.setdefault(workspace_id, set())
        if len(here) >= MAX_WAITING:
            raise TooManyWaiting(retry_after_seconds=1)
        waiter = Waiter()
        here.add(waiter)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield waiter
        finally:
            here.discard(waiter)
            if not here:
                self.waiting.pop(workspace_id, None)

    def wake(self, workspace_ids: Collection[UUID]) -> None:
        """These workspaces' feeds have grown."""
        for workspace_id in workspace_ids:
            for waiter in self.waiting.get(workspace_id, ()):
                waiter.woken.set()

    async def close(self) -> None:
        """Stop looking."""
        if self._polling:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)

    async def _poll(self) -> None:
        while self.waiting:
            await asyncio.sleep(POLL_MS / 1000)
            if self.is_stopping():
                for waiter in [waiter for waiters in self.waiting.values() for waiter in waiters]:
                    waiter.leave()
                continue
            try:
                heads = await self.ask_heads(list(self.waiting))
            except BillingError as error:
                # Whoever waits gets an answer at its time, and asks again.
                log.warning("feed.not_seen", error=repr(error))
                continue
            self._wake_behind(heads)

    def _wake_behind(self, heads: Mapping[UUID, int]) -> None:
        for workspace_id, head in heads.items():
            for waiter in self.waiting.get(workspace_id, ()):
                if waiter.position < head:
                    waiter.woken.set()


Look = Callable[[int], Awaitable[FeedPiece]]


async def read_piece(
    tx: Connection, workspace_id: UUID, after: int, limit: int, wanted: FeedFilter
) -> FeedPiece:
    """What the feed has behind this place, at most so many entries."""
    # Read before the entries: every place up to it is committed and seen by the next statement.
    head = await repository.head(tx, workspace_id)
    until = min(head, after + WINDOW) if wanted.is_of_some_types else head
    rows = await repository.entries(tx, workspace_id, range(after + 1, until + 1), limit + 1, wanted)
    shown = rows[:limit]
    if len(rows) > limit:
        return FeedPiece(
            shown, shown[-1].position, True, await _skipped(tx, workspace_id, after, shown[0].position)
        )
    # Nothing of what lies between the last one shown and `until` is wanted.
    first = shown[0].position if shown else after + 1
    return FeedPiece(shown, max(after, until), until < head, await _skipped(tx, workspace_id, after, first))


async def await_piece(look: Look, waiter: Waiter, piece: FeedPiece, wait_seconds: int) -> FeedPiece:
    """The first piece that has anything, within so many seconds; else an empty one, from where to go on."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    skipped_count = piece.skipped_count
    while not piece.entries and not waiter.is_gone and loop.time() < deadline:
        if not piece.has_more:
            waiter.position = piece.next_position
            with suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await waiter.woken.wait()
        waiter.woken.clear()
        piece = await look(piece.next_position)
        skipped_count += piece.skipped_count
    return FeedPiece(piece.entries, piece.next_position, piece.has_more, skipped_count)


async def _skipped(tx: Connection, workspace_id: UUID, after: int, first_shown: int) -> int:
    """How many places behind this one have nothing left, up to the first that is shown."""
    if first_shown == after + 1:
        return 0
    first_left = await repository.first_left(tx, workspace_id, after)
    return max(0, (first_left or first_shown) - after - 1)
