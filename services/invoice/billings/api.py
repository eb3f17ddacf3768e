"""Billings of subscriptions that wait for something of the workspace before they are invoiced."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, Field

from services.invoice.billings import repository as billings
from services.invoice.billings.domain import WaitingBilling
from services.invoice.billings.repository import WaitingBillingFilter
from shared.events.fields import Instant
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

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
    def of(cls, billing: WaitingBilling) -> Self:
        """The reply for one that waits."""
        same = set(cls.model_fields) - {"problem", "waiting_since"}
        return cls(
            **{name: getattr(billing, name) for name in same},
            problem=BillingProblem(code=billing.problem_code, detail=billing.problem),
            waiting_since=billing.first_attempt_at,
        )


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    subscription_id: Annotated[UUID | None, Query(description="Those of one subscription.")] = None,
) -> Page[WaitingBillingReply]:
    """List what subscriptions bill and no invoice could be made of yet, newest first, with the reason."""
    filters = WaitingBillingFilter(subscription_id=subscription_id)
    rows = await billings.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, WaitingBillingReply.of)


@router.post("/{billing_id}/retry", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def retry(billing_id: UUID, work: Work) -> None:
    """Try it again now, instead of when its turn comes; the invoice is there within a second or two."""
    await billings.retry_now(work.tx, work.workspace_id, billing_id)
