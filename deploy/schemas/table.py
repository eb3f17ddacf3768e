"""`schemas/events.md`: every event on one page."""

from collections.abc import Mapping

from deploy.schemas.events import key, meaning
from shared.events.event import Event

_HEAD = """# Events

One Kafka topic per event type, named as the type; the same types reach integrators as webhooks. The
envelope is CloudEvents 1.0 in structured JSON; its schemas stand in `events/`. The record key is the
envelope's field named below. The topic `events.journal` has them all, keyed so that the events of one object stand
in it in the order in which they were made; webhooks and the feed follow it. (`sequence`, `step`) grows with each
event of an object. Words and fields may be added within a version: readers take those that they do not know, and
set a major version (`dataschema`) that they do not know aside. This page is generated: `make schemas`.

| type | made by | heard by | key | meaning |
|---|---|---|---|---|
"""


def table(events: Mapping[str, type[Event]], heard: Mapping[str, list[str]]) -> str:
    """The page, one row an event type."""
    return _HEAD + "".join(_row(event, heard[type_]) for type_, event in sorted(events.items()))


def _row(event: type[Event], listeners: list[str]) -> str:
    cells = [f"`{event.type}`", event.source.strip("/"), ", ".join(listeners), key(event), meaning(event)]
    return f"| {' | '.join(cells)} |\n"
