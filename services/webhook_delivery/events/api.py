"""The pull feed: the messages that endpoints hear, for those who rather ask than listen."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from services.webhook_delivery.common.api import cursors
from services.webhook_delivery.common.api.dependencies import Limit
from services.webhook_delivery.event_types.domain.scopes import HasScope, lacking_scope, withhold_data
from services.webhook_delivery.message_store import domain as rules
from services.webhook_delivery.message_store import repository
from services.webhook_delivery.message_store.domain import StoredMessage
from shared.events.fields import Instant
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work

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
    data: dict[str, Any] | None = Field(
        description="Null without the scope that reads the event's resource, such as invoices:read."
    )
    lacking_scope: str | None = Field(
        None, description="That scope; only there when the credential lacks it.", examples=["invoices:read"]
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


# The reply is bytes: bodies go out as they are stored.
@router.get("/events", response_model=Feed, dependencies=[require("webhooks:read")])
async def read(
    who: Who, work: Work, after: Annotated[str | None, Query(max_length=300)] = None, limit: Limit = 100
) -> Response:
    """What came after the cursor, or from the beginning; nothing is ever skipped.

    `webhooks:read` alone reads of each event that it happened, and your own messages; what an event says
    takes the scope of its resource.
    """
    position = cursors.decode(after, cursors.position, field="after")[0] if after else 0
    rows = await repository.feed(work.tx, work.workspace_id, position, limit + 1)
    shown = rows[:limit]
    last = shown[-1].position if shown else position
    meta = FeedMeta(
        limit=limit,
        next_cursor=cursors.encode(last),
        has_more=len(rows) > limit,
        # Places have no gaps, so that one tells of what is gone.
        skipped_count=shown[0].position - position - 1 if shown and after else 0,
    )
    body = (
        b'{"data":['
        + b",".join(_event(message, who.may) for message in shown)
        + b'],"meta":'
        + to_json(meta)
        + b"}"
    )
    return Response(body, media_type="application/json")


def _event(message: StoredMessage, may: HasScope) -> bytes:
    scope = lacking_scope(message, may)
    body = withhold_data(message.body, scope) if scope else message.body
    place = {} if rules.says_its_place(message.body) else {"sequence": message.sequence}
    head = to_json({"id": message.webhook_id, "subject": message.ordering_key, **place})
    # The stored body begins with its own brace: the two objects become one without being read.
    return head[:-1] + b"," + body[1:]
