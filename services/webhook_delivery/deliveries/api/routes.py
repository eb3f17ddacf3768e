"""Deliveries: what waits, what arrived, what did not; sending again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.webhook_delivery.common.api import cursors
from services.webhook_delivery.common.api.dependencies import Cursor, Limit
from services.webhook_delivery.common.api.filters import OfSubject, OfType, one_subject
from services.webhook_delivery.deliveries.api.attempts import AttemptReply, LastAttemptReply, attempt_page
from services.webhook_delivery.deliveries.api.dependencies import HandoffTool
from services.webhook_delivery.deliveries.domain.delivery import UNDELIVERED, DeliveryView, State
from services.webhook_delivery.deliveries.operations import outcomes as operations
from services.webhook_delivery.deliveries.repository import attempts
from services.webhook_delivery.deliveries.repository import views as repository
from services.webhook_delivery.deliveries.repository.views import DeliveryFilter, KeyRange
from services.webhook_delivery.message_store import domain as message_rules
from services.webhook_delivery.message_store import repository as message_repository
from services.webhook_delivery.message_store.domain import webhook_id_of
from shared.events.fields import Instant
from shared.http.fields import Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Meta, Page
from shared.http.work import Work
from shared.kernel.errors import raise_not_found

router = APIRouter(prefix="/v1", route_class=Route, tags=["deliveries"])
ROUTERS = (router,)
READ, WRITE = [require("webhooks:read")], [require("webhooks:write")]
MAX_MESSAGES = 5000
Key = tuple[int | datetime, UUID]
Rows = Sequence[tuple[DeliveryView, Key]]


class DeliveryReply(BaseModel):
    """One message on its way to one endpoint."""

    id: UUID
    message_id: UUID
    webhook_id: str = Field(description="The header that it has, the same at every endpoint.")
    event_type: str | None = Field(description="Null once its message has outlived its retention.")
    subject: str | None = Field(description="The resource that its message is about.")
    resource_id: str | None = Field(description="The same, by the name that the filters have too.")
    endpoint_id: UUID
    state: State
    attempt_count: int
    next_attempt_at: Instant | None = Field(description="While it is pending.")
    finished_at: Instant | None = Field(description="When it arrived or was given up.")
    last_attempt: LastAttemptReply | None = Field(description="Null before the first.")

    @classmethod
    def of(cls, view: DeliveryView) -> Self:
        """What is shown of it."""
        last = LastAttemptReply.of(view.last_attempt) if view.last_attempt else None
        return cls(
            id=view.id,
            message_id=view.message_id,
            webhook_id=webhook_id_of(view.message_id),
            event_type=view.event_type,
            subject=view.subject,
            resource_id=view.subject,
            endpoint_id=view.endpoint_id,
            state=view.state,
            attempt_count=view.attempt_count,
            next_attempt_at=view.next_attempt_at,
            finished_at=view.finished_at,
            last_attempt=last,
        )


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page begins: in a section of the list, behind a key."""

    section: str
    key: Key | None = None


