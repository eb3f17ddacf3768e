"""Takes jobs a batch further, each with rests in between, so that what is fresh never waits for them."""

import structlog

from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.jobs.domain import JobStatus
from services.webhook_delivery.jobs.operations import step_job
from services.webhook_delivery.jobs.repository import jobs
from shared.messaging.work import begin
from shared.postgres.transaction import Database

log = structlog.get_logger()


async def step(database: Database, handoff: Handoff, rest_seconds: float) -> bool:
    """One batch of the job that has rested longest; True when another may be ready."""
    async with begin(database) as unit:
        job = await jobs.lock_next(unit.tx, rest_seconds)
        if job is None:
            return False
        after = await step_job(unit, job, handoff)
    if after.status is not JobStatus.RUNNING:
        log.info(
            "job.ended",
            job_id=str(job.id),
            workspace_id=str(job.workspace_id),
            kind=job.kind,
            status=after.status,
            queued_count=after.queued_count,
        )
    return True
