"""The feed's places: messages, and what was sent again."""

from datetime import datetime
from uuid import UUID

from services.webhook_delivery.events.domain import FeedEntry, FeedFilter
from services.webhook_delivery.message_store import repository as messages
from services.webhook_delivery.message_store.domain import StoredMessage
from shared.postgres.pool import Connection

_COLUMNS = messages.COLUMNS
_OF_TYPES = " AND (event_type = ANY($5) OR event_type ^@ ANY($6::text[]))"
_MESSAGES = f"""
SELECT {_COLUMNS}, position AS place, false AS is_resend
FROM message WHERE workspace_id = $1 AND position > $2 AND position <= $3{{types}}
ORDER BY place LIMIT $4
"""
# Each resend is one index probe in the one partition that can hold its message.
_WITH_RESENDS = f"""
SELECT * FROM (
    (SELECT {_COLUMNS}, position AS place, false AS is_resend
     FROM message WHERE workspace_id = $1 AND position > $2 AND position <= $3{{types}}
     ORDER BY place LIMIT $4)
    UNION ALL
    (SELECT {", ".join("m." + column for column in _COLUMNS.split(", "))}, r.position, true
     FROM feed_resend r
     CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM message
        WHERE workspace_id = r.workspace_id AND created_at = r.message_created_at AND id = r.message_id
          {{types}}
        LIMIT 1) AS m
     WHERE r.workspace_id = $1 AND r.position > $2 AND r.position <= $3
     ORDER BY r.position LIMIT $4)
) AS entry ORDER BY place LIMIT $4
"""
_FIRST_LEFT = """
SELECT least(
    (SELECT position FROM message WHERE workspace_id = $1 AND position > $2 ORDER BY position LIMIT 1),
    (SELECT position FROM feed_resend WHERE workspace_id = $1 AND position > $2 ORDER BY position LIMIT 1))
"""
# Places are taken in the order of commits, ids in that of their making: what was under way at the same time
# may stand in either order, and a thousand were not.
_BEFORE = """
SELECT min(position) - 1 FROM (
    SELECT position FROM message WHERE workspace_id = $1 AND created_at >= $2
    ORDER BY created_at, id LIMIT 1000) AS oldest
"""


async def head(tx: Connection, workspace_id: UUID) -> int:
    """The last place of the workspace's feed; 0 before the first."""
    position = await tx.fetchval("SELECT position FROM feed_head WHERE workspace_id = $1", workspace_id)
    return position or 0


async def heads(tx: Connection, workspace_ids: list[UUID]) -> dict[UUID, int]:
    """The last places of these workspaces' feeds; without those that have none."""
    rows = await tx.fetch(
        "SELECT workspace_id, position FROM feed_head WHERE workspace_id = ANY($1)", workspace_ids
    )
    return {row["workspace_id"]: row["position"] for row in rows}


async def place_before(tx: Connection, workspace_id: UUID, since: datetime) -> int | None:
    """The place before the first message that was accepted at this time or later; None where none was."""
    place: int | None = await tx.fetchval(_BEFORE, workspace_id, since)
    return place


async def entries(
    tx: Connection, workspace_id: UUID, places: range, limit: int, wanted: FeedFilter
) -> list[FeedEntry]:
    """What of the feed is wanted in these places, in its order."""
    sql = _WITH_RESENDS if wanted.with_resends else _MESSAGES
    values: list[object] = [workspace_id, places.start - 1, places.stop - 1, limit]
    if wanted.is_of_some_types:
        values += [wanted.types, wanted.prefixes]
    rows = await tx.fetch(sql.format(types=_OF_TYPES if wanted.is_of_some_types else ""), *values)
    return [_entry(dict(row)) for row in rows]


async def first_left(tx: Connection, workspace_id: UUID, after: int) -> int | None:
    """The first place behind this one of which anything is left; None where nothing is."""
    place: int | None = await tx.fetchval(_FIRST_LEFT, workspace_id, after)
    return place


def _entry(row: dict[str, object]) -> FeedEntry:
    place, is_resend = row.pop("place"), row.pop("is_resend")
    return FeedEntry(StoredMessage(**row), place, is_resend)  # type: ignore[arg-type]
