"""HTTP in: the audit log, which nobody can change."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.invoice.repository import changes
from shared.events.fields import Instant
from shared.http.fields import Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/audit-log", route_class=Route, tags=["audit log"])


class AuditEntry(BaseModel):
    """One change: who made it, of what, when, and the digest of the resource after it."""

    position: int
    resource: str
    resource_id: UUID
    sequence: int
    types: list[str]
    actor: str
    request_id: str | None
    occurred_at: Instant = Field(description="On the workspace's clock.")
    recorded_at: Instant = Field(description="Real time.")
    data_sha256: str


class AuditMeta(BaseModel):
    """Where this page stands."""

    limit: int
    next_before: int | None = Field(description="Give it as `before` for the next page.")


class AuditLog(BaseModel):
    """One page of changes, newest first."""

    data: list[AuditEntry]
    meta: AuditMeta


@router.get("", response_model=AuditLog, dependencies=[require("audit:read")])
async def list_(
    tx: Tx,
    who: Who,
    resource: Annotated[str | None, Query(max_length=50, examples=["invoice"])] = None,
    resource_id: UUID | None = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    since: Moment | None = None,
    until: Moment | None = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Any:
    """List changes of contacts, products, quotes, invoices and the business, newest first."""
    filters = {
        "resource": resource,
        "resource_id": resource_id,
        "actor": actor,
        "since": since,
        "until": until,
        "before": before,
        "limit": limit + 1,
    }
    rows = await changes.find(tx, who.workspace_id, filters)
    shown = rows[:limit]
    next_before = shown[-1]["position"] if len(rows) > limit else None
    return {"data": shown, "meta": {"limit": limit, "next_before": next_before}}
