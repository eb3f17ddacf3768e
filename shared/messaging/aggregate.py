"""Lock, decide, save, record: one way for each kind of thing, none of whose steps can be left out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from shared.events.event import Event, Snapshot
from shared.messaging.work import Work
from shared.postgres.pool import Connection


class Kept(Protocol):
    """What has an id in a workspace."""

    @property
    def workspace_id(self) -> UUID: ...

    @property
    def id(self) -> UUID: ...


T = TypeVar("T", bound=Kept)


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[T]):
    """How things of one kind are locked, stored and told, by the functions of their repository.

    `snapshot` is what events say of one; it may look at the clock.
    """

    lock_row: Callable[[Connection, UUID, UUID], Awaitable[T]]
    insert_row: Callable[[Connection, T], Awaitable[None]]
    update_row: Callable[[Connection, T], Awaitable[None]]
    snapshot: Callable[[T, Work], Snapshot]
    delete_row: Callable[[Connection, UUID, UUID], Awaitable[None]] | None = None

    async def lock(self, work: Work, id_: UUID) -> "Locked[T]":
        """The one with this id, locked until the unit ends; raises what `lock_row` does, NotFound first."""
        return Locked(self, work, await self.lock_row(work.tx, work.workspace_id, id_))

    def locked(self, work: Work, value: T) -> "Locked[T]":
        """One whose row this unit holds locked already: a batch locks many at once."""
        return Locked(self, work, value)

    async def create(self, work: Work, value: T, *events: Event | type[Event]) -> "Locked[T]":
        """Store a new one and record these events of it; raises what `insert_row` does."""
        await self.insert_row(work.tx, value)
        work.record(*self.told(work, value, *events))
        return Locked(self, work, value)

    def told(self, work: Work, value: T, *events: Event | type[Event]) -> list[Event]:
        """These events, of which the classes say the snapshot of the value; it is made once."""
        if not any(isinstance(event, type) for event in events):
            return [event for event in events if isinstance(event, Event)]
        data = self.snapshot(value, work)
        return [event if isinstance(event, Event) else event.of(value.workspace_id, data) for event in events]


@dataclass(slots=True)
class Locked(Generic[T]):
    """A thing whose row this unit holds locked: `value` is how it is now."""

    kind: Aggregate[T]
    work: Work
    value: T

    async def save(self, changed: T, *events: Event | type[Event]) -> T:
        """Store what it has become and record these events of it; nothing where it is what it was.

        An event's class stands for that event of the new snapshot. Raises what `update_row` does.
        """
        if changed is not self.value:
            await self.kind.update_row(self.work.tx, changed)
            self.work.record(*self.kind.told(self.work, changed, *events))
            self.value = changed
        return self.value

    async def delete(self, last: T, *events: Event | type[Event]) -> None:
        """Remove it and record these events, which say what it was at its end."""
        assert self.kind.delete_row is not None
        await self.kind.delete_row(self.work.tx, self.value.workspace_id, self.value.id)
        self.work.record(*self.kind.told(self.work, last, *events))
