"""HTTP in: the audit log of the workspace, merged by time from all services; nobody can change it."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from services.gateway.audit_log import domain as audit_log
from services.gateway.edge.authentication import Caller
from services.gateway.edge.entry import authenticated
from services.gateway.edge.gateway import Gateway
from shared.events.fields import Instant
from shared.http.fields import Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.kernel.errors import Unavailable
from shared.kernel.json import JsonObject
from shared.postgres import audit
from shared.postgres.transaction import Database

router = APIRouter(
    prefix="/v1/audit-log", route_class=Route, tags=["audit log"], dependencies=[Depends(authenticated)]
)
OWN = "gateway"


class AuditEntry(BaseModel):
    """One change that a person or a key made: who, what, when, and what it changed, without secrets."""

    position: int = Field(description="Its place in the log; grows with time, over all services.")
    resource: str
    resource_id: UUID
    sequence: int = Field(description="The version that the change made; 0 where the resource has none.")
    types: list[str] = Field(description="What was done, such as `payment.voided`.")
    actor: str = Field(description="`key:…` an API key, `user:…` a person, `admin` the platform's operator.")
    request_id: str | None = Field(description="The `X-Request-Id` of the request that did it.")
    occurred_at: Instant = Field(description="On the workspace's clock.")
    recorded_at: Instant = Field(description="Real time.")
    before: dict[str, Any] | None = Field(None, description="The fields that changed, as they were.")
    after: dict[str, Any] | None = Field(
        None, description="The same, as they are since. Of a secret only `(hidden)` is said."
    )
    data_sha256: str


class AuditMeta(BaseModel):
    """Where this page stands."""

    limit: int
    next_before: int | None = Field(description="Give it as `before` for the next page.")


class AuditLog(BaseModel):
    """One page of changes, newest first."""

    data: list[AuditEntry]
    meta: AuditMeta


@router.get("", dependencies=[require("audit:read")], summary="List the audit log")
async def list_(
    request: Request,
    caller: Annotated[Caller, Depends(authenticated)],
    resource: Annotated[str | None, Query(max_length=50, examples=["payment"])] = None,
    resource_id: UUID | None = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    action: Annotated[str | None, Query(max_length=100, examples=["payment.voided"])] = None,
    since: Moment | None = None,
    until: Moment | None = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditLog:
    """List the changes that people and keys made of anything in the workspace, newest first."""
    audit_log.require_known(resource, action)
    wanted = audit.Filters(resource, resource_id, actor, action, since, until, before, limit + 1)
    services = audit_log.services_of(resource, action)
    parts = await asyncio.gather(*(_part(request, caller, service, wanted) for service in services))
    page = audit_log.merge(parts, limit)
    return AuditLog(
        data=[AuditEntry.model_validate(entry) for entry in page.entries],
        meta=AuditMeta(limit=limit, next_before=page.next_before),
    )


async def _part(request: Request, caller: Caller, service: str, wanted: audit.Filters) -> list[JsonObject]:
    if service == OWN:
        database: Database = request.app.state.database
        async with database.transaction(caller.workspace.id) as tx:
            return await audit.find(tx, caller.workspace.id, wanted)
    gateway: Gateway = request.app.state.gateway
    query = urlencode(audit.query(wanted))
    headers = {"authorization": caller.authorization}
    answer = await gateway.upstreams[service].ask("GET", f"/internal/audit-log?{query}", headers)
    if not answer.is_success:
        # A page without a part of it would read as if nothing had been done there.
        raise Unavailable(f"The {service} service answered {answer.status}.", retry_after_seconds=1)
    found: list[dict[str, Any]] = answer.json()
    return found
