"""Which reaction belongs to which event: the table that a service's consumer files fill."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

from shared.events.envelope import Envelope
from shared.events.event import Event
from shared.events.registry import JOURNAL, TOPICS
from shared.messaging.work import Unit

E = TypeVar("E", bound=Event)
One = Callable[[Unit, E], Awaitable[None]]
Many = Callable[[Unit, Sequence[E]], Awaitable[None]]
Every = Callable[[Unit, Sequence[Envelope]], Awaitable[None]]
OfBatch = Callable[[Unit, Sequence[Any]], Awaitable[None]]


@dataclass(slots=True)
class Handlers:
    """Reactions by event type. All run in the unit of work that claims the event in the inbox.

    A reaction takes the unit and the event; one that needs its workspace's clock asks for it:
    `work = await workspaces.work_of(unit, event.workspace_id)`.
    """

    by_type: dict[str, list[OfBatch]] = field(default_factory=dict)
    of_every: list[OfBatch] = field(default_factory=list)

    @overload
    def on(self, event_class: type[E], /) -> Callable[[One[E]], One[E]]: ...

    @overload
    def on(self, *event_classes: type[Event]) -> Callable[[One[Any]], One[Any]]: ...

    def on(self, *event_classes: type[Event]) -> Callable[[One[Any]], One[Any]]:
        """Register a reaction to one event at a time."""

        def register(handler: One[Any]) -> One[Any]:
            async def each(unit: Unit, events: Sequence[Event]) -> None:
                for event in events:
                    await handler(unit, event)

            self._add([event_class.type for event_class in event_classes], each)
            return handler

        return register

    @overload
    def on_batch(self, event_class: type[E], /) -> Callable[[Many[E]], Many[E]]: ...

    @overload
    def on_batch(self, *event_classes: type[Event]) -> Callable[[Many[Any]], Many[Any]]: ...

    def on_batch(self, *event_classes: type[Event]) -> Callable[[Many[Any]], Many[Any]]:
        """Register a reaction to all events of a batch at once; it must lock aggregates in id order."""

        def register(handler: Many[Any]) -> Many[Any]:
            self._add([event_class.type for event_class in event_classes], handler)
            return handler

        return register

    def on_every(self, handler: Every) -> Every:
        """Register a reaction to every event there is, of whatever type, called once a batch.

        It gets envelopes: what `data` says is not looked at, so that types and fields of tomorrow come too.
        """
        self.of_every.append(handler)
        return handler

    def include(self, other: "Handlers") -> None:
        """Add the reactions of another table."""
        for type_, handlers in other.by_type.items():
            for handler in handlers:
                self._add([type_], handler)
        self.of_every += other.of_every

    @property
    def topics(self) -> list[str]:
        """The event types that are heard, each of which has a topic of its own."""
        return sorted({*self.by_type, *TOPICS}) if self.of_every else sorted(self.by_type)

    @property
    def subscribed(self) -> list[str]:
        """The topics to subscribe to: who hears every event reads the journal, and what is not in it yet."""
        return [*self.topics, JOURNAL] if self.of_every else self.topics

    async def apply(self, unit: Unit, events: Sequence[Event], envelopes: Sequence[Envelope] = ()) -> None:
        """Run every reaction on its share of the events, which keep their order within it.

        `envelopes` are all events of the batch, for reactions to every one; `events` those with a class.
        """
        shares: dict[int, tuple[OfBatch, list[Event]]] = {}
        for event in events:
            for handler in self.by_type.get(event.type, []):
                shares.setdefault(id(handler), (handler, []))[1].append(event)
        for handler, share in shares.values():
            await handler(unit, share)
        for hear in self.of_every:
            await hear(unit, envelopes)

    def _add(self, types: Sequence[str], handler: OfBatch) -> None:
        for type_ in types:
            self.by_type.setdefault(type_, []).append(handler)
