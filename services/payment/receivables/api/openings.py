"""HTTP in from the invoice service alone; the gateway forwards nothing here."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.payment.receivables.repository import receivables
from shared.http.internal_auth import Who, require
from shared.http.transactions import Tx

router = APIRouter(prefix="/internal/receivables", include_in_schema=False)


@router.get("/{invoice_id}/opening", dependencies=[require("payments:read")])
async def opening(invoice_id: UUID, tx: Tx, who: Who) -> Any:
    """What credit settled of the invoice when its receivable was opened; 404 until it is."""
    return {"settled_minor": await receivables.settled_at_opening(tx, who.workspace_id, invoice_id)}
