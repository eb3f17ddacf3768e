"""HTTP in: billings of subscriptions that wait for something of the workspace before they are invoiced."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, Field

from services.invoice.billings.domain.waiting_billing import WaitingBilling
from services.invoice.billings.repository import waiting_billings
from shared.events.fields import Instant
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.pagination import Page, Sliced
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/waiting-billings", route_class=Route, tags=["invoices"])
READ, WRITE = require("invoices:read"), require("invoices:write")


class BillingProblem(BaseModel):
    """What is in the way of the invoice."""

    code: str
    detail: str


class WaitingBillingReply(BaseModel):
    """A period, or a change within one, that has no invoice yet."""

    id: UUID
    subscription_id: UUID
    contact_id: UUID
    reason: Literal["cycle", "change"]
    period_start: Instant
    period_end: Instant
    problem: BillingProblem = Field(description="As of the last attempt: mend it, and the invoice is made.")
    attempt_count: int
    waiting_since: Instant = Field(description="Real time.")
    next_attempt_at: Instant = Field(description="Real time; a change of the business comes before it.")

    @classmethod
    def of(cls, found: WaitingBilling) -> Self:
        """The reply for one that waits."""
        same = set(cls.model_fields) - {"problem", "waiting_since"}
        return cls(
            **{name: getattr(found, name) for name in same},
            problem=BillingProblem(code=found.problem_code, detail=found.problem),
            waiting_since=found.first_attempt_at,
        )


@router.get("", response_model=Page[WaitingBillingReply], dependencies=[READ])
async def list_(
    part: Sliced,
    tx: Tx,
    who: Who,
    subscription_id: Annotated[UUID | None, Query(description="Those of one subscription.")] = None,
) -> Any:
    """List what subscriptions bill and no invoice could be made of yet, newest first, with the reason."""
    found = await waiting_billings.find(tx, who.workspace_id, subscription_id, part.rows())
    total = await waiting_billings.count(tx, who.workspace_id, subscription_id) if part.wants_total else None
    return part.page([WaitingBillingReply.of(one) for one in found], total)


@router.post("/{billing_id}/retry", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def retry(billing_id: UUID, tx: Tx, who: Who) -> None:
    """Try it again now, instead of when its turn comes; the invoice is there within a second or two."""
    await waiting_billings.hurry_one(tx, who.workspace_id, billing_id)
