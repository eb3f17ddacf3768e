"""A service's part in moving a sandbox's clock: it tells what is due next and which events are under way.

The gateway asks every service again and again. A service lists each event that it made (outbox and log)
until the gateway has seen its effect in every service that subscribes to it, and says so. Nothing listed
and nothing due: the sandbox has come to rest, and its clock may be moved.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from shared.events.event import Event
from shared.events.fields import Instant
from shared.events.registry import TOPICS
from shared.events.workspace import WorkspaceClockAdvanced
from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.messaging import sandbox_events
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection
from shared.runtime.worker import Worker

MAX_PUBLISHED = 1_000
PATH = "/internal/clock"
NextDue = Callable[[Connection, UUID], Awaitable[datetime | None]]


class Known(Body):
    """What the gateway knows of a sandbox's events."""

    published: list[tuple[UUID, str]] = Field([], description="Ids and types: have you heard them?")
    heard: list[UUID] = Field([], description="Everybody has heard these: forget them.")


class Report(BaseModel):
    """Where one service stands with one sandbox."""

    next_due_at: Instant | None = Field(None, description="On the workspace's clock; may be past.")
    published: list[tuple[UUID, str]] = Field(description="Made here, and not known to be heard by all.")
    unheard: list[UUID] = Field(description="Of the events asked about: those still to be applied here.")


async def nothing_due(tx: Connection, workspace_id: UUID) -> datetime | None:
    """What a service answers that does nothing by the clock of a workspace."""
    return None


async def report(
    tx: Connection,
    workspace_id: UUID,
    known: Known,
    service: str,
    topics: Sequence[str],
    *,
    next_due_at: NextDue = nothing_due,
) -> Report:
    """Forget what everybody heard, then tell: first what is unheard, then what is due, at last what was made.

    In this order a change that happens meanwhile shows in a later part, so nothing falls between two parts.
    """
    await sandbox_events.forget(tx, workspace_id, known.heard)
    unheard = await sandbox_events.unheard(tx, service, topics, known.published)
    due_at = await next_due_at(tx, workspace_id)
    published = await sandbox_events.published(tx, workspace_id, TOPICS, MAX_PUBLISHED)
    return Report(next_due_at=due_at, published=published, unheard=unheard)


def make_router(service: str, handlers: Handlers, next_due_at: NextDue) -> APIRouter:
    """The route that the gateway asks; never reachable from outside."""
    router = APIRouter(include_in_schema=False, route_class=Route)

    @router.post(PATH, dependencies=[require("sandbox:write")])
    async def tell(body: Known, request: Request, who: Who) -> Report:
        # As the worker: the api role sees neither outbox nor inbox.
        async with request.app.state.parts.worker.transaction() as tx:
            return await report(tx, who.workspace_id, body, service, handlers.topics, next_due_at=next_due_at)

    return router


def hurry(workers: Sequence[Worker], applied: Sequence[Event]) -> None:
    """Have the workers that follow clocks look at once when one was moved."""
    if any(isinstance(event, WorkspaceClockAdvanced) for event in applied):
        for worker in workers:
            if worker.follows_clocks:
                worker.hurry()
