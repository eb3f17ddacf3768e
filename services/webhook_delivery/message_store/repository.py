"""Messages, each stored once by its event's id, and their positions in the workspace's feed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg

from services.webhook_delivery.message_store.domain import Message, StoredMessage, created_at_of
from shared.kernel.errors import Unavailable, raise_not_found
from shared.postgres.listing import Listing, where
from shared.postgres.named import Statement, compile_statement, merge_values
from shared.postgres.pool import Connection

COLUMNS = "id, workspace_id, created_at, event_type, source_event_id, ordering_key, sequence, position, body"
# The advisory lock makes writers of one workspace queue up: at the row itself all of them would wake at each
# commit to find that it has changed. The row's own lock is what the order of the places rests on.
_PLACE = """
SELECT taken.workspace_id, taken.count, 0
FROM ({taken}) AS taken
CROSS JOIN LATERAL (SELECT pg_advisory_xact_lock(hashtextextended(taken.workspace_id::text, 1))) AS queued
ON CONFLICT (workspace_id) DO UPDATE SET position = feed_head.position + excluded.position
RETURNING workspace_id, position, endpoints_version
"""
_TAKE_PLACE = f"""
INSERT INTO feed_head (workspace_id, position, endpoints_version)
{_PLACE.format(taken="SELECT $1::uuid AS workspace_id, 1 AS count")}
"""
# Claimed in an order, so that two writers of the same events cannot deadlock; what is new takes places in the
# order in which it was given.
_STORE = Statement(f"""
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        :id::uuid[], :workspace_id::uuid[], :created_at::timestamptz[], :event_type::text[],
        :source_event_id::text[], :ordering_key::text[], :sequence::bigint[], :traceparent::text[],
        :body::bytea[], :body_sha::bytea[]) WITH ORDINALITY AS one (
        id, workspace_id, created_at, event_type, source_event_id, ordering_key, sequence, traceparent, body,
        body_sha, number)),
claimed AS (
    INSERT INTO message_dedup (workspace_id, source_event_id, message_id, body_sha)
    SELECT workspace_id, source_event_id, id, body_sha FROM given
    ORDER BY workspace_id, source_event_id, number
    ON CONFLICT DO NOTHING RETURNING workspace_id, message_id),
head AS (
    INSERT INTO feed_head (workspace_id, position, endpoints_version)
    {_PLACE.format(taken="SELECT workspace_id, count(*) AS count FROM claimed GROUP BY 1 ORDER BY 1")}),
new AS MATERIALIZED (
    SELECT given.*, head.endpoints_version,
        head.position - count(*) OVER (PARTITION BY given.workspace_id)
            + row_number() OVER (PARTITION BY given.workspace_id ORDER BY number) AS position
    FROM claimed JOIN given ON given.id = claimed.message_id
    JOIN head ON head.workspace_id = given.workspace_id),
stored AS (
    INSERT INTO message (id, workspace_id, created_at, event_type, source_event_id, ordering_key, sequence,
                         position, traceparent, body)
    SELECT id, workspace_id, created_at, event_type, source_event_id, ordering_key, sequence, position,
           traceparent, body FROM new)
SELECT id, workspace_id, position, endpoints_version FROM new
""")
_RESEND = """
INSERT INTO feed_resend (workspace_id, position, message_id, message_created_at) VALUES ($1, $2, $3, $4)
"""
_ORIGINALS = """
SELECT source_event_id, message_id, body_sha FROM message_dedup
WHERE workspace_id = $1 AND source_event_id = ANY($2::text[])
"""
_GET_MANY = f"""
SELECT m.* FROM unnest($2::timestamptz[], $3::uuid[]) AS wanted (created_at, id)
CROSS JOIN LATERAL (
    SELECT {COLUMNS} FROM message
    WHERE created_at = wanted.created_at AND id = wanted.id AND workspace_id = $1 LIMIT 1) AS m
"""
_GET = f"SELECT {COLUMNS} FROM message WHERE workspace_id = $1 AND created_at = $2 AND id = $3"
_FACTS = """
SELECT m.id, m.event_type, m.ordering_key, m.position
FROM unnest($2::timestamptz[], $3::uuid[]) AS wanted (created_at, id)
CROSS JOIN LATERAL (
    SELECT * FROM message
    WHERE created_at = wanted.created_at AND id = wanted.id AND workspace_id = $1
      AND created_at BETWEEN $4 AND $5
    LIMIT 1) AS m
"""
# LATERAL and LIMIT hold Postgres to one index probe a message, in the one partition that can hold it; a plan
# made while the tables were small would read them whole when they have grown. The bounds rule out the other
# partitions before the statement begins.
_CONTENT = """
SELECT m.id, m.event_type, m.traceparent, m.body
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) AS wanted (workspace_id, created_at, id)
CROSS JOIN LATERAL (
    SELECT * FROM message
    WHERE created_at = wanted.created_at AND id = wanted.id AND workspace_id = wanted.workspace_id
      AND created_at BETWEEN $4 AND $5
    LIMIT 1) AS m
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages: of one type, about one resource, of a time without its end."""

    event_type: Annotated[str | None, where("event_type = :event_type")] = None
    subject: Annotated[str | None, where("ordering_key = :subject")] = None
    since: Annotated[datetime | None, where("created_at >= :since")] = None
    until: Annotated[datetime | None, where("created_at < :until")] = None


_LIST = Listing(MessageFilter, "message", COLUMNS)


@dataclass(frozen=True, slots=True)
class Place:
    """A new message's place in its workspace's feed, and the version of the workspace's endpoints there."""

    position: int
    endpoints_version: int


