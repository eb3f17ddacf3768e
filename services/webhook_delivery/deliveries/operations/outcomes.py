"""State changes of deliveries: what attempts led to, and sending again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.webhook_delivery.deliveries.domain import notices
from services.webhook_delivery.deliveries.domain.delivery import Delivery, DeliveryView, Outcome, State
from services.webhook_delivery.deliveries.operations.handoff import HandoffBuffer
from services.webhook_delivery.deliveries.repository import attempts, fifo, queue
from services.webhook_delivery.deliveries.repository import views as delivery_views
from services.webhook_delivery.deliveries.repository.queue import NewDelivery
from services.webhook_delivery.endpoints.domain import endpoint as endpoint_rules
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.operations.endpoints import put_aside
from services.webhook_delivery.endpoints.repository import endpoints
from services.webhook_delivery.messages import repository as messages
from shared.kernel.errors import Conflict, raise_not_found
from shared.messaging import outbox
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
    tx: Connection,
    outcomes: Sequence[Outcome],
    unsent: Sequence[Unsent],
    now: datetime,
    handoff: HandoffBuffer,
) -> list[Endpoint]:
    """Log attempts and move their deliveries on, many in one transaction; returns endpoints it disabled.

    The order of locks is endpoint, feed, queue, as in every change of an endpoint.
    """
    counted = [outcome for outcome in outcomes if outcome.verdict.uses_attempt]
    disabled = await _note_health(tx, counted, now)
    if counted:
        await attempts.insert(tx, counted)
        told = [event for outcome in counted for event in notices.events_for_outcome(outcome, now)]
        await outbox.record(tx, *told)
    await _move_on(tx, outcomes, unsent)
    await _let_the_next_ones_go(tx, outcomes, unsent, handoff)
    for endpoint in disabled:
        await put_aside(tx, endpoint)
    return disabled


async def resend_delivery(
    tx: Connection, workspace_id: UUID, delivery_id: UUID, handoff: HandoffBuffer
) -> DeliveryView:
    """Try a delivery now, with the same webhook-id, whatever became of it before.

    Raises NotFound (also when the message has outlived its retention) and EndpointTakesNone.
    """
    view = await delivery_views.find(tx, workspace_id, delivery_id)
    if view is None:
        return raise_not_found("delivery", delivery_id)  # type: ignore[no-any-return]
    found = await endpoints.these(tx, [(workspace_id, view.endpoint_id)])
    if not found or not found[0].takes_deliveries:
        raise EndpointTakesNone
    if view.state is State.PENDING:
        await queue.hasten(tx, workspace_id, delivery_id)
    else:
        message = await messages.get(tx, workspace_id, view.message_id)
        new = NewDelivery(
            workspace_id, view.endpoint_id, view.message_id, message.position, message.event_type
        )
        await queue.resend(tx, workspace_id, delivery_id, new)
    handoff.hand_over(tx, [queue.shard_of(view.endpoint_id)])
    return await delivery_views.find(tx, workspace_id, delivery_id) or view


async def _note_health(tx: Connection, outcomes: Sequence[Outcome], now: datetime) -> list[Endpoint]:
    by_endpoint: dict[UUID, list[Outcome]] = {}
    for outcome in outcomes:
        by_endpoint.setdefault(outcome.delivery.endpoint_id, []).append(outcome)
    failed = [id_ for id_, own in by_endpoint.items() if any(not one.result.is_success for one in own)]
    keys = [(own[0].delivery.workspace_id, id_) for id_, own in by_endpoint.items()]
    disabled = []
    for before in await endpoints.lock_health(tx, keys, failed) if keys else ():
        after = _health_after(before, by_endpoint[before.id], now)
        if after != before:
            await endpoints.save(tx, after)
            await outbox.record(tx, *notices.events_for_health(before, after))
        if before.takes_deliveries and not after.takes_deliveries:
            disabled.append(after)
    if disabled:
        await endpoints.touch(tx, [endpoint.workspace_id for endpoint in disabled])
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
    counts: Mapping[UUID, int] = {one.delivery.id: _attempt_count(one) for one in outcomes}
    ended = [
        (one.delivery, one.verdict.state, counts[one.delivery.id]) for one in outcomes if one.verdict.is_final
    ]
    ended += [
        (one.delivery, one.state, one.delivery.attempt_count)
        for one in unsent
        if one.state is not State.PENDING
    ]
    tried = [
        (one.delivery, one.verdict.delay_ms or 0, counts[one.delivery.id])
        for one in outcomes
        if not one.verdict.is_final
    ]
    released = [(one.delivery, one.delay_ms) for one in unsent if one.state is State.PENDING]
    if ended:
        await queue.finish(tx, sorted(ended, key=lambda one: one[0].id))
    if tried:
        await queue.retry(tx, sorted(tried, key=lambda one: one[0].id))
    if released:
        await queue.release(tx, sorted(released, key=lambda one: one[0].id))


async def _let_the_next_ones_go(
    tx: Connection, outcomes: Sequence[Outcome], unsent: Sequence[Unsent], handoff: HandoffBuffer
) -> None:
    moved = [one.delivery for one in outcomes] + [one.delivery for one in unsent]
    lines = {delivery.endpoint_id for delivery in moved if delivery.is_ordered}
    if lines and (shards := await fifo.promote(tx, sorted(lines))):
        handoff.hand_over(tx, shards)


def _attempt_count(outcome: Outcome) -> int:
    return outcome.delivery.attempt_count + outcome.verdict.uses_attempt
