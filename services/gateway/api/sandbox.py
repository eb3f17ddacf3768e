"""HTTP in: the clock of a sandbox workspace."""

from typing import Any

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel, Field

from services.gateway.domain import workspace as workspace_rules
from services.gateway.domain.workspace import Workspace
from services.gateway.edge.authentication import authenticated
from services.gateway.operations import workspaces as operations
from services.gateway.repository import workspaces
from shared.events.fields import Instant
from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.transactions import Tx

router = APIRouter(
    prefix="/v1/sandbox/clock", route_class=Route, tags=["sandbox"], dependencies=[Depends(authenticated)]
)
READ, WRITE = require("sandbox:read"), require("sandbox:write")


class ClockData(BaseModel):
    """What time it is in the workspace."""

    now: Instant
    zone: str = Field(description='IANA time zone: decides what "today" is.')
    target: Instant | None = Field(description="Where the clock is being moved to; null when it is there.")


class Target(Body):
    """The instant to move the clock to."""

    to: Instant


@router.get("", response_model=ClockData, dependencies=[READ])
async def get(tx: Tx, who: Who) -> Any:
    """What time it is in this sandbox."""
    workspace = await workspaces.get(tx, who.workspace_id)
    workspace_rules.require_sandbox(workspace)
    return _shown(workspace)


@router.post("/advance", status_code=status.HTTP_202_ACCEPTED, response_model=ClockData, dependencies=[WRITE])
async def advance(body: Target, request: Request, tx: Tx, who: Who) -> Any:
    """Move this sandbox's clock forward; what falls due on the way is done by then."""
    workspace = await operations.advance_clock(tx, who.workspace_id, body.to)
    request.app.state.gateway.authenticator.forget(who.workspace_id)
    return ClockData(now=workspace.clock.now(), zone=workspace.zone, target=body.to)


def _shown(workspace: Workspace) -> ClockData:
    return ClockData(now=workspace.clock.now(), zone=workspace.zone, target=None)
