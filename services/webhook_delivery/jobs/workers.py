"""Takes jobs a batch further, each with rests in between, so that what is fresh never waits for them."""

from datetime import UTC, datetime

import structlog

from services.webhook_delivery.jobs.domain import Status
from services.webhook_delivery.jobs.operations import step_job
from services.webhook_delivery.jobs.repository import jobs
from services.webhook_delivery.messages.operations.desk import Desk
from shared.postgres.transaction import Database

log = structlog.get_logger()


async def step(database: Database, desk: Desk, rest_seconds: float) -> bool:
    """One batch of the job that has rested longest; True when another may be ready."""
    async with database.transaction() as tx:
        job = await jobs.lock_next(tx, rest_seconds)
        if job is None:
            return False
        after = await step_job(tx, job, datetime.now(UTC), desk)
    if after.status is not Status.RUNNING:
        log.info(
            "job.ended",
            job_id=str(job.id),
            workspace_id=str(job.workspace_id),
            kind=job.kind,
            status=after.status,
            queued_count=after.queued_count,
        )
    return True
