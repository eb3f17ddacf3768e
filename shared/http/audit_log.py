"""HTTP in: this service's part of the audit log, which the gateway merges with the others'."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from shared.http.fields import Moment
from shared.http.internal_auth import Who, require
from shared.http.queries import Route
from shared.http.work import Work
from shared.kernel.json import JsonObject
from shared.postgres import audit

MAX_LIMIT = 501
"""One more than a page of the whole log: it tells whether there is another."""
router = APIRouter(prefix="/internal/audit-log", include_in_schema=False, route_class=Route)


async def read_filters(
    resource: str | None = None,
    resource_id: UUID | None = None,
    actor: str | None = None,
    action: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> audit.Filters:
    """The filters of a request."""
    return audit.Filters(resource, resource_id, actor, action, since, until, before, limit)


@router.get("", dependencies=[require("audit:read")])
async def list_(
    work: Work, who: Who, filters: Annotated[audit.Filters, Depends(read_filters)]
) -> list[JsonObject]:
    """List this service's entries, newest first."""
    return await audit.find(work.tx, who.workspace_id, filters)
