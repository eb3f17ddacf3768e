"""HTTP in, for operators: dead letters and lanes of every service, with the platform's admin token."""

import asyncio
import json
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from services.gateway.edge.entry import require_administrator
from services.gateway.edge.gateway import Gateway
from shared.events.fields import Instant
from shared.http.client import Answer
from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal
from shared.kernel.errors import NotFound, Unavailable
from shared.kernel.json import JsonObject

router = APIRouter(
    prefix="/v1",
    route_class=Route,
    tags=["operators"],
    dependencies=[Depends(require_administrator)],
)
ACTOR = "administrator"
PLATFORM = UUID(int=0)
Service = Literal["invoice", "payment", "subscription_renewal", "webhook_delivery"]
Status = Literal["waiting", "replaying", "applied", "dropped"]


class Why(Body):
    """Why it is done; kept with it."""

    reason: str = Field(min_length=1, max_length=500)


class DeadLetter(BaseModel):
    """An event that a service could not apply. The same event is one letter, however often it dies."""

    service: Service
    id: UUID = Field(description="The event's id, where there is an event in it.")
    workspace_id: UUID = Field(description="All zeros where the record names none.")
    type: str
    reason: str = Field(description="`poison`, `undecodable`, `unknown_version` or `lane_set_aside`.")
    error: str
    status: Status
    death_count: int = Field(description="How often it was tried in vain; 0: it waits untried in its lane.")
    topic: str
    record_partition: int
    record_offset: int
    first_at: Instant
    last_at: Instant
    ended_at: Instant | None
    ended_by: str | None
    ended_reason: str | None


class DeadLetters(BaseModel):
    """Dead letters of one service or of all, each service's in the order in which they first died."""

    data: list[DeadLetter]


class WholeLetter(DeadLetter):
    """A dead letter with the record in it, without card numbers."""

    headers: dict[str, str]
    value: str
    value_base64: str


class Lane(BaseModel):
    """A workspace whose events a service sets aside."""

    service: Service
    workspace_id: UUID
    reason: str
    set_aside_by: str = Field(description="`guard`: most of its last events failed.")
    set_aside_at: Instant
    is_resuming: bool = Field(description="What waits is being applied, the oldest first.")
    waiting_count: int


class Lanes(BaseModel):
    """The lanes that are set aside."""

    data: list[Lane]


@router.get("/dead-letters")
async def list_(
    request: Request,
    service: Service | None = None,
    status: Status | None = "waiting",
    workspace_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Of each service.")] = 100,
) -> DeadLetters:
    """List dead letters: those that wait, unless told otherwise."""
    given = {"status": status, "workspace_id": workspace_id, "limit": limit}
    query = urlencode({name: value for name, value in given.items() if value is not None})
    found = await _of_all(request, f"/internal/dead-letters?{query}", service)
    return DeadLetters(data=[DeadLetter.model_validate(letter) for letter in found])


@router.get("/dead-letters/{service}/{letter_id}", response_model=WholeLetter)
async def show(service: Service, letter_id: UUID, request: Request) -> WholeLetter | JSONResponse:
    """Show a dead letter with the record in it."""
    return await _one(request, "GET", service, f"/internal/dead-letters/{letter_id}")


@router.post("/dead-letters/{service}/{letter_id}/replay", status_code=202, response_model=WholeLetter)
async def replay(service: Service, letter_id: UUID, request: Request) -> WholeLetter | JSONResponse:
    """Have the service try it again; it ends as `applied`, or waits again with the new error."""
    return await _one(request, "POST", service, f"/internal/dead-letters/{letter_id}/replay")


@router.post("/dead-letters/{service}/{letter_id}/drop", response_model=WholeLetter)
async def drop(service: Service, letter_id: UUID, body: Why, request: Request) -> WholeLetter | JSONResponse:
    """Never apply it, for this reason."""
    return await _one(request, "POST", service, f"/internal/dead-letters/{letter_id}/drop", body)


@router.get(
    "/event-lanes", operation_id="event_lanes.list", summary="List the workspaces whose events are set aside"
)
async def lanes(request: Request, service: Service | None = None) -> Lanes:
    """List the workspaces whose events are set aside."""
    found = await _of_all(request, "/internal/lanes", service)
    return Lanes(data=[Lane.model_validate(lane) for lane in found])


@router.post(
    "/event-lanes/{service}/{workspace_id}/set-aside",
    response_model=Lanes,
    summary="Set the events of a workspace aside",
)
async def set_aside(
    service: Service, workspace_id: UUID, body: Why, request: Request
) -> Lanes | JSONResponse:
    """Let the events of one workspace wait in one service, in their order."""
    return await _lanes(request, service, f"/internal/lanes/{workspace_id}/set-aside", body)


@router.post(
    "/event-lanes/{service}/{workspace_id}/resume",
    status_code=202,
    response_model=Lanes,
    summary="Let the events of a workspace go on",
)
async def resume(service: Service, workspace_id: UUID, request: Request) -> Lanes | JSONResponse:
    """Apply what waits of a workspace, the oldest first, and let it go on."""
    return await _lanes(request, service, f"/internal/lanes/{workspace_id}/resume", None)


async def _lanes(request: Request, service: Service, path: str, body: Why | None) -> Lanes | JSONResponse:
    answer = await _ask(request, "POST", service, path, body)
    if not answer.is_success:
        return JSONResponse(answer.json(), answer.status, media_type="application/problem+json")
    return Lanes(data=[Lane(service=service, **lane) for lane in answer.json()])


async def _one(
    request: Request, method: str, service: Service, path: str, body: Why | None = None
) -> WholeLetter | JSONResponse:
    answer = await _ask(request, method, service, path, body)
    if not answer.is_success:
        return JSONResponse(answer.json(), answer.status, media_type="application/problem+json")
    return WholeLetter(service=service, **answer.json())


async def _of_all(request: Request, path: str, service: Service | None) -> list[JsonObject]:
    gateway: Gateway = request.app.state.gateway
    names = [service] if service else list(gateway.upstreams.urls)
    answers = await asyncio.gather(*(_ask(request, "GET", name, path) for name in names))
    for name, answer in zip(names, answers, strict=True):
        if not answer.is_success:
            # An answer without a part of it would read as if nothing waited there.
            raise Unavailable(f"The {name} service answered {answer.status}.", retry_after_seconds=1)
    return [
        {"service": name, **found}
        for name, answer in zip(names, answers, strict=True)
        for found in answer.json()
    ]


async def _ask(request: Request, method: str, service: str, path: str, body: Why | None = None) -> Answer:
    gateway: Gateway = request.app.state.gateway
    if service not in gateway.upstreams.urls:
        raise NotFound
    token = request.app.state.tokens.sign(Principal(PLATFORM, ACTOR, frozenset()))
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    content = json.dumps(body.model_dump()).encode() if body else None
    return await gateway.upstreams[service].ask(method, path, headers, content)
