"""HTTP in: the clock of a sandbox workspace."""

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel, Field

from services.gateway.clocks import operations
from services.gateway.clocks import repository as clock_advances
from services.gateway.clocks.domain import ClockAdvance
from services.gateway.edge.entry import authenticated
from services.gateway.workspaces import domain as workspace_rules
from services.gateway.workspaces import repository as workspaces
from services.gateway.workspaces.domain import Workspace
from shared.events.fields import Instant
from shared.http.fields import Body, Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work

router = APIRouter(
    prefix="/v1/sandbox/clock", route_class=Route, tags=["sandbox"], dependencies=[Depends(authenticated)]
)
READ, WRITE = require("sandbox:read"), require("sandbox:write")


class Waiting(BaseModel):
    """A service that is not done yet with what fell due."""

    service: str
    due_at: Instant | None = Field(description="What is due there since then; null: nothing.")
    published_count: int = Field(description="Its events that are not known to be heard by all.")
    unheard_count: int = Field(description="Events of all services that it has yet to apply.")


class Progress(BaseModel):
    """How far the clock has come."""

    began_at: Instant = Field(description="The clock when it was set going.")
    step_count: int = Field(description="At how many instants something fell due so far.")
    waits_for: list[Waiting]


class ClockData(BaseModel):
    """What time it is in the workspace."""

    now: Instant
    zone: str = Field(description='IANA time zone: decides what "today" is.')
    target: Instant | None = Field(
        description="Where the clock is being moved to; null: it is there, and all that fell due is done."
    )
    progress: Progress | None


class Target(Body):
    """The instant to move the clock to."""

    to: Moment


@router.get("", dependencies=[READ])
async def get(work: Work, request: Request, who: Who) -> ClockData:
    """What time it is in this sandbox, and how far it is on its way."""
    workspace = await workspaces.get(work.tx, who.workspace_id)
    workspace_rules.require_sandbox(workspace)
    # The next request of whoever sees the clock here is to have the same clock.
    request.app.state.gateway.authenticator.forget(who.workspace_id)
    return _to_reply(workspace, await clock_advances.find(work.tx, who.workspace_id))


@router.post("/advance", status_code=status.HTTP_202_ACCEPTED, dependencies=[WRITE])
async def advance(body: Target, work: Work) -> ClockData:
    """Set this sandbox's clock going: what falls due on the way is done in the order of its time.

    A later `to` extends a running advance.
    """
    return _to_reply(*await operations.advance_clock(work, body.to))


def _to_reply(workspace: Workspace, advance: ClockAdvance | None) -> ClockData:
    progress = Progress.model_validate(advance, from_attributes=True) if advance else None
    return ClockData(
        now=workspace.clock.now(),
        zone=workspace.zone,
        target=advance.target if advance else None,
        progress=progress,
    )
