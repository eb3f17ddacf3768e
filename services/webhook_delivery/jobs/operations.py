"""State changes of jobs: they send again in bulk, batch by batch, behind everything that is fresh."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import State
from services.webhook_delivery.deliveries.domain.notices import is_notice
from services.webhook_delivery.deliveries.operations.handoff import HandoffBuffer
from services.webhook_delivery.deliveries.operations.outcomes import EndpointTakesNone
from services.webhook_delivery.deliveries.repository import fifo
from services.webhook_delivery.deliveries.repository.queue import NewDelivery, shard_of
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.domain.event_filter import PatternIndex
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.jobs import domain as rules
from services.webhook_delivery.jobs.domain import Job, JobCursor, JobKind, JobRequest, JobStatus
from services.webhook_delivery.jobs.repository import bulk, jobs
from services.webhook_delivery.messages.domain import StoredMessage
from shared.postgres.pool import Connection

BATCH = 500
# While an endpoint has so many in the queue, a job adds none.
ENOUGH_WAITING = 500


async def begin_job(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, order: JobRequest, now: datetime
) -> Job:
    """A running job; raises NotFound, Invalid, EndpointTakesNone and JobRunning."""
    endpoint = await endpoints.lock(tx, workspace_id, endpoint_id)
    if not endpoint.takes_deliveries:
        raise EndpointTakesNone
    job = rules.begin(workspace_id, endpoint_id, order, 0, now)
    count = bulk.count_failed if job.kind is JobKind.RECOVER else bulk.count_messages
    job = replace(job, total_count=await count(tx, job))
    await jobs.insert(tx, job)
    return job


async def cancel_job(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, job_id: UUID, now: datetime
) -> Job:
    """Queue nothing more; raises NotFound and IllegalMove."""
    job = rules.end(await jobs.lock(tx, workspace_id, endpoint_id, job_id), JobStatus.CANCELLED, now)
    await jobs.save(tx, job)
    return job


async def step_job(tx: Connection, job: Job, now: datetime, handoff: HandoffBuffer) -> Job:
    """Queue the job's next batch, unless its endpoint has enough to do or takes nothing now."""
    found = await endpoints.these(tx, [(job.workspace_id, job.endpoint_id)])
    if not found or found[0].deleted_at:
        after = rules.end(job, JobStatus.CANCELLED, now)
    elif not await _has_room(tx, found[0]):
        after = replace(job, updated_at=now)
    else:
        after = await _next_batch(tx, job, found[0], now, handoff)
    await jobs.save(tx, after)
    return after


async def _has_room(tx: Connection, endpoint: Endpoint) -> bool:
    if not endpoint.takes_deliveries:
        return False
    return await bulk.waiting_count(tx, endpoint.id, ENOUGH_WAITING) < ENOUGH_WAITING


async def _next_batch(
    tx: Connection, job: Job, endpoint: Endpoint, now: datetime, handoff: HandoffBuffer
) -> Job:
    if job.kind is JobKind.RECOVER:
        cursor, queued = await bulk.recover(tx, job, BATCH, endpoint.is_ordered)
        seen = queued
    else:
        cursor, seen, queued = await _replay(tx, job, endpoint)
    if endpoint.is_ordered:
        await fifo.promote(tx, [endpoint.id])
    if queued:
        handoff.hand_over(tx, [shard_of(endpoint.id)])
    return rules.advance(job, cursor, seen, queued, now)


async def _replay(tx: Connection, job: Job, endpoint: Endpoint) -> tuple[JobCursor | None, int, int]:
    found = await bulk.next_messages(tx, job, BATCH)
    if not found:
        return None, 0, 0
    wanted = _select_wanted(endpoint, found)
    queued = await _queue(tx, job, endpoint, wanted) if wanted else 0
    return JobCursor(position=found[-1].position), len(found), queued


def _select_wanted(endpoint: Endpoint, found: Sequence[StoredMessage]) -> list[StoredMessage]:
    filters: PatternIndex[bool] = PatternIndex()
    filters.add(endpoint.event_types, True)
    return [one for one in found if not is_notice(one.event_type) and filters.matching(one.event_type)]


async def _queue(tx: Connection, job: Job, endpoint: Endpoint, wanted: Sequence[StoredMessage]) -> int:
    known = await bulk.find_deliveries(tx, job, wanted, job.since)
    new, made = [], []
    for message in wanted:
        states = known.get(message.id, {})
        is_done = State.DELIVERED in states and job.only_missing
        if State.PENDING in states or is_done:
            continue
        delivery = NewDelivery(
            job.workspace_id, endpoint.id, message.id, message.position, message.event_type
        )
        old_id = next(iter(states.values()), None)
        new.append(replace(delivery, id=old_id) if old_id else delivery)
        made.append(message.created_at)
    return await bulk.insert(tx, new, made, endpoint.is_ordered) if new else 0