@router.get("/deliveries", dependencies=READ)
async def page(
    work: Work,
    state: Annotated[State | None, Query()] = None,
    endpoint_id: Annotated[UUID | None, Query()] = None,
    since: Annotated[Moment | None, Query(description="When it ended, or its message was accepted.")] = None,
    until: Annotated[Moment | None, Query(description="Not part of the time.")] = None,
    event_type: OfType = None,
    subject: OfSubject = None,
    resource_id: OfSubject = None,
    message_id: Annotated[
        str | None, Query(max_length=50, description="Of this message, by its id or its webhook-id.")
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeliveryReply]:
    """The pending ones, then those that did not arrive, then those that did; each newest first.

    With `subject` those of the newest 5,000 messages about the resource.
    """
    place = _read(cursor) if cursor else None
    about = one_subject(subject, resource_id)
    messages = await _messages(work, about, message_id)
    wanted = DeliveryFilter(
        endpoint_id=endpoint_id, since=since, until=until, event_type=event_type, messages=messages
    )
    keyed: list[tuple[DeliveryView, str]] = []
    for section in _sections(state):
        if place and _ORDER.index(section) < _ORDER.index(place.section):
            continue
        key = place.key if place and place.section == section else None
        part = KeyRange(limit + 1 - len(keyed), *(key or ()))
        rows = await _rows(work, section, wanted, part, UNDELIVERED if state is None else (state,))
        keyed += [(view, cursors.encode(section, *key)) for view, key in rows]
        if len(keyed) > limit:
            break
    shown = keyed[:limit]
    next_cursor = shown[-1][1] if len(keyed) > limit else None
    views = await repository.describe(work.tx, work.workspace_id, [view for view, _ in shown])
    data = [DeliveryReply.of(view) for view in views]
    return Page(data=data, meta=Meta(limit=limit, next_cursor=next_cursor))


@router.get("/deliveries/{delivery_id}", dependencies=READ)
async def get(delivery_id: UUID, work: Work) -> DeliveryReply:
    """One delivery as it stands now."""
    view = await repository.find(work.tx, work.workspace_id, delivery_id)
    return await _reply(work, view or raise_not_found("delivery", delivery_id))


@router.get("/deliveries/{delivery_id}/attempts", dependencies=READ)
async def attempts_of(
    delivery_id: UUID, work: Work, limit: Limit = 100, cursor: Cursor = None
) -> Page[AttemptReply]:
    """The attempts of one delivery, oldest first: what was sent and what came back."""
    key = cursors.decode(cursor, cursors.instant, UUID) if cursor else None
    await get(delivery_id, work)
    rows = await attempts.of_delivery(work.tx, work.workspace_id, delivery_id, key, limit + 1)
    return attempt_page(rows, limit)


@router.post("/deliveries/{delivery_id}/resend", status_code=202, dependencies=WRITE)
async def resend(delivery_id: UUID, work: Work, handoff: HandoffTool) -> DeliveryReply:
    """Try it now, with the same webhook-id, whatever became of it; if that fails, its retries begin anew."""
    view = await operations.resend_delivery(work, delivery_id, handoff)
    return await _reply(work, view)


async def _reply(work: Work, view: DeliveryView) -> DeliveryReply:
    [described] = await repository.describe(work.tx, work.workspace_id, [view])
    return DeliveryReply.of(described)


async def _messages(work: Work, subject: str | None, message_id: str | None) -> dict[UUID, int] | None:
    """The messages that the filters name, with their places in the feed; None where they name none."""
    tx, workspace_id = work.tx, work.workspace_id
    if message_id is not None:
        facts = await message_repository.facts(tx, workspace_id, [message_rules.id_of(message_id)])
        return {id_: about.position for id_, about in facts.items() if subject in (None, about.subject)}
    if subject is None:
        return None
    return await message_repository.positions_about(tx, workspace_id, subject, MAX_MESSAGES)


_ORDER = ("pending", "undelivered", "delivered")


def _sections(state: State | None) -> Sequence[str]:
    if state is None:
        return _ORDER
    return [state.value if state in (State.PENDING, State.DELIVERED) else "undelivered"]


async def _rows(
    work: Work, section: str, wanted: DeliveryFilter, part: KeyRange, ends: Sequence[State]
) -> Rows:
    if section == "pending":
        return await repository.pending(work.tx, work.workspace_id, wanted, part)
    if section == "delivered":
        return await repository.delivered(work.tx, work.workspace_id, wanted, part)
    return await repository.ended(work.tx, work.workspace_id, wanted, part, ends)


def _read(cursor: str) -> PageStart:
    section = cursors.decode(cursor, _section, str, str)[0]
    read_first: Callable[[str], int | datetime] = (
        cursors.position if section == "pending" else cursors.instant
    )
    _, first, second = cursors.decode(cursor, str, read_first, UUID)
    return PageStart(section, (first, second))


def _section(text: str) -> str:
    return _ORDER[_ORDER.index(text)]
