"""Handlers: every reaction gets its share of a batch, in order."""

from collections.abc import Sequence
from typing import Any

from shared.events import envelope
from shared.events.contact import ContactCreated, ContactData, ContactUpdated
from shared.events.envelope import Envelope
from shared.events.event import Event
from shared.events.product import ProductCreated
from shared.events.registry import JOURNAL, TOPICS
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging.handlers import Handlers

NO_TX: Any = object()


def an_event(event_class: type[Event] = ContactCreated) -> Event:
    now = Clock().now()
    data = ContactData(id=new_id(), version=1, created_at=now, updated_at=now, name="Acme")
    return event_class.of(new_id(), data)


async def test_a_reaction_gets_its_events_one_at_a_time_and_in_order() -> None:
    handlers, seen = Handlers(), []

    @handlers.on(ContactCreated)
    async def remember(tx: Any, event: ContactCreated) -> None:
        seen.append((tx, event))

    events = [an_event(), an_event(ContactUpdated), an_event()]
    await handlers.apply(NO_TX, events)

    assert seen == [(NO_TX, events[0]), (NO_TX, events[2])]


async def test_a_reaction_to_a_batch_gets_its_events_at_once() -> None:
    handlers, seen = Handlers(), []

    @handlers.on_batch(ContactCreated, ContactUpdated)
    async def remember(_: Any, events: Sequence[Event]) -> None:
        seen.append(list(events))

    events = [an_event(), an_event(ProductCreated), an_event(ContactUpdated)]
    await handlers.apply(NO_TX, events)

    assert seen == [[events[0], events[2]]]


async def test_several_reactions_to_one_event_all_happen() -> None:
    handlers, seen = Handlers(), []

    @handlers.on(ContactCreated)
    async def first(_: Any, event: Event) -> None:
        seen.append("first")

    @handlers.on(ContactCreated)
    async def second(_: Any, event: Event) -> None:
        seen.append("second")

    await handlers.apply(NO_TX, [an_event()])

    assert seen == ["first", "second"]


async def test_included_reactions_keep_their_batches_whole() -> None:
    inner, outer, seen = Handlers(), Handlers(), []

    @inner.on_batch(ContactCreated, ContactUpdated)
    async def remember(_: Any, events: Sequence[Event]) -> None:
        seen.append(len(events))

    outer.include(inner)
    await outer.apply(NO_TX, [an_event(), an_event(ContactUpdated)])

    assert seen == [2]


async def test_an_event_that_nobody_reacts_to_does_nothing() -> None:
    await Handlers().apply(NO_TX, [an_event()])


async def test_a_reaction_to_every_event_is_called_once_a_batch() -> None:
    handlers, seen = Handlers(), []

    @handlers.on_every
    async def remember(_: Any, events: Sequence[Envelope]) -> None:
        seen.append(list(events))

    envelopes = [envelope.read(one.type, one.encode()) for one in (an_event(), an_event(ProductCreated))]
    await handlers.apply(NO_TX, [], envelopes)

    assert seen == [envelopes]
    assert handlers.topics == sorted(TOPICS)
    assert handlers.subscribed == [*sorted(TOPICS), JOURNAL]


def test_the_topics_are_those_that_are_heard() -> None:
    handlers = Handlers()

    @handlers.on(ContactUpdated, ContactCreated)
    async def nothing(_: Any, event: Event) -> None: ...

    assert handlers.topics == ["contact.created", "contact.updated"]
