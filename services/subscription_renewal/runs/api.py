"""Runs of renewals: watched, paused and resumed; what the next one would bill."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.subscription_renewal.runs.domain.forecast import Anomaly, Outcome, Thresholds
from services.subscription_renewal.runs.domain.run import Status
from services.subscription_renewal.runs.operations import forecasting
from services.subscription_renewal.runs.operations import runs as operations
from services.subscription_renewal.runs.operations.runs import Watched
from services.subscription_renewal.subscriptions.api.limits import LimitedWork
from services.subscription_renewal.subscriptions.domain import subscription as rules
from shared.events.fields import Instant
from shared.events.subscription import CatchUp, SubscriptionData
from shared.http.fields import Body, Moment, Name, Whole
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work

router = APIRouter(prefix="/v1/renewal-runs", route_class=Route, tags=["renewal-runs"])
READ, WRITE = require("subscriptions:read"), require("subscriptions:write")
MAX_SHOWN = 1_000


class RunReply(BaseModel):
    """The renewals of one day on the workspace's calendar."""

    id: UUID
    run_on: date
    status: Status = Field(description="A completed run goes on when something else falls due that day.")
    opened_at: Instant = Field(description="Real time, as finished_at is.")
    as_of: Instant | None = Field(description="How far it has looked, on the workspace's clock.")
    finished_at: Instant | None = Field(description="When its last batch was committed.")
    renewed_count: int
    ended_count: int = Field(description="Canceled at their period's end, which has come.")
    parked_count: int
    due_count: int = Field(description="What is still to be done.")
    progress_percent: int
    per_minute: int | None = Field(description="The rate of its last minute of work.")
    seconds_left: int | None
    paused_at: Instant | None
    paused_reason: str | None


class Parked(BaseModel):
    """A subscription that waits for somebody to look at it."""

    subscription_id: UUID
    contact_id: UUID
    reason: str | None
    parked_at: Instant | None
    next_billing_at: Instant | None


class WatchedRun(RunReply):
    """A run with the workspace's parked subscriptions, up to 100 of them."""

    parked: list[Parked]


class PauseRun(Body):
    """Why it is paused."""

    reason: Name = "paused by hand"


class RetryParked(Body):
    """Which parked subscription is renewed now, and what is billed of what it missed."""

    subscription_id: UUID
    catch_up: CatchUp | None = Field(None, description="Its policy from now on; unchanged where not given.")


class PreviewRun(Body):
    """Until when, and what is strange."""

    as_of: Moment | None = Field(None, description="On the workspace's clock; now where not given.")
    first_bill_above_minor: Annotated[int, Field(ge=0)] | None = None
    change_above_percent: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    limit: Whole = Field(100, ge=0, le=MAX_SHOWN, description="How many subscriptions are shown.")


class ForecastReply(BaseModel):
    """What one subscription would be billed; minor units, before tax where prices exclude it."""

    subscription_id: UUID
    contact_id: UUID
    currency: str
    outcome: Outcome
    period_count: int
    amount_minor: int
    last_amount_minor: int | None
    difference_minor: int | None = Field(description="The last of these periods less the last one billed.")
    anomalies: list[Anomaly]


class TotalReply(BaseModel):
    """What one currency comes to."""

    currency: str
    subscription_count: int
    period_count: int
    amount_minor: int


class PreviewReply(BaseModel):
    """The run of an instant, computed without effect."""

    as_of: Instant
    is_complete: bool = Field(description="False where more was due than a preview looks at.")
    subscription_count: int
    ended_count: int
    parked_count: int
    anomaly_count: int
    totals: list[TotalReply]
    anomalies: list[ForecastReply]
    subscriptions: list[ForecastReply]


@router.get("", dependencies=[READ])
async def list_(part: Sliced, work: Work) -> Page[RunReply]:
    """List runs, newest first: one for each day on which something fell due."""
    found = await operations.list_runs(work, part.window())
    return part.page(found, lambda run: RunReply.model_validate(run, from_attributes=True))


@router.post("/preview", dependencies=[READ])
async def preview(body: PreviewRun, request: Request, work: LimitedWork) -> PreviewReply:
    """What would be billed until an instant: totals, differences, anomalies. Without effect."""
    thresholds = Thresholds(body.first_bill_above_minor, body.change_above_percent)
    limit: int = request.app.state.preview_limit_count
    found = await forecasting.preview_run(work, body.as_of, thresholds, shown_count=body.limit, limit=limit)
    return PreviewReply.model_validate(found, from_attributes=True)


@router.get("/{run_id}", dependencies=[READ])
async def get(run_id: UUID, work: Work) -> WatchedRun:
    """A run as it stands: progress, rate, time left, parked subscriptions with their reasons."""
    return _watched(await operations.get_run(work, run_id))


@router.post("/{run_id}/pause", dependencies=[WRITE])
async def pause(run_id: UUID, work: Work, body: PauseRun | None = None) -> WatchedRun:
    """Stop the workspace's renewals after the batch in hand, until the run is resumed."""
    return _watched(await operations.pause_run(work, run_id, (body or PauseRun()).reason))


@router.post("/{run_id}/resume", dependencies=[WRITE])
async def resume(run_id: UUID, work: Work) -> WatchedRun:
    """Let the workspace's renewals go on; the run's size is not doubted again."""
    return _watched(await operations.resume_run(work, run_id))


@router.post("/{run_id}/retry", dependencies=[WRITE], summary="Renew a parked subscription of a run")
async def retry(run_id: UUID, body: RetryParked, work: LimitedWork) -> SubscriptionData:
    """Renew one parked subscription now, without a cap."""
    await operations.get_run(work, run_id)
    return rules.snapshot(await operations.retry_parked(work, body.subscription_id, body.catch_up))


def _watched(watched: Watched) -> WatchedRun:
    run = RunReply.model_validate(watched.run, from_attributes=True)
    parked = [
        Parked(
            subscription_id=one.id,
            contact_id=one.contact_id,
            reason=one.parked_reason,
            parked_at=one.parked_at,
            next_billing_at=one.next_billing_at,
        )
        for one in watched.parked
    ]
    return WatchedRun(**dict(run), parked=parked)
