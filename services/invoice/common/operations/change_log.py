"""The change log: one append-only row for each change of a resource, written with the change's events."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from services.invoice.common.repository import change_log
from services.invoice.common.repository.change_log import Change
from shared.events.told import Told
from shared.kernel import context
from shared.postgres.pool import Connection


async def write_change_log(tx: Connection, told: Sequence[Told]) -> None:
    """Append a row for each change that these events tell of; every unit of work calls it at its commit."""
    by_change: dict[tuple[UUID, str, UUID, int], list[Told]] = {}
    for one in told:
        event = one.event
        resource = event.type.partition(".")[0]
        by_change.setdefault((event.workspace_id, resource, event.subject, event.sequence), []).append(one)
    rows = [
        Change(
            *key,
            types=" ".join(one.event.type for one in same),
            actor=same[0].actor or context.SYSTEM,
            request_id=same[0].request_id,
            occurred_at=same[0].event.time,
            sha256=hashlib.sha256(same[0].data).digest(),
        )
        for key, same in by_change.items()
    ]
    if rows:
        await change_log.insert(tx, rows)
