"""Messages: publish one's own, list and read all, see how they fared."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from services.webhook_delivery.common.api import cursors
from services.webhook_delivery.common.api.dependencies import Cursor, Limit
from services.webhook_delivery.common.api.filters import TYPE_PATTERN, OfSubject, OfType, one_subject
from services.webhook_delivery.deliveries.api.attempts import AttemptReply, LastAttemptReply, attempt_page
from services.webhook_delivery.deliveries.api.dependencies import HandoffTool
from services.webhook_delivery.deliveries.domain.delivery import LastAttempt
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.deliveries.repository import attempts
from services.webhook_delivery.endpoints.operations.subscriber_cache import SubscriberCache
from services.webhook_delivery.event_types.domain import event_filter
from services.webhook_delivery.event_types.domain.scopes import HasScope, lacking_scope, withhold_data
from services.webhook_delivery.message_store import domain as rules
from services.webhook_delivery.message_store import repository
from services.webhook_delivery.message_store.domain import Message, StoredMessage
from services.webhook_delivery.messages import operations
from services.webhook_delivery.messages.operations import Publication
from shared.events.fields import Instant
from shared.http.fields import Moment
from shared.http.gathered import Call, GatheredPost
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import Meta, Page
from shared.http.work import Work
from shared.kernel import context
from shared.messaging.work import Unit

READ, WRITE = [require("webhooks:read")], [require("webhooks:write")]
router = APIRouter(prefix="/v1", route_class=Route, tags=["messages"])
ROUTERS = (router,)


async def subscribers_of(request: Request) -> SubscriberCache:
    """Who wants which event, as this process remembers it."""
    subscribers: SubscriberCache = request.app.state.subscribers
    return subscribers


Subscribers = Annotated[SubscriberCache, Depends(subscribers_of)]
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

    id: UUID
    webhook_id: str = Field(description="The header that every delivery of this message has.")
    event_type: str
    event_id: str
    subject: str | None = Field(description="The resource it is about.")
    resource_id: str | None = Field(description="The same, by the name that the filters have too.")
    created_at: Instant
    last_attempt: LastAttemptReply | None = Field(
        description="The newest, to whichever endpoint; null before the first."
    )

    @staticmethod
    def of(message: StoredMessage, last: LastAttempt | None) -> "MessageSummary":
        """What is shown of it besides its body."""
        return MessageSummary(
            id=message.id,
            webhook_id=message.webhook_id,
            event_type=message.event_type,
            event_id=message.source_event_id,
            subject=message.ordering_key,
            resource_id=message.ordering_key,
            created_at=message.created_at,
            last_attempt=LastAttemptReply.of(last) if last else None,
        )


class MessageReply(MessageSummary):
    """A message with its body as it is sent, byte for byte."""

    body: dict[str, Any] = Field(
        description="Its `data` are null, and `lacking_scope` names the scope that reads the event's "
        "resource, where the credential does not have it."
    )


@router.post(
    "/messages",
    status_code=201,
    # The reply is bytes: the body goes out as it is stored.
    response_model=MessageReply,
    responses={200: {"model": MessageReply, "description": "It was published before."}},
    dependencies=WRITE,
)
async def publish(
    body: NewMessage, who: Who, work: Work, subscribers: Subscribers, handoff: HandoffTool
) -> Response:
    """Publish a message; repeated with its event_id, the reply is 200 and the first message."""
    [reply] = await _publish(work, [(who, to_message(who, body))], subscribers, handoff)
    if isinstance(reply, Exception):
        raise reply
    return reply


@router.get("/messages", dependencies=READ)
async def page(
    work: Work,
    limit: Limit = 100,
    cursor: Cursor = None,
    event_type: OfType = None,
    subject: OfSubject = None,
    resource_id: OfSubject = None,
    since: Annotated[Moment | None, Query(description="When it was accepted.")] = None,
    until: Annotated[Moment | None, Query(description="Not part of the time.")] = None,
) -> Page[MessageSummary]:
    """The workspace's messages, newest first."""
    after = cursors.decode(cursor, UUID)[0] if cursor else None
    about = one_subject(subject, resource_id)
    wanted = repository.MessageFilter(event_type=event_type, subject=about, since=since, until=until)
    rows = await repository.find_page(work.tx, work.workspace_id, wanted, after, limit + 1)
    shown = await _summaries(work, rows[:limit])
    next_cursor = cursors.encode(shown[-1].id) if len(rows) > limit else None
    return Page(data=shown, meta=Meta(limit=limit, next_cursor=next_cursor))


