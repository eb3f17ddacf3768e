"""What the other services ask, and nobody else: the gateway forwards nothing here."""

import asyncio
import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.invoice.invoices.repository import invoices
from shared.http.internal_auth import Who, require
from shared.http.work import Work
from shared.postgres.transaction import Database

router = APIRouter(prefix="/internal", include_in_schema=False)


class Settlement(BaseModel):
    """Whether a payment has reached the invoice."""

    is_applied: bool


class OpenAmount(BaseModel):
    """What is open in one currency, in minor units."""

    currency: str
    amount_minor: int


class ContactSummary(BaseModel):
    """What is open for a contact."""

    open_invoice_count: int
    open_amounts: list[OpenAmount]


@router.get("/invoices/{invoice_id}/settlement", dependencies=[require("invoices:read")])
async def settlement(
    invoice_id: UUID,
    request: Request,
    who: Who,
    receivable_version: Annotated[int, Query(ge=1)],
    wait_seconds: Annotated[int, Query(ge=0, le=10)] = 0,
) -> Settlement:
    """Whether the invoice shows this version of its receivable; waits for it so long."""
    database: Database = request.app.state.database
    deadline = time.monotonic() + wait_seconds
    while True:
        async with database.transaction(who.workspace_id) as tx:
            is_applied = await invoices.shows_receivable(tx, who.workspace_id, invoice_id, receivable_version)
        if is_applied or time.monotonic() >= deadline:
            return Settlement(is_applied=is_applied)
        await asyncio.sleep(request.app.state.settlement_poll_seconds)


@router.get("/contacts/{contact_id}/summary", dependencies=[require("invoices:read")])
async def summary(contact_id: UUID, work: Work) -> ContactSummary:
    """What is open for a contact, by currency."""
    rows = await invoices.open_amounts(work.tx, work.workspace_id, contact_id)
    return ContactSummary(
        open_invoice_count=sum(row["invoice_count"] for row in rows),
        open_amounts=[OpenAmount(currency=row["currency"], amount_minor=row["amount_minor"]) for row in rows],
    )
