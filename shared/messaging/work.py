"""A unit of work: one transaction, and the events of what it changes, which are written at its commit."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar
from uuid import UUID

import structlog

from shared.events.event import Event
from shared.events.told import Told
from shared.kernel.clock import Clock
from shared.messaging import outbox
from shared.messaging.outbox import Encodings, Recorded
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database, savepoint

W = TypeVar("W", bound="Unit")
log = structlog.get_logger()
Writer = Callable[[Connection, Sequence[Told]], Awaitable[None]]


@dataclass(slots=True)
class _Ledger:
    """What a transaction is to tell, and how much of that is written; all parts of a unit share it."""

    writers: Sequence[Writer] = ()
    recorded: list[Recorded] = field(default_factory=list)
    encodings: Encodings = field(default_factory=Encodings)
    # So many of the events are in the outbox, and so many were given to the writers.
    written_count: int = 0
    told_count: int = 0
    wrote_rows: bool = False
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    @property
    def has_written(self) -> bool:
        return self.wrote_rows or self.written_count > 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A transaction and the events in it, in whatever workspaces; `within` gives its part in one of them."""

    tx: Connection
    _ledger: _Ledger = field(repr=False)

    def record(self, *events: Event) -> None:
        """Have these events written, in this order, with the state that makes them true, at the commit."""
        self._ledger.recorded += map(outbox.noted, events)

    def within(self, workspace_id: UUID, clock: Clock, actor: str | None = None) -> "Work":
        """This unit's part in a workspace, whose clock the caller knows; `workspaces.work_of` asks for it."""
        return Work(self.tx, self._ledger, workspace_id, clock, actor)

    def having(self, kind: type[W], **more: Any) -> W:
        """This unit as one of a service's own kind, which carries more along: `class LimitedWork(Work)`."""
        return kind(**{field.name: getattr(self, field.name) for field in fields(self)} | more)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the commit is done; never where the unit, or the savepoint it is in, rolls back."""
        self._ledger.after_commit.append(call)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what happens inside alone when it raises: its events are dropped too."""
        ledger = self._ledger
        before = len(ledger.recorded), len(ledger.after_commit)
        counts = ledger.written_count, ledger.told_count, ledger.wrote_rows
        try:
            async with savepoint(self.tx):
                yield
        except BaseException:
            del ledger.recorded[before[0] :], ledger.after_commit[before[1] :]
            ledger.written_count, ledger.told_count, ledger.wrote_rows = counts
            raise

    def take_columns(self) -> list[list[object]]:
        """The events that wait, for a statement that writes state and events at once (see outbox.columns_of).

        They count as written: a statement that raises must end the unit, or the savepoint it is in.
        """
        ledger = self._ledger
        columns = outbox.columns_of(ledger.recorded, ledger.written_count, ledger.encodings)
        ledger.written_count = len(ledger.recorded)
        return columns

    def note_rows(self) -> None:
        """Note that rows of the outbox were written that are no events of ours: dead letters."""
        self._ledger.wrote_rows = True

    async def flush(self) -> None:
        """Write the events that wait, and what the service's own writers make of them. The commit does it."""
        ledger = self._ledger
        await outbox.write(self.tx, ledger.recorded, ledger.written_count, ledger.encodings)
        ledger.written_count = len(ledger.recorded)
        if ledger.writers and ledger.written_count > ledger.told_count:
            told = outbox.told(ledger.recorded[ledger.told_count :], ledger.encodings)
            ledger.told_count = ledger.written_count
            for write in ledger.writers:
                await write(self.tx, told)


@dataclass(frozen=True, slots=True)
class Work(Unit):
    """A unit's part in one workspace, on that workspace's clock. `actor` is who asked; None: the platform."""

    workspace_id: UUID
    clock: Clock
    actor: str | None = None


@asynccontextmanager
async def begin(
    database: Database, workspace_id: UUID | None = None, lock_seconds: float | None = None
) -> AsyncIterator[Unit]:
    """A unit on a transaction of its own: commits at the end, rolls back on any exception.

    Row-level security shows it that workspace alone, where one is given. A lock is waited for `lock_seconds`
    at the most, else as long as a statement may take. Raises what the transaction raises.
    """
    async with database.transaction(workspace_id, lock_seconds) as tx:
        unit = Unit(tx, _Ledger(database.writers))
        yield unit
        await unit.flush()
    wakes = database.after_events if unit._ledger.has_written else ()
    for call in (*wakes, *unit._ledger.after_commit):
        _call(call)


def _call(call: Callable[[], None]) -> None:
    # It is committed: raised from here, whoever asked would take it for undone and ask again.
    try:
        call()
    except Exception as error:
        log.error("commit.not_told", error=repr(error), exc_info=error)
