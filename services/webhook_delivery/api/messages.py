"""Messages: publish one's own, list and read all, see how they fared."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from services.webhook_delivery.api import cursors
from services.webhook_delivery.api.attempt_reply import AttemptReply, attempt_page
from services.webhook_delivery.api.dependencies import Cursor, Limit, Toolbox
from services.webhook_delivery.domain import event_filter
from services.webhook_delivery.domain import message as rules
from services.webhook_delivery.domain.event_scopes import May, lacking, withheld
from services.webhook_delivery.domain.message import StoredMessage
from services.webhook_delivery.operations import messages as operations
from services.webhook_delivery.repository import attempts
from services.webhook_delivery.repository import messages as repository
from shared.events.fields import Instant
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Who, require
from shared.http.pagination import Meta, Page
from shared.http.transactions import Tx
from shared.kernel import context

READ, WRITE = [require("webhooks:read")], [require("webhooks:write")]
router = APIRouter(prefix="/v1", route_class=Route, tags=["messages"])
ROUTERS = (router,)

TYPE_PATTERN = f"^{event_filter.TYPE_FORM}$"
EventType = Annotated[
    str,
    Field(
        max_length=event_filter.MAX_TYPE_LENGTH,
        pattern=TYPE_PATTERN,
        examples=["order.packed"],
    ),
]


class NewMessage(BaseModel):
    """An event of the integrator's own."""

    model_config = ConfigDict(extra="forbid")

    event_type: EventType = Field(
        description="Of your own: none of the platform's resources, such as invoice."
    )
    data: dict[str, Any] = Field(description="With type and time it may have 256 KB at most.")
    event_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=255,
            description="The same id publishes one message, however often it comes.",
        ),
    ] = None


class MessageSummary(BaseModel):
    """A message without its body."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    webhook_id: str = Field(description="The header that every delivery of this message has.")
    event_type: str
    event_id: str = Field(validation_alias="source_event_id")
    created_at: Instant


class MessageReply(MessageSummary):
    """A message with its body as it is sent, byte for byte."""

    body: dict[str, Any] = Field(
        description="Its `data` are null, and `lacking_scope` names the scope that reads the event's "
        "resource, where the credential does not have it."
    )


@router.post(
    "/messages",
    status_code=201,
    response_model=MessageReply,
    responses={200: {"model": MessageReply, "description": "It was published before."}},
    dependencies=WRITE,
)
async def publish(body: NewMessage, who: Who, tx: Tx, now: Now, tools: Toolbox) -> Response:
    """Publish a message; repeated with its event_id, the reply is 200 and the first message."""
    message = rules.published(
        who.workspace_id, body.event_type, body.event_id, body.data, now.now(), context.traceparent.get()
    )
    stored, is_new = await operations.publish_message(tx, message, tools.subscriptions, tools.desk)
    return _reply(stored, who.may, 201 if is_new else 200)


@router.get("/messages", response_model=Page[MessageSummary], dependencies=READ)
async def page(
    who: Who,
    tx: Tx,
    limit: Limit = 100,
    cursor: Cursor = None,
    event_type: Annotated[
        str | None, Query(max_length=event_filter.MAX_TYPE_LENGTH, pattern=TYPE_PATTERN)
    ] = None,
) -> dict[str, Any]:
    """The workspace's messages, newest first."""
    after = cursors.decode(cursor, UUID)[0] if cursor else None
    rows = await repository.page(tx, who.workspace_id, after, event_type, limit + 1)
    shown = rows[:limit]
    next_cursor = cursors.encode(shown[-1].id) if len(rows) > limit else None
    return {"data": shown, "meta": Meta(limit=limit, next_cursor=next_cursor)}


@router.get("/messages/{message_id}", response_model=MessageReply, dependencies=READ)
async def get(message_id: str, who: Who, tx: Tx) -> Response:
    """One message, by its id or its webhook-id."""
    return _reply(await repository.get(tx, who.workspace_id, rules.id_of(message_id)), who.may, 200)


@router.get("/messages/{message_id}/attempts", response_model=Page[AttemptReply], dependencies=READ)
async def attempts_of(
    message_id: str, who: Who, tx: Tx, limit: Limit = 100, cursor: Cursor = None
) -> dict[str, Any]:
    """The attempts to deliver a message, to all its endpoints, oldest first."""
    key = cursors.decode(cursor, cursors.instant, UUID) if cursor else None
    message = await repository.get(tx, who.workspace_id, rules.id_of(message_id))
    rows = await attempts.of_message(tx, who.workspace_id, message.id, key, limit + 1)
    return attempt_page(rows, limit)


def _reply(message: StoredMessage, may: May, status: int) -> Response:
    scope = lacking(message, may)
    body = withheld(message.body, scope) if scope else message.body
    summary = to_json(MessageSummary.model_validate(message))
    # The body goes out as it is stored: read and written again, its numbers might change.
    return Response(summary[:-1] + b',"body":' + body + b"}", status, media_type="application/json")
