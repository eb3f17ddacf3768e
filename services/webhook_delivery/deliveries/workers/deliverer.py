"""Takes what was handed over or is due, dispatches it endpoint by endpoint, sends, passes the outcomes on.

No connection to the database is held while a request is under way.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from services.webhook_delivery import metrics
from services.webhook_delivery.deliveries.channels.sender import Transport, attempt
from services.webhook_delivery.deliveries.domain.delivery import (
    OUR_FAULT_DELAY_MS,
    AttemptKind,
    Delivery,
    Fault,
    Outcome,
    State,
)
from services.webhook_delivery.deliveries.operations.handoff import Handoff, LeasedDelivery
from services.webhook_delivery.deliveries.operations.outcomes import Unsent
from services.webhook_delivery.deliveries.repository import queue
from services.webhook_delivery.deliveries.repository.queue import ClaimRequest, shard_of
from services.webhook_delivery.deliveries.workers.backoff import EndpointBackoffs
from services.webhook_delivery.deliveries.workers.claim import EndpointBatch, claim_due
from services.webhook_delivery.deliveries.workers.dispatch_queue import Dispatch, DispatchQueue, QueueLimits
from services.webhook_delivery.deliveries.workers.handoff_receiver import HandoffReceiver
from services.webhook_delivery.deliveries.workers.observe import observe
from services.webhook_delivery.deliveries.workers.outcome_writer import OutcomeWriter
from services.webhook_delivery.deliveries.workers.shards import Shards
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.domain.secret import select_live
from services.webhook_delivery.endpoints.domain.target import Target
from services.webhook_delivery.endpoints.operations.secrets import load_targets
from services.webhook_delivery.event_types.domain.event_filter import wants
from shared.kernel.key_ring import KeyRing
from shared.postgres.transaction import Database

# Until the end of the endpoint is written, nothing more may be sent to it.
GONE_PAUSE_SECONDS = 5
# By then an outcome is written, as a rule, and with it when the next attempt is due.
WRITTEN_WITHIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class DelivererLimits:
    """How much is fetched at once, how often, and for how long it is leased; times in seconds."""

    room: QueueLimits = field(default_factory=QueueLimits)
    claim_batch: int = 500
    poll_seconds: float = 0.25
    lease_seconds: float = 30.0
    shard_seconds: float = 10.0
    drain_seconds: float = 5.0


class Deliverer:
    """The deliveries of one process. Several processes share the queue by shards, and by leases."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        ring: KeyRing,
        writer: OutcomeWriter,
        *,
        handoff: Handoff,
        limits: DelivererLimits,
    ) -> None:
        self._database = database
        self._transport = transport
        self._ring = ring
        self._writer = writer
        self._limits = limits
        self._queue = DispatchQueue(limits.room)
        self._shards = Shards(database, limits.shard_seconds)
        self._backoffs = EndpointBackoffs()
        self._filled_shards: set[int] = set()
        self._next_poll_at = 0.0
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._has_overdue = False
        self._throttle_timer: asyncio.TimerHandle | None = None
        self._due_timer: asyncio.TimerHandle | None = None
        self._is_closing = False
        # Takes the next step at once; set to the wake() of whoever repeats it.
        self.wake_step: Callable[[], None] = lambda: None
        self._receiver = HandoffReceiver(
            self._queue, self._backoffs, self._shards, self._enqueue, limits.lease_seconds
        )
        handoff.offer_lease, handoff.receive = self._receiver.offer_lease, self.receive

    def receive(self, shards: Collection[int], leased: Sequence[LeasedDelivery]) -> None:
        """Send or fetch at once what a commit of this process made due."""
        self._filled_shards.update(shards)
        if leased:
            self._receiver.receive(leased)
            self._pump()
        if shards or self._receiver.without_endpoint:
            self.wake_step()

    async def step(self) -> bool:
        """Fetch what is due of each shard; True when there may be more at once."""
        if self._receiver.without_endpoint:
            await self._receiver.load_endpoints(self._database, self._ring)
            self._pump()
        has_more = False
        for shard in await self._due_shards():
            if self._queue.free:
                has_more |= await self._fetch(shard)
                self._pump()
        return has_more and bool(self._queue.free)

    async def renew(self) -> bool:
        """Extend the leases of all that waits or is under way; what was lost meanwhile is dropped."""
        held = [*self._queue.waiting(), *self._under_way.values(), *self._receiver.without_endpoint]
        if held:
            async with self._database.pool.acquire() as connection:
                kept = await queue.renew(connection, held, self._limits.lease_seconds)
            self._queue.forget({delivery.id for delivery in held} - kept)
        self._queue.drop_idle(time.monotonic())
        metrics.ENDPOINTS_OPEN.set(self._queue.tripped_count)
        return False

    async def keep_shards(self) -> bool:
        """Keep this process's share of the queue; what waits of a lost shard goes back."""
        if self._is_closing:
            return False
        before = self._shards.owned
        lost = await self._shards.keep()
        if lost:
            self._give_back(self._queue.remove_shards(shard_of, lost))
        if self._shards.owned - before:
            # What was due there before is due now.
            self.wake_step()
        return False

    async def refresh(self) -> bool:
        """Let changes of endpoints and secrets take effect on what waits already."""
        endpoints = [target.endpoint for target in self._queue.targets()] + [*self._backoffs.endpoints()]
        if endpoints:
            keys = {(endpoint.workspace_id, endpoint.id) for endpoint in endpoints}
            async with self._database.pool.acquire() as connection:
                targets = await load_targets(connection, sorted(keys), self._ring)
            for endpoint in endpoints:
                self._update_endpoint(endpoint.id, targets.get(endpoint.id))
            self._pump()
        return False

    async def close(self) -> None:
        """Let what is under way finish for a while, give back everything else, write the outcomes."""
        self._is_closing, self._receiver.is_open = True, False
        if self._due_timer:
            self._due_timer.cancel()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=self._limits.drain_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._give_back([*self._queue.waiting(), *self._receiver.without_endpoint])
        await self._writer.drain()
        await self._shards.release()

    async def _due_shards(self) -> Sequence[int]:
        """Our shards with something due: those that were just filled, and now and then all that are."""
        owned, now = self._shards.owned, time.monotonic()
        filled, self._filled_shards = self._filled_shards & owned, set()
        if not owned or (filled and now < self._next_poll_at):
            return sorted(filled)
        async with self._database.pool.acquire() as connection:
            waits = await queue.waits(connection)
        self._next_poll_at = now + self._limits.poll_seconds
        seconds = {shard: wait.total_seconds() for shard, wait in waits.items() if shard in owned}
        self._has_overdue = any(wait <= 0 for wait in seconds.values())
        if later := [wait for wait in seconds.values() if wait > 0]:
            self._wake_in(min(later))
        return sorted(filled | {shard for shard, wait in seconds.items() if wait <= 0})

    async def next_due_in(self) -> float | None:
        """In how many seconds to look again, before a long rest; for what is due later there is a timer."""
        return 0.0 if self._has_overdue or self._filled_shards else None

    def _wake_in(self, seconds: float) -> None:
        """Take a step when this is over; of several the first counts, and sets the next."""
        loop = asyncio.get_running_loop()
        if self._due_timer and self._due_timer.when() <= loop.time() + seconds:
            return
        if self._due_timer:
            self._due_timer.cancel()
        self._due_timer = loop.call_later(seconds, self._wake_when_due)

    def _wake_when_due(self) -> None:
        self._due_timer = None
        self.wake_step()

    async def _fetch(self, shard: int) -> bool:
        excluded = [*self._queue.crowded(), *self._backoffs.current()]
        count = min(self._limits.claim_batch, self._queue.free)
        request = ClaimRequest(shard, excluded, count, self._limits.lease_seconds)
        claimed = await claim_due(self._database, self._ring, request, self._give_back)
        self._writer.put(*(Unsent(delivery, State.EXPIRED) for delivery in claimed.expired))
        for batch in claimed.batches:
            self._enqueue(batch)
        return claimed.count == count

    def _enqueue(self, batch: EndpointBatch) -> None:
        obstacle = self._obstacle(batch.target)
        if obstacle:
            self._set_aside(batch.deliveries, obstacle)
        elif batch.target and (wanted := self._keep_wanted(batch.target.endpoint, batch.deliveries)):
            self._queue.add(batch.target, wanted)

    def _obstacle(self, target: Target | None) -> tuple[State, int] | None:
        """Why nothing can be sent to this endpoint now: the state to end in, or how many ms to wait."""
        now = datetime.now(UTC)
        if target is None or target.endpoint.deleted_at:
            return State.CANCELLED, 0
        endpoint = target.endpoint
        if not endpoint.takes_deliveries:
            return State.HELD, 0
        if endpoint.paused_until and endpoint.paused_until > now:
            self._backoffs.begin(endpoint, (endpoint.paused_until - now).total_seconds())
        # Also what an answer asked for that is not written yet.
        if left_ms := self._backoffs.left_ms(target.id):
            return State.PENDING, left_ms
        if target.headers is None or not select_live(target.secrets, now):
            # Never unsigned, nor without its headers: the receiver would have to refuse it.
            return State.PENDING, OUR_FAULT_DELAY_MS
        return None

    def _update_endpoint(self, endpoint_id: UUID, target: Target | None) -> None:
        self._backoffs.end_if_changed(endpoint_id, target.endpoint if target else None)
        obstacle = self._obstacle(target)
        if obstacle:
            self._set_aside(self._queue.clear(endpoint_id), obstacle)
            if obstacle[0] is not State.PENDING:
                self._queue.close_breaker(endpoint_id)
        elif target:
            own = self._queue.queue_of(endpoint_id)
            if own and own.target.endpoint.event_types != target.endpoint.event_types:
                waiting = list(own.deliveries())
                wanted = self._keep_wanted(target.endpoint, waiting)
                self._queue.forget(
                    {delivery.id for delivery in waiting} - {delivery.id for delivery in wanted}
                )
            self._queue.refresh(target)

    def _keep_wanted(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those that the endpoint wants now, or that somebody asked for; the others are cancelled."""
        wanted = [
            delivery
            for delivery in deliveries
            if delivery.kind is not AttemptKind.AUTO or wants(endpoint.event_types, delivery.event_type)
        ]
        if len(wanted) < len(deliveries):
            kept = {delivery.id for delivery in wanted}
            self._set_aside(
                [delivery for delivery in deliveries if delivery.id not in kept], (State.CANCELLED, 0)
            )
        return wanted

    def _set_aside(self, unsent: Iterable[Delivery], obstacle: tuple[State, int]) -> None:
        state, delay_ms = obstacle
        rows = [Unsent(delivery, state, delay_ms) for delivery in unsent]
        self._writer.put(*rows)
        if rows and state is State.PENDING:
            self._wake_in(delay_ms / 1000 + WRITTEN_WITHIN_SECONDS)

    def _give_back(self, unsent: Iterable[Delivery]) -> None:
        self._set_aside(unsent, (State.PENDING, 0))

    def _pump(self) -> None:
        """Send as much as there are places for."""
        while not self._is_closing and (dispatch := self._queue.take(time.monotonic())):
            task = asyncio.create_task(self._deliver(dispatch))
            self._under_way[task] = dispatch.delivery
            task.add_done_callback(self._under_way.pop)
        metrics.INFLIGHT.set(self._queue.inflight_count)
        metrics.QUEUED.set(self._queue.waiting_count)
        wait_seconds = self._queue.throttle_seconds(time.monotonic())
        if wait_seconds is not None and self._throttle_timer is None:
            self._throttle_timer = asyncio.get_running_loop().call_later(wait_seconds, self._resume)

    def _resume(self) -> None:
        self._throttle_timer = None
        self._pump()

    async def _deliver(self, dispatch: Dispatch) -> None:
        try:
            outcome = await attempt(self._transport, dispatch.target, dispatch.delivery)
        except asyncio.CancelledError:
            self._writer.put(Unsent(dispatch.delivery))
            raise
        self._finish(dispatch, outcome)
        self._pump()

    def _finish(self, dispatch: Dispatch, outcome: Outcome) -> None:
        result, verdict, now = outcome.result, outcome.verdict, time.monotonic()
        is_timeout = result.fault is Fault.TIMEOUT
        self._queue.finish(dispatch, now, is_overload=verdict.is_overload, is_timeout=is_timeout)
        observe(outcome)
        self._writer.put(outcome)
        if verdict.delay_ms is not None and not verdict.is_final:
            self._wake_in(verdict.delay_ms / 1000 + WRITTEN_WITHIN_SECONDS)
        endpoint, own = dispatch.target.endpoint, self._queue.queue_of(dispatch.target.id)
        if verdict.state is State.GONE:
            self._backoffs.begin(endpoint, GONE_PAUSE_SECONDS)
            self._set_aside(self._queue.clear(endpoint.id), (State.HELD, 0))
            return
        open_seconds = (
            own.breaker.note(now, is_success=result.is_success) if own and verdict.uses_attempt else None
        )
        pause_ms = max(verdict.pause_ms or 0, int((open_seconds or 0) * 1000))
        if pause_ms:
            self._back_off(endpoint, pause_ms)
        elif dispatch.delivery.is_ordered and not verdict.is_final:
            # Those behind it wait until it has arrived or is given up.
            self._set_aside(self._queue.clear(endpoint.id), (State.PENDING, verdict.delay_ms or 0))
        elif self._queue.has_drained(endpoint.id):
            self.wake_step()

    def _back_off(self, endpoint: Endpoint, pause_ms: int) -> None:
        self._backoffs.begin(endpoint, pause_ms / 1000)
        self._set_aside(self._queue.clear(endpoint.id), (State.PENDING, pause_ms))
