"""HTTP in, for the gateway alone: how the webhooks about one resource went, for that resource's timeline."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.webhook_delivery.deliveries.api.attempts import word
from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.deliveries.repository import attempts
from services.webhook_delivery.deliveries.repository.attempts import AttemptAbout
from services.webhook_delivery.message_store.domain import STEPS, webhook_id_of
from shared.events.fields import Instant
from shared.http.internal_auth import require
from shared.http.queries import Route
from shared.http.work import Work

router = APIRouter(prefix="/internal", route_class=Route, include_in_schema=False)
ROUTERS = (router,)
MAX_MESSAGES, MAX_ATTEMPTS = 200, 200


class AttemptOfTimeline(BaseModel):
    """One request to one endpoint; `resource_version` is what the resource had come to by then."""

    resource_version: int
    at: Instant
    webhook_id: str
    event_type: str
    delivery_id: UUID
    endpoint_id: UUID
    number: int
    status: int | None
    error: str | None
    reason: str | None
    state: State


@router.get("/attempts", dependencies=[require("webhooks:read")])
async def attempts_about(resource_id: Annotated[UUID, Query()], work: Work) -> list[AttemptOfTimeline]:
    """The newest 200 attempts to tell of the newest 200 events of a resource, oldest first."""
    newest = await attempts.about(work.tx, work.workspace_id, str(resource_id), MAX_MESSAGES, MAX_ATTEMPTS)
    return [_to_reply(attempt) for attempt in reversed(newest)]


def _to_reply(attempt: AttemptAbout) -> AttemptOfTimeline:
    logged = attempt.attempt
    return AttemptOfTimeline(
        # Messages of one's own have no place among the resource's events.
        resource_version=(attempt.sequence or STEPS) // STEPS,
        at=logged.at,
        webhook_id=webhook_id_of(logged.message_id),
        event_type=attempt.event_type,
        delivery_id=logged.delivery_id,
        endpoint_id=logged.endpoint_id,
        number=logged.number,
        status=logged.status,
        error=word(logged.fault),
        reason=logged.reason,
        state=logged.state or State.PENDING,
    )
