"""HTTP in: workspaces, managed with the platform's admin token."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import BaseModel, Field, StringConstraints

from services.gateway.common.api.shown_once import ShownOnce
from services.gateway.edge.entry import require_administrator
from services.gateway.edge.gateway import Gateway
from services.gateway.workspaces import operations
from services.gateway.workspaces import repository as workspaces
from services.gateway.workspaces.domain import WorkspaceEdit, snapshot
from services.gateway.workspaces.operations import NewWorkspace
from shared.events.workspace import Mode, WorkspaceData
from shared.http import etag, idempotency
from shared.http.etag import IfMatch
from shared.http.fields import Body, Currency, Name
from shared.http.idempotency import Route
from shared.http.pagination import Page, Sliced
from shared.messaging import work as units
from shared.postgres.transaction import Database

router = APIRouter(
    prefix="/v1/workspaces",
    route_class=Route,
    tags=["workspaces"],
    dependencies=[Depends(require_administrator)],
)
PLATFORM = UUID(int=0)
"""Stands where a workspace's id is asked for: the owner of the administrator's stored replies."""

Origin = Annotated[str, StringConstraints(max_length=300, pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class WorkspaceFields(Body):
    """A workspace to create."""

    slug: Slug
    name: Name
    mode: Mode
    zone: Name = "Europe/Amsterdam"
    currency: Currency = "EUR"


class WorkspaceChanges(Body):
    """The fields to change."""

    name: Name | None = None
    zone: Name | None = None
    currency: Currency | None = None
    allowed_origins: list[Origin] | None = Field(
        None,
        max_length=50,
        description="Origins whose pages may read the answers in a browser (CORS).",
        examples=[["https://shop.example"]],
    )


class FirstKey(BaseModel):
    """The workspace's first API key; null when the request was repeated, because it is shown once."""

    id: UUID
    key: str | None


class CreatedWorkspace(WorkspaceData):
    """The workspace and its first API key, which opens everything in it."""

    api_key: FirstKey


async def begin_unit(request: Request) -> AsyncIterator[units.Unit]:
    """A unit of work over all workspaces: as the worker's login, like everything that spans tenants."""
    database: Database = request.app.state.parts.worker
    async with units.begin(database) as unit:
        await idempotency.begin(request, unit.tx, PLATFORM)
        yield unit


PlatformUnit = Annotated[units.Unit, Depends(begin_unit, scope="function")]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=CreatedWorkspace)
async def create(body: WorkspaceFields, request: Request, unit: PlatformUnit) -> ShownOnce:
    """Create a workspace and its first API key, which is shown only here."""
    gateway: Gateway = request.app.state.gateway
    new = NewWorkspace(body.slug, body.name, body.mode, body.zone, body.currency)
    workspace, key, text = await operations.create_workspace(unit, new, gateway.pepper)
    shown = snapshot(workspace).model_dump(mode="json")
    return ShownOnce(
        {**shown, "api_key": {"id": str(key.id), "key": text}},
        kept={**shown, "api_key": {"id": str(key.id), "key": None}},
        version=workspace.version,
    )


@router.get("")
async def list_(
    part: Sliced, unit: PlatformUnit, slug: Annotated[str | None, Query(max_length=63)] = None
) -> Page[WorkspaceData]:
    """List workspaces, newest first."""
    found = await workspaces.page(unit.tx, workspaces.Filter(slug=slug), part.window())
    return part.page(found, snapshot)


@router.get("/{workspace_id}")
async def get(workspace_id: UUID, response: Response, unit: PlatformUnit) -> WorkspaceData:
    """Get a workspace."""
    workspace = await workspaces.get(unit.tx, workspace_id)
    etag.tag(response, workspace.version)
    return snapshot(workspace)


@router.patch("/{workspace_id}")
async def change(
    workspace_id: UUID,
    body: WorkspaceChanges,
    request: Request,
    response: Response,
    expected: IfMatch,
    unit: PlatformUnit,
) -> WorkspaceData:
    """Change name, zone, currency or allowed origins; what exists already keeps its currency."""
    edit = WorkspaceEdit(
        name=body.name, zone=body.zone, currency=body.currency, allowed_origins=body.allowed_origins
    )
    workspace = await operations.edit_workspace(unit, workspace_id, edit, expected)
    etag.tag(response, workspace.version)
    request.app.state.gateway.authenticator.forget(workspace_id)
    return snapshot(workspace)
