"""The pull feed: the messages that endpoints hear, for those who rather ask than listen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from services.webhook_delivery.common.api import cursors
from services.webhook_delivery.common.api.dependencies import Limit
from services.webhook_delivery.event_types.domain.scopes import HasScope, lacking_scope, withhold_data
from services.webhook_delivery.events import domain as feeds
from services.webhook_delivery.events import operations, repository
from services.webhook_delivery.events.domain import FeedEntry, FeedFilter, FeedPiece
from services.webhook_delivery.events.operations import Waiter, Waiters
from services.webhook_delivery.message_store import domain as rules
from shared.events.fields import Instant
from shared.http import client_schemas
from shared.http.fields import Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.kernel.errors import Invalid
from shared.messaging.work import begin
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

router = APIRouter(prefix="/v1", route_class=Route, tags=["events"])
ROUTERS = (router,)


class FeedEvent(BaseModel):
    """A message as endpoints hear it, with its webhook-id."""

    id: str = Field(description="Equal to the webhook-id of its deliveries.")
    subject: str | None = Field(description="The resource it is about.")
    sequence: int | None = Field(
        description="Grows with every event about the resource: its version times 1,000, and a place among "
        "the events of one change. A higher one is newer, whatever the order in which they arrive."
    )
    type: str
    timestamp: Instant
    resend: bool = Field(
        False,
        description="True, and only there, where somebody asked to send it again: with `resends=true` the "
        "feed has it once more at that place.",
        json_schema_extra=client_schemas.NOT_ALWAYS,
    )
    data: dict[str, Any] | None = Field(
        description="Null without the scope that reads the event's resource, such as invoices:read."
    )
    lacking_scope: str | None = Field(
        None,
        description="That scope; only there when the credential lacks it.",
        examples=["invoices:read"],
        json_schema_extra=client_schemas.NOT_ALWAYS,
    )


class FeedMeta(BaseModel):
    """Where the feed stands."""

    limit: int
    next_cursor: str = Field(description="Ask again after this one, also when nothing came.")
    has_more: bool
    skipped_count: int = Field(
        description="Events between the cursor and the first of these that have outlived their retention."
    )


class Feed(BaseModel):
    """A piece of the feed, in the order in which its events became visible."""

    data: list[FeedEvent]
    meta: FeedMeta


After = Annotated[
    str | None,
    Query(
        max_length=300,
        description="What comes behind this cursor; `latest`: behind everything that is there now.",
        examples=["latest"],
    ),
]
Since = Annotated[
    Moment | None, Query(description="What was accepted at this time or later; instead of a cursor.")
]
Wait = Annotated[
    int,
    Query(
        ge=0,
        le=25,
        description="Where there is nothing yet, so many seconds for the next event. At most eight requests "
        "of a workspace wait at once.",
    ),
]
Types = Annotated[
    list[str] | None,
    Query(
        max_length=100,
        description="Only events of these types: `invoice.paid`, `invoice.*`; several with commas, or "
        "repeated.",
        examples=[["invoice.paid,payment.*"]],
    ),
]
Resends = Annotated[
    bool, Query(description="Also what was sent again, each with `resend`, as an endpoint would hear it.")
]


# The reply is bytes: bodies go out as they are stored.
@router.get("/events", response_model=Feed, dependencies=[require("webhooks:read")])
async def read(
    request: Request,
    who: Who,
    after: After = None,
    since: Since = None,
    types: Types = None,
    resends: Resends = False,
    wait: Wait = 0,
    limit: Limit = 100,
) -> Response:
    """What came after the cursor, or from the beginning; nothing is ever skipped.

    `webhooks:read` alone reads of each event that it happened, and your own messages; what an event says
    takes the scope of its resource. With `wait` the answer comes as soon as there is an event.
    """
    if after and since:
        raise Invalid("Give after or since, not both.", field="since")
    wanted = feeds.read_filter(types or (), resends)
    database: Database = request.app.state.database
    # No transaction is open while the request waits.
    async with begin(database, who.workspace_id) as unit:
        place = await _start(unit.tx, who, after, since)
        piece = await operations.read_piece(unit.tx, who.workspace_id, place, limit, wanted)
    if wait and not piece.entries:
        piece = await _await(request, who, piece, wanted, limit, wait)
    return _reply(piece, who, limit, tells_skipped=after is not None)


async def _start(tx: Connection, who: Principal, after: str | None, since: Moment | None) -> int:
    if after == feeds.LATEST:
        return await repository.head(tx, who.workspace_id)
    if since:
        place = await repository.place_before(tx, who.workspace_id, since)
        return await repository.head(tx, who.workspace_id) if place is None else place
    return cursors.decode(after, cursors.position, field="after")[0] if after else 0


async def _await(
    request: Request, who: Principal, piece: FeedPiece, wanted: FeedFilter, limit: int, seconds: int
) -> FeedPiece:
    database: Database = request.app.state.database

    async def look(place: int) -> FeedPiece:
        async with begin(database, who.workspace_id) as unit:
            return await operations.read_piece(unit.tx, who.workspace_id, place, limit, wanted)

    waiters: Waiters = request.app.state.waiters
    with waiters.place(who.workspace_id) as waiter:
        async with _told_when_gone(request, waiter):
            return await operations.await_piece(look, waiter, piece, seconds)


@asynccontextmanager
async def _told_when_gone(request: Request, waiter: Waiter) -> AsyncIterator[None]:
    async def watch() -> None:
        # Its body was read: what comes next is that the caller hangs up.
        while (await request.receive())["type"] != "http.disconnect":
            pass
        waiter.leave()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()


def _reply(piece: FeedPiece, who: Principal, limit: int, *, tells_skipped: bool) -> Response:
    meta = FeedMeta(
        limit=limit,
        next_cursor=cursors.encode(piece.next_position),
        has_more=piece.has_more,
        skipped_count=piece.skipped_count if tells_skipped else 0,
    )
    shown = b",".join(_event(entry, who.may) for entry in piece.entries)
    return Response(b'{"data":[' + shown + b'],"meta":' + to_json(meta) + b"}", media_type="application/json")


def _event(entry: FeedEntry, may: HasScope) -> bytes:
    message = entry.message
    scope = lacking_scope(message, may)
    body = withhold_data(message.body, scope) if scope else message.body
    place = {} if rules.says_its_place(message.body) else {"sequence": message.sequence}
    mark = {"resend": True} if entry.is_resend else {}
    head = to_json({"id": message.webhook_id, "subject": message.ordering_key, **place, **mark})
    # The stored body begins with its own brace: the two objects become one without being read.
    return head[:-1] + b"," + body[1:]
