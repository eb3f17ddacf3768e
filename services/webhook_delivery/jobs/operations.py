"""State changes of jobs: they send again in bulk, batch by batch, behind everything that is fresh."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.webhook_delivery.common.domain.real_time import real_now
from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.deliveries.domain.notices import is_notice
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.deliveries.operations.outcomes import EndpointTakesNone
from services.webhook_delivery.deliveries.repository import fifo
from services.webhook_delivery.deliveries.repository.queue import NewDelivery, shard_of
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.event_types.domain.event_filter import PatternIndex
from services.webhook_delivery.jobs import domain as rules
from services.webhook_delivery.jobs.domain import Job, JobBatch, JobCursor, JobKind, JobRequest, JobStatus
from services.webhook_delivery.jobs.repository import bulk, jobs
from services.webhook_delivery.message_store.domain import StoredMessage
from shared.messaging.work import Unit, Work
from shared.postgres.pool import Connection

BATCH = 500
# While an endpoint has so many in the queue, a job adds none.
ENOUGH_WAITING = 500


async def begin_job(work: Work, endpoint_id: UUID, request: JobRequest) -> Job:
    """A running job; raises NotFound, Invalid, EndpointTakesNone and JobRunning."""
    endpoint = await endpoints.lock(work.tx, work.workspace_id, endpoint_id)
    if not endpoint.takes_deliveries:
        raise EndpointTakesNone
    job = rules.begin(work.workspace_id, endpoint_id, request, real_now())
    count = bulk.count_failed if job.kind is JobKind.RECOVER else bulk.count_messages
    job = replace(job, total_count=await count(work.tx, job))
    await jobs.insert(work.tx, job)
    return job


async def cancel_job(work: Work, endpoint_id: UUID, job_id: UUID) -> Job:
    """Queue nothing more; raises NotFound and IllegalMove."""
    job = await jobs.lock(work.tx, work.workspace_id, endpoint_id, job_id)
    cancelled = rules.end(job, JobStatus.CANCELLED, real_now())
    await jobs.save(work.tx, cancelled)
    return cancelled


async def step_job(unit: Unit, job: Job, handoff: Handoff) -> Job:
    """Queue the locked job's next batch, unless its endpoint has enough to do or takes nothing now."""
    now = real_now()
    endpoint = await endpoints.find(unit.tx, job.workspace_id, job.endpoint_id)
    if endpoint is None or endpoint.deleted_at:
        after = rules.end(job, JobStatus.CANCELLED, now)
    elif not await _has_room(unit.tx, endpoint):
        after = replace(job, updated_at=now)
    else:
        batch = await _queue_batch(unit.tx, job, endpoint)
        if batch.queued_count:
            handoff.hand_over(unit, [shard_of(endpoint.id)])
        after = rules.advance(job, batch, now)
    await jobs.save(unit.tx, after)
    return after


async def _has_room(tx: Connection, endpoint: Endpoint) -> bool:
    if not endpoint.takes_deliveries:
        return False
    return await bulk.waiting_count(tx, endpoint.id, ENOUGH_WAITING) < ENOUGH_WAITING


async def _queue_batch(tx: Connection, job: Job, endpoint: Endpoint) -> JobBatch:
    if job.kind is JobKind.RECOVER:
        cursor, queued_count = await bulk.recover(tx, job, BATCH, endpoint.is_ordered)
        batch = JobBatch(cursor, queued_count, queued_count)
    else:
        batch = await _replay(tx, job, endpoint)
    if endpoint.is_ordered:
        await fifo.promote(tx, [endpoint.id])
    return batch


async def _replay(tx: Connection, job: Job, endpoint: Endpoint) -> JobBatch:
    stored = await bulk.next_messages(tx, job, BATCH)
    if not stored:
        return JobBatch(None, 0, 0)
    wanted = _select_wanted(endpoint, stored)
    queued_count = await _queue_messages(tx, job, endpoint, wanted) if wanted else 0
    return JobBatch(JobCursor(position=stored[-1].position), len(stored), queued_count)


def _select_wanted(endpoint: Endpoint, stored: Sequence[StoredMessage]) -> list[StoredMessage]:
    index: PatternIndex[bool] = PatternIndex()
    index.add(endpoint.event_types, True)
    return [
        message
        for message in stored
        if not is_notice(message.event_type) and index.matching(message.event_type)
    ]


async def _queue_messages(
    tx: Connection, job: Job, endpoint: Endpoint, wanted: Sequence[StoredMessage]
) -> int:
    deliveries = await bulk.find_deliveries(tx, job, wanted, job.since)
    new = []
    for message in wanted:
        states = deliveries.get(message.id, {})
        is_done = State.DELIVERED in states and job.only_missing
        if State.PENDING in states or is_done:
            continue
        delivery = NewDelivery(
            job.workspace_id, endpoint.id, message.id, message.position, message.event_type
        )
        old_id = next(iter(states.values()), None)
        new.append(replace(delivery, id=old_id) if old_id else delivery)
    return await bulk.insert(tx, new, endpoint.is_ordered) if new else 0
