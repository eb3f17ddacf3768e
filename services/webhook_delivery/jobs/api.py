"""Sending again in bulk: recover what was not delivered, replay messages; how far that is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.jobs import domain as rules
from services.webhook_delivery.jobs import operations
from services.webhook_delivery.jobs.domain import Job, JobKind, JobRequest, JobStatus
from services.webhook_delivery.jobs.repository import jobs as repository
from shared.events.fields import Instant
from shared.http.fields import Body, Moment
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Invalid

READ, WRITE = [require("webhooks:read")], [require("webhooks:write")]
router = APIRouter(
    prefix="/v1/webhook-endpoints/{endpoint_id}", route_class=Route, tags=["webhook endpoints"]
)
ROUTERS = (router,)


class Span(Body):
    """Messages that were accepted in this time."""

    since: Moment
    until: Annotated[Moment | None, Field(description="Not part of it; now, if left out.")] = None


class Recovery(Span):
    """Which deliveries that did not arrive are to be sent again."""

    states: Annotated[
        list[State], Field(min_length=1, max_length=2, description="exhausted and held, or one of them.")
    ] = list(rules.RECOVERABLE)


class Replay(Span):
    """Which messages are to be sent again, by the endpoint's filters of now."""

    only_missing: Annotated[
        bool, Field(description="Only what has not arrived, also what was accepted before the endpoint was.")
    ] = True


class JobReply(BaseModel):
    """A job that sends again in bulk, behind everything that is fresh."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    endpoint_id: UUID
    kind: JobKind
    status: JobStatus
    since: Instant
    until: Instant
    states: list[State] = Field(description="Of a recovery.")
    only_missing: bool = Field(description="Of a replay.")
    total_count: int = Field(
        description="Deliveries (recovery) or about how many messages (replay) there are; at most 100,000 "
        "are counted ahead."
    )
    seen_count: int = Field(description="How many of them it has looked at.")
    queued_count: int = Field(description="How many deliveries it has queued.")
    created_at: Instant
    updated_at: Instant
    finished_at: Instant | None


@router.post(
    "/recover", status_code=202, dependencies=WRITE, summary="Send again what a webhook endpoint missed"
)
async def recover(endpoint_id: UUID, body: Recovery, work: Work) -> JobReply:
    """Send again what was not delivered; the reply is a job that tells how far that is."""
    if not set(body.states) <= set(rules.RECOVERABLE):
        raise Invalid("Only what is exhausted or held can be recovered.", field="states")
    request = JobRequest(JobKind.RECOVER, body.since, body.until, states=body.states)
    return _reply(await operations.begin_job(work, endpoint_id, request))


@router.post(
    "/replay", status_code=202, dependencies=WRITE, summary="Send messages anew to a webhook endpoint"
)
async def replay(endpoint_id: UUID, body: Replay, work: Work) -> JobReply:
    """Send messages anew, each with its webhook-id; the reply is a job that tells how far that is."""
    request = JobRequest(JobKind.REPLAY, body.since, body.until, only_missing=body.only_missing)
    return _reply(await operations.begin_job(work, endpoint_id, request))


@router.get("/jobs", dependencies=READ)
async def page(endpoint_id: UUID, work: Work, part: Sliced) -> Page[JobReply]:
    """The endpoint's jobs, newest first."""
    await endpoints.get(work.tx, work.workspace_id, endpoint_id)
    wanted = repository.JobFilter(endpoint_id=endpoint_id)
    rows = await repository.find_page(work.tx, work.workspace_id, wanted, part.window())
    return part.page(rows, _reply)


@router.get("/jobs/{job_id}", dependencies=READ)
async def get(endpoint_id: UUID, job_id: UUID, work: Work) -> JobReply:
    """One job."""
    return _reply(await repository.get(work.tx, work.workspace_id, endpoint_id, job_id))


@router.post("/jobs/{job_id}/cancel", dependencies=WRITE)
async def cancel(endpoint_id: UUID, job_id: UUID, work: Work) -> JobReply:
    """Queue nothing more; what was queued already is sent."""
    return _reply(await operations.cancel_job(work, endpoint_id, job_id))


def _reply(job: Job) -> JobReply:
    return JobReply.model_validate(job)
