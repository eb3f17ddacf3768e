"""The inbox: an event's effect happens once, however often the event comes."""

from collections.abc import Sequence
from uuid import UUID

from shared.postgres.pool import Connection

# Ordered, so that two members of the group that hold the same partition for a moment cannot deadlock.
_CLAIM = """
INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS id ORDER BY id
ON CONFLICT DO NOTHING RETURNING event_id
"""


async def claim(tx: Connection, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Of these events, those that this consumer has not applied before; marks them as applied in `tx`."""
    return {row["event_id"] for row in await tx.fetch(_CLAIM, consumer, list(event_ids))}
