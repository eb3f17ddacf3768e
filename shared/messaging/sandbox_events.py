"""Whether everybody has heard a sandbox's events: outbox and log of one service, inboxes of the others."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.postgres.pool import Connection

MAX_KNOWN = 100_000
_MODES = "SELECT workspace_id::text AS id, mode FROM workspace WHERE workspace_id = ANY($1::uuid[])"
# An event is in the outbox or in the log, never in neither: the relay moves it in one statement.
_PUBLISHED = """
SELECT id, type FROM (
    SELECT id, type FROM outbox WHERE headers ->> 'ce_workspaceid' = $1::text AND type = ANY($2::text[])
    UNION ALL SELECT event_id, type FROM sandbox_event WHERE workspace_id = $1::text::uuid
) AS event ORDER BY id LIMIT $3
"""
_UNHEARD = """
SELECT id FROM unnest($2::uuid[]) AS id
WHERE NOT EXISTS (SELECT FROM inbox WHERE consumer = $1 AND event_id = id)
"""
_FORGET = "DELETE FROM sandbox_event WHERE workspace_id = $1 AND event_id = ANY($2::uuid[])"

Published = tuple[UUID, str]
"""An event's id and its type."""


@dataclass(slots=True)
class Sandboxes:
    """Tells live workspaces from others; a mode never changes, so each is looked up once."""

    _is_live: dict[str, bool] = field(default_factory=dict)

    async def among(self, connection: Connection, workspace_ids: Iterable[str]) -> list[str]:
        """Of these ids, those of sandboxes and of workspaces that this service has not heard of yet."""
        ids = set(workspace_ids)
        if unknown := [one for one in ids - self._is_live.keys() if _is_uuid(one)]:
            if len(self._is_live) > MAX_KNOWN:
                self._is_live.clear()
            self._is_live |= {r["id"]: r["mode"] == "live" for r in await connection.fetch(_MODES, unknown)}
        return [one for one in ids if _is_uuid(one) and not self._is_live.get(one, False)]


async def published(tx: Connection, workspace_id: UUID, types: Sequence[str], limit: int) -> list[Published]:
    """Up to `limit` events of these types that this service made and that are not known to be heard."""
    rows: list[Any] = await tx.fetch(_PUBLISHED, str(workspace_id), list(types), limit)
    return [(row["id"], row["type"]) for row in rows]


async def unheard(
    tx: Connection, consumer: str, topics: Sequence[str], events: Sequence[Published]
) -> list[UUID]:
    """Of these events, those that the consumer subscribes to and whose effect is not committed."""
    heard_here = [event_id for event_id, type_ in events if type_ in topics]
    return [row["id"] for row in await tx.fetch(_UNHEARD, consumer, heard_here)] if heard_here else []


async def forget(tx: Connection, workspace_id: UUID, event_ids: Sequence[UUID]) -> None:
    """Drop events that everybody has heard."""
    if event_ids:
        await tx.execute(_FORGET, workspace_id, list(event_ids))


def _is_uuid(text: str) -> bool:
    # A dead letter carries its record's headers, whatever they said.
    with suppress(ValueError):
        return str(UUID(text)) == text
    return False
