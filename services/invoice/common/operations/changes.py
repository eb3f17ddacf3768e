"""How every change of this service is told: to the outbox, and to the append-only change log."""

import hashlib
from datetime import datetime
from uuid import UUID

from services.invoice.common.repository import changes
from shared.events.event import Event
from shared.kernel import context
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def record(tx: Connection, *events: Event) -> None:
    """Write the events to the outbox, and one row to the change log for each resource that changed."""
    if not events:
        return
    await outbox.record(tx, *events)
    told: dict[tuple[UUID, str, UUID, int], list[Event]] = {}
    for event in events:
        resource = event.type.partition(".")[0]
        told.setdefault((event.workspace_id, resource, event.subject, event.sequence), []).append(event)
    rows = [(*key, _types(same), _time(same), _digest(same)) for key, same in told.items()]
    await changes.insert(tx, rows, context.actor.get(), context.request_id.get())


def _types(events: list[Event]) -> str:
    return " ".join(event.type for event in events)


def _time(events: list[Event]) -> datetime:
    return events[0].time


def _digest(events: list[Event]) -> bytes:
    return hashlib.sha256(events[0].data.model_dump_json().encode()).digest()
