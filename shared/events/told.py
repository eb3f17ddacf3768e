"""An event that a transaction tells, as a service's own writers see it beside the outbox."""

from typing import NamedTuple

from shared.events.event import Event


class Told(NamedTuple):
    """The event, its data as they are published, and who recorded it in which request; None: the platform."""

    event: Event
    data: bytes
    actor: str | None
    request_id: str | None