# The reply is bytes, as above.
@router.get("/messages/{message_id}", response_model=MessageReply, dependencies=READ)
async def get(message_id: str, who: Who, work: Work) -> Response:
    """One message, by its id or its webhook-id."""
    message = await repository.get(work.tx, work.workspace_id, rules.id_of(message_id))
    [summary] = await _summaries(work, [message])
    return _reply(message, summary, who.may, 200)


@router.get("/messages/{message_id}/attempts", dependencies=READ)
async def attempts_of(
    message_id: str, work: Work, limit: Limit = 100, cursor: Cursor = None
) -> Page[AttemptReply]:
    """The attempts to deliver a message, to all its endpoints, oldest first."""
    key = cursors.decode(cursor, cursors.instant, UUID) if cursor else None
    message = await repository.get(work.tx, work.workspace_id, rules.id_of(message_id))
    rows = await attempts.of_message(work.tx, work.workspace_id, message.id, key, limit + 1)
    return attempt_page(rows, limit)


def gathered(subscribers: SubscriberCache, handoff: Handoff) -> GatheredPost[NewMessage, Message]:
    """The route of `publish` for those that come together."""

    async def write(unit: Unit, calls: Sequence[Call[Message]]) -> list[Response | Exception]:
        return await _publish(unit, [(call.principal, call.asked) for call in calls], subscribers, handoff)

    return GatheredPost(
        "/v1/messages",
        NewMessage,
        scope="webhooks:write",
        prepare=to_message,
        write=write,
        # What they may wait for is their workspace's feed.
        lock_seconds=None,
    )


def to_message(who: Principal, body: NewMessage) -> Message:
    """The message that the body is, as it will be stored; raises what `new_message` does."""
    return rules.new_message(
        who.workspace_id,
        body.event_type,
        body.data,
        who.clock.now(),
        event_id=body.event_id,
        traceparent=context.traceparent.get(),
    )


async def _publish(
    unit: Unit,
    published: Sequence[tuple[Principal, Message]],
    subscribers: SubscriberCache,
    handoff: Handoff,
) -> list[Response | Exception]:
    """The reply to each of these callers of one workspace. Nobody has been sent yet what is new."""
    messages = [message for _, message in published]
    results = await operations.publish_messages(unit, messages, subscribers, handoff)
    repeated = [one.message for one in results if isinstance(one, Publication) and not one.is_new]
    newest = await _newest_attempts(unit, messages[0].workspace_id, repeated)
    replies: list[Response | Exception] = []
    for (who, _), one in zip(published, results, strict=True):
        if isinstance(one, Exception):
            replies.append(one)
            continue
        summary = MessageSummary.of(one.message, newest.get(one.message.id))
        replies.append(_reply(one.message, summary, who.may, 201 if one.is_new else 200))
    return replies


async def _summaries(work: Work, messages: Sequence[StoredMessage]) -> list[MessageSummary]:
    newest = await _newest_attempts(work, work.workspace_id, messages)
    return [MessageSummary.of(message, newest.get(message.id)) for message in messages]


async def _newest_attempts(
    unit: Unit, workspace_id: UUID, messages: Sequence[StoredMessage]
) -> dict[UUID, LastAttempt]:
    if not messages:
        return {}
    since, ids = min(message.created_at for message in messages), [message.id for message in messages]
    return await attempts.newest_of_messages(unit.tx, workspace_id, ids, since)


def _reply(message: StoredMessage, summary: MessageSummary, may: HasScope, status: int) -> Response:
    scope = lacking_scope(message, may)
    body = withhold_data(message.body, scope) if scope else message.body
    # The body goes out as it is stored: read and written again, its numbers might change.
    content = to_json(summary)[:-1] + b',"body":' + body + b"}"
    return Response(content, status, media_type="application/json")
