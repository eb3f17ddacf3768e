"""The change log: one append-only row for each change of a resource, written with the change's events."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from services.invoice.common.repository import change_log
from shared.events.event import Event
from shared.kernel import context
from shared.postgres.pool import Connection


async def write_change_log(tx: Connection, events: Sequence[Event]) -> None:
    """Append a row for each change that these events tell of; every unit of work calls it at its commit."""
    by_change: dict[tuple[UUID, str, UUID, int], list[Event]] = {}
    for event in events:
        resource = event.type.partition(".")[0]
        by_change.setdefault((event.workspace_id, resource, event.subject, event.sequence), []).append(event)
    rows = [
        (*key, " ".join(event.type for event in same), same[0].time, _digest(same[0]))
        for key, same in by_change.items()
    ]
    if rows:
        await change_log.insert(tx, rows, context.actor.get(), context.request_id.get())


def _digest(event: Event) -> bytes:
    return hashlib.sha256(event.data.model_dump_json().encode()).digest()
