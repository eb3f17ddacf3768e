"""The reminders of one invoice: what became of each level, what comes next, and pausing them."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.invoice.invoices.api.named import InvoiceId
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.repository import invoices
from services.invoice.reminders.api.settings import FeeFields
from services.invoice.reminders.domain import plan as reminder_plan
from services.invoice.reminders.domain.plan import Plan, PlannedRow
from services.invoice.reminders.domain.reminders import Obstacle
from services.invoice.reminders.domain.settings import ReminderChannel
from services.invoice.reminders.operations import reminders as operations
from services.invoice.reminders.repository import reminders
from services.invoice.reminders.repository import settings as reminder_settings
from shared.events.fields import Instant
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.fields import Body
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.work import Work

router = APIRouter(prefix="/v1/invoices", route_class=Route, tags=["reminders"])
READ, WRITE = require("reminders:read"), require("reminders:write")
ReminderRowState = Literal["planned", "sent", "skipped", "handed_over"]


class ReminderRow(BaseModel):
    """One level of an invoice's reminders."""

    level: int
    state: ReminderRowState
    days_after_due: int | None = Field(None, description="Null where the schedule no longer has the level.")
    channels: list[ReminderChannel] = []
    fee: FeeFields | None = None
    due_at: Instant | None = Field(None, description="Of a planned one; later where an earlier one is late.")
    decided_at: Instant | None = None
    is_by_hand: bool = False
    reason: str | None = Field(None, description="Why it was, or will be, skipped.")


class InvoiceReminders(BaseModel):
    """An invoice's schedule, and what became of it so far."""

    invoice_id: UUID
    state: reminder_plan.PlanState
    obstacles: list[Obstacle] = Field(description="Why nothing is sent by itself, while it is stopped.")
    paused: bool | None = Field(description="What was said of this invoice; null: the settings decide.")
    level: int = Field(description="The highest level that is dealt with.")
    reminded_at: Instant | None
    next_level: int | None
    next_due_at: Instant | None
    data: list[ReminderRow]


class RemindersChange(Body):
    """What a person says of this invoice's reminders."""

    paused: bool | None = Field(
        description="True stops them. False lets them go on in spite of a part payment or a dispute. "
        "Null leaves it to the settings."
    )


@router.get(
    "/{invoice_id}/reminders",
    dependencies=[READ],
    summary="Get an invoice's reminders",
)
async def get(invoice_id: InvoiceId, response: Response, work: Work) -> InvoiceReminders:
    """Its schedule with the instants at which levels are due, what became of each, and what stops them."""
    return await _reply(work, await invoices.get(work.tx, work.workspace_id, invoice_id), response)


@router.patch("/{invoice_id}/reminders", dependencies=[WRITE], summary="Pause an invoice's reminders")
async def pause(
    invoice_id: UUID, body: RemindersChange, response: Response, expected: IfMatch, work: Work
) -> InvoiceReminders:
    """Stop them, let them go on whatever else would pause them, or leave that to the settings again."""
    invoice = await operations.pause_reminders(work, invoice_id, body.paused, expected)
    return await _reply(work, invoice, response)


async def _reply(work: Work, invoice: Invoice, response: Response) -> InvoiceReminders:
    etag.tag(response, invoice.version)
    settings = await reminder_settings.get(work.tx, work.workspace_id)
    decided = await reminders.of_invoice(work.tx, work.workspace_id, invoice.id)
    holds = await reminders.holds(work.tx, [(work.workspace_id, invoice.id)])
    plan = reminder_plan.plan_reminders(
        settings, invoice, decided, holds.get(invoice.id, set()), now=work.clock.now(), zone=work.clock.zone
    )
    return _to_reply(invoice, plan)


def _to_reply(invoice: Invoice, plan: Plan) -> InvoiceReminders:
    return InvoiceReminders(
        invoice_id=invoice.id,
        state=plan.state,
        obstacles=plan.obstacles,
        paused=invoice.reminders_paused,
        level=invoice.reminder_level,
        reminded_at=invoice.reminded_at,
        next_level=plan.next_level,
        next_due_at=plan.next_due_at,
        data=[_to_row(row) for row in plan.rows],
    )


def _to_row(row: PlannedRow) -> ReminderRow:
    step, decided = row.step, row.decided
    return ReminderRow(
        level=row.level,
        state=row.state,
        days_after_due=step.days_after_due if step else None,
        channels=list(step.channels) if step else [],
        fee=FeeFields.model_validate(step.fee, from_attributes=True) if step and step.fee else None,
        due_at=row.due_at,
        decided_at=decided.decided_at if decided else None,
        is_by_hand=bool(decided and decided.is_by_hand),
        reason=row.reason,
    )
