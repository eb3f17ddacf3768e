"""State changes of deliveries: what attempts led to, and sending again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.webhook_delivery.common.domain.real_time import real_now
from services.webhook_delivery.deliveries.domain import notices
from services.webhook_delivery.deliveries.domain.delivery import Delivery, DeliveryView, Outcome, State
from services.webhook_delivery.deliveries.operations.handoff import Handoff
from services.webhook_delivery.deliveries.repository import attempts, fifo, queue
from services.webhook_delivery.deliveries.repository import views as delivery_views
from services.webhook_delivery.deliveries.repository.queue import NewDelivery
from services.webhook_delivery.endpoints.domain import endpoint as endpoint_rules
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.operations.endpoints import put_aside
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.message_store import repository as messages
from shared.kernel.errors import Conflict, raise_not_found
from shared.messaging.work import Unit, Work
from shared.postgres.pool import Connection


class EndpointTakesNone(Conflict):
    """The webhook endpoint is disabled or deleted: nothing can be sent to it."""

    code = "webhook_endpoint_disabled"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A leased delivery that was not tried: it ends in `state`, or is pending and due after `delay_ms`."""

    delivery: Delivery
    state: State = State.PENDING
    delay_ms: int = 0


async def record_outcomes(
    unit: Unit, outcomes: Sequence[Outcome], unsent: Sequence[Unsent], handoff: Handoff
) -> list[Endpoint]:
    """Log attempts and move their deliveries on, many in one transaction; returns endpoints it disabled.

    The order of locks is endpoint, feed, queue, as in every change of an endpoint.
    """
    now = real_now()
    counted = [outcome for outcome in outcomes if outcome.verdict.uses_attempt]
    disabled = await _note_health(unit, counted, now)
    if counted:
        await attempts.insert(unit.tx, counted)
        for outcome in counted:
            unit.record(*notices.events_for_outcome(outcome, now))
    await _move_on(unit.tx, outcomes, unsent)
    await _promote_next(unit, outcomes, unsent, handoff)
    for endpoint in disabled:
        await put_aside(unit, endpoint)
    return disabled


async def resend_delivery(work: Work, delivery_id: UUID, handoff: Handoff) -> DeliveryView:
    """Try a delivery now, with the same webhook-id, whatever became of it before.

    The feed has it once more, as a resend: whoever follows it in an endpoint's stead hears of it too.
    Raises NotFound (also when the message has outlived its retention) and EndpointTakesNone.
    """
    tx, workspace_id = work.tx, work.workspace_id
    delivery = await delivery_views.find(tx, workspace_id, delivery_id) or raise_not_found(
        "delivery", delivery_id
    )
    endpoint = await endpoints.find(tx, workspace_id, delivery.endpoint_id)
    if endpoint is None or not endpoint.takes_deliveries:
        raise EndpointTakesNone
    await messages.insert_resend(tx, workspace_id, delivery.message_id)
    handoff.tell_readers(work, [workspace_id])
    if delivery.state is State.PENDING:
        await queue.hasten(tx, workspace_id, delivery_id)
    else:
        message = await messages.get(tx, workspace_id, delivery.message_id)
        await queue.resend(
            tx,
            NewDelivery(
                workspace_id,
                endpoint.id,
                message.id,
                message.position,
                message.event_type,
                id=delivery_id,
            ),
        )
    handoff.hand_over(work, [queue.shard_of(endpoint.id)])
    return await delivery_views.find(tx, workspace_id, delivery_id) or delivery


async def _note_health(unit: Unit, outcomes: Sequence[Outcome], now: datetime) -> list[Endpoint]:
    by_endpoint: dict[UUID, list[Outcome]] = {}
    for outcome in outcomes:
        by_endpoint.setdefault(outcome.delivery.endpoint_id, []).append(outcome)
    failed = {
        id_ for id_, own in by_endpoint.items() if any(not outcome.result.is_success for outcome in own)
    }
    keys = [(own[0].delivery.workspace_id, id_) for id_, own in by_endpoint.items()]
    disabled = []
    for before in await endpoints.lock_health(unit.tx, keys, failed) if keys else ():
        after = _health_after(before, by_endpoint[before.id], now)
        if after != before:
            await endpoints.save(unit.tx, after)
            unit.record(*notices.events_for_health(before, after))
        if before.takes_deliveries and not after.takes_deliveries:
            disabled.append(after)
    if disabled:
        await endpoints.touch(unit.tx, [endpoint.workspace_id for endpoint in disabled])
    return disabled


def _health_after(endpoint: Endpoint, outcomes: Iterable[Outcome], now: datetime) -> Endpoint:
    for outcome in outcomes:
        pause_ms = outcome.verdict.pause_ms
        if outcome.result.is_success:
            endpoint = endpoint_rules.note_success(endpoint, now)
        elif outcome.verdict.state is State.GONE:
            endpoint = endpoint_rules.note_gone(endpoint, now)
        else:
            paused_until = now + timedelta(milliseconds=pause_ms) if pause_ms else None
            endpoint = endpoint_rules.note_failure(endpoint, now, paused_until)
    return endpoint


async def _move_on(tx: Connection, outcomes: Sequence[Outcome], unsent: Sequence[Unsent]) -> None:
    counts: Mapping[UUID, int] = {outcome.delivery.id: _attempt_count(outcome) for outcome in outcomes}
    ended = [
        (outcome.delivery, outcome.verdict.state, counts[outcome.delivery.id])
        for outcome in outcomes
        if outcome.verdict.is_final
    ]
    ended += [
        (skipped.delivery, skipped.state, skipped.delivery.attempt_count)
        for skipped in unsent
        if skipped.state is not State.PENDING
    ]
    tried = [
        (outcome.delivery, outcome.verdict.delay_ms or 0, counts[outcome.delivery.id])
        for outcome in outcomes
        if not outcome.verdict.is_final
    ]
    released = [(skipped.delivery, skipped.delay_ms) for skipped in unsent if skipped.state is State.PENDING]
    if ended:
        await queue.finish(tx, sorted(ended, key=lambda row: row[0].id))
    if tried:
        await queue.retry(tx, sorted(tried, key=lambda row: row[0].id))
    if released:
        await queue.release(tx, sorted(released, key=lambda row: row[0].id))


async def _promote_next(
    unit: Unit, outcomes: Sequence[Outcome], unsent: Sequence[Unsent], handoff: Handoff
) -> None:
    moved = [outcome.delivery for outcome in outcomes] + [skipped.delivery for skipped in unsent]
    lines = {delivery.endpoint_id for delivery in moved if delivery.is_ordered}
    if lines and (shards := await fifo.promote(unit.tx, sorted(lines))):
        handoff.hand_over(unit, shards)


def _attempt_count(outcome: Outcome) -> int:
    return outcome.delivery.attempt_count + outcome.verdict.uses_attempt
