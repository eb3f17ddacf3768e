"""HTTP in: webhooks of access points. Each is a hint and no more: what it is about is read again there.

They are not signed, so nothing that they say is believed.
"""

from typing import Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response, status

from services.invoice.e_invoices.operations import e_invoices as operations
from services.invoice.e_invoices.operations.access_points import AccessPoints
from shared.postgres.transaction import Database

# Not in the description: the gateway describes its own route of this path.
router = APIRouter(prefix="/providers", include_in_schema=False)
log = structlog.get_logger()


@router.post("/{name}/{workspace_id}/webhooks", status_code=status.HTTP_204_NO_CONTENT)
async def receive(name: Literal["storecove"], workspace_id: UUID, request: Request) -> Response:
    """Have the submission that a webhook names looked at now."""
    database: Database = request.app.state.database
    access_points: AccessPoints = request.app.state.access_points
    raw = await request.body()
    async with database.transaction(workspace_id) as tx:
        point = await access_points.get(tx, workspace_id, name)
        hint = point.parse_webhook(raw, request.headers)
        is_known = await operations.wake(tx, workspace_id, name, hint.reference)
    log.info("access_point.hinted", provider=name, reference=hint.reference, is_known=is_known)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
