"""HTTP in from the invoice service alone; the gateway forwards nothing here."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.payment.receivables.repository import receivables
from shared.http.internal_auth import require
from shared.http.work import Work

router = APIRouter(prefix="/internal/receivables", include_in_schema=False)


class Opening(BaseModel):
    """What credit settled as the invoice's receivable was opened, in minor units of its currency."""

    settled_minor: int


@router.get("/{invoice_id}/opening", dependencies=[require("payments:read")])
async def opening(invoice_id: UUID, work: Work) -> Opening:
    """What credit settled of the invoice when its receivable was opened; 404 until it is."""
    return Opening(settled_minor=await receivables.settled_at_opening(work.tx, work.workspace_id, invoice_id))