@dataclass(frozen=True, slots=True)
class Original:
    """The message that was published first with an event id, and its body's hash."""

    message: StoredMessage
    body_sha: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message is about, and its place in the feed."""

    event_type: str
    subject: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Content:
    """What a delivery sends of its message."""

    event_type: str
    traceparent: str | None
    body: bytes


async def store(tx: Connection, messages: Sequence[Message]) -> dict[UUID, Place]:
    """Store those whose event was not published before, in their order; where they are in the feed, by id.

    Holds the feeds' row locks until the transaction ends, so call it late. Raises Unavailable while the day
    has no partition.
    """
    try:
        rows = await _STORE.fetch_many(tx, messages)
    except asyncpg.CheckViolationError as error:
        # Postgres counts a missing partition among the data's faults; it is ours, and passes.
        raise Unavailable("The day's partition is missing.", retry_after_seconds=1) from error
    return {row["id"]: Place(row["position"], row["endpoints_version"]) for row in rows}


async def insert_resend(tx: Connection, workspace_id: UUID, message_id: UUID) -> None:
    """Give the message one more place in the feed, the next, as something that was sent again.

    Holds the feed's row lock until the transaction ends, so call it late.
    """
    taken = await tx.fetchrow(_TAKE_PLACE, workspace_id)
    assert taken is not None
    await tx.execute(_RESEND, workspace_id, taken["position"], message_id, created_at_of(message_id))


async def originals(
    tx: Connection, workspace_id: UUID, source_event_ids: Collection[str]
) -> dict[str, Original]:
    """What was published with these event ids; messages that have outlived their retention are missing."""
    rows = await tx.fetch(_ORIGINALS, workspace_id, list(source_event_ids))
    ids = [row["message_id"] for row in rows]
    stored = await tx.fetch(_GET_MANY, workspace_id, [created_at_of(id_) for id_ in ids], ids)
    messages = {row["id"]: StoredMessage(**row) for row in stored}
    return {
        row["source_event_id"]: Original(messages[row["message_id"]], row["body_sha"])
        for row in rows
        if row["message_id"] in messages
    }


async def get(tx: Connection, workspace_id: UUID, message_id: UUID) -> StoredMessage:
    """The message; raises NotFound."""
    row = await tx.fetchrow(_GET, workspace_id, created_at_of(message_id), message_id)
    return StoredMessage(**row) if row else raise_not_found("message", message_id)


async def find_page(
    tx: Connection, workspace_id: UUID, wanted: MessageFilter, after: UUID | None, limit: int
) -> list[StoredMessage]:
    """The workspace's messages of which this is true, newest first, behind the one with this id."""
    conditions = _LIST.where(workspace_id, wanted)
    behind: dict[str, object] = {"limit": limit}
    place = ""
    if after:
        place = " AND (created_at, id) < (:after_created_at, :after)"
        behind |= {"after_created_at": created_at_of(after), "after": after}
    sql = f"""SELECT {COLUMNS} FROM message WHERE {conditions}{place}
        ORDER BY created_at DESC, id DESC LIMIT :limit"""
    rows = await compile_statement(sql).fetch(tx, **merge_values(conditions.values, behind))
    return [StoredMessage(**row) for row in rows]


async def positions_about(tx: Connection, workspace_id: UUID, subject: str, limit: int) -> dict[UUID, int]:
    """The newest messages about this resource, with their places in the feed."""
    rows = await tx.fetch(
        """SELECT id, position FROM message WHERE workspace_id = $1 AND ordering_key = $2
        ORDER BY created_at DESC, id DESC LIMIT $3""",
        workspace_id,
        subject,
        limit,
    )
    return {row["id"]: row["position"] for row in rows}


async def facts(tx: Connection, workspace_id: UUID, ids: Collection[UUID]) -> dict[UUID, Facts]:
    """What these messages are about, by their ids; those that have outlived their retention are missing."""
    if not ids:
        return {}
    times = [created_at_of(id_) for id_ in ids]
    rows = await tx.fetch(_FACTS, workspace_id, times, list(ids), min(times), max(times))
    return {row["id"]: Facts(row["event_type"], row["ordering_key"], row["position"]) for row in rows}


async def content(tx: Connection, keys: set[tuple[UUID, datetime, UUID]]) -> dict[UUID, Content]:
    """Type, traceparent and body of the messages with these workspace ids, times and ids, by their id."""
    workspace_ids, times, ids = zip(*keys, strict=True)
    rows = await tx.fetch(_CONTENT, workspace_ids, times, ids, min(times), max(times))
    return {row["id"]: Content(row["event_type"], row["traceparent"], row["body"]) for row in rows}
