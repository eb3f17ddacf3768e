"""The dispatch queue of a process: a queue for each endpoint, served in turn, so that none starves another.

An endpoint's limit grows from 4 requests at once to what the endpoint allows, by one after as many clean
answers as it has slots, and halves when the receiver is overloaded. Queues are served by deficit round robin
with a quantum of one delivery. Half of all slots are closed to endpoints that timed out lately, and half to
any one workspace; retries have at most 30 % of the slots, what is sent anew in bulk 20 %.
"""

import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import Delivery, Priority
from services.webhook_delivery.deliveries.workers.circuit_breaker import CircuitBreaker
from services.webhook_delivery.deliveries.workers.endpoint_queue import EndpointQueue
from services.webhook_delivery.endpoints.domain.target import Target

SLOW_FOR_SECONDS = 60
SLOT_PERCENT = {Priority.FRESH: 100, Priority.RETRY: 30, Priority.BULK: 20}


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may be under way and wait: counts of deliveries, and bytes of their bodies."""

    slots: int = 512
    waiting: int = 5_000
    waiting_per_endpoint: int = 1_000
    waiting_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A delivery that is under way, with the endpoint as it was when it left."""

    target: Target
    delivery: Delivery
    is_slow: bool
    priority: Priority


class DispatchQueue:
    """The queues of all endpoints; `now` is monotonic time in seconds."""

    def __init__(self, limits: QueueLimits) -> None:
        self._limits = limits
        self._queues: dict[UUID, EndpointQueue] = {}
        self._ring: deque[EndpointQueue] = deque()
        # Queues that their rate limit holds back, by when it ends; the number breaks ties.
        self._throttled: list[tuple[float, int, EndpointQueue]] = []
        self._numbers = itertools.count()
        self._inflight_by_workspace: Counter[UUID] = Counter()
        self._inflight_by_priority: Counter[Priority] = Counter()
        self._slots = {
            priority: max(1, limits.slots * share // 100) for priority, share in SLOT_PERCENT.items()
        }
        self._slow_inflight = 0
        self._waiting_bytes = 0
        self.waiting_count = 0
        self.inflight_count = 0

    @property
    def free(self) -> int:
        """How many more deliveries may wait here."""
        if self._waiting_bytes >= self._limits.waiting_bytes:
            return 0
        return max(0, self._limits.waiting - self.waiting_count)

    @property
    def tripped_count(self) -> int:
        """How many endpoints are left alone because they fail."""
        return sum(queue.breaker.is_tripped for queue in self._queues.values())

    def queue_of(self, endpoint_id: UUID) -> EndpointQueue | None:
        """The endpoint's queue, if it has one."""
        return self._queues.get(endpoint_id)

    def space(self, endpoint_id: UUID) -> int:
        """How many more deliveries of this endpoint may wait."""
        queue = self._queues.get(endpoint_id)
        most = self._limits.waiting_per_endpoint
        return most if queue is None else queue.capacity(most) - queue.waiting

    def crowded(self) -> list[UUID]:
        """The endpoints of which no more should be fetched now."""
        most = self._limits.waiting_per_endpoint
        return [id_ for id_, queue in self._queues.items() if queue.waiting >= queue.capacity(most)]

    def has_drained(self, endpoint_id: UUID) -> bool:
        """Whether the queue, or all queues together, have just fallen to half of what may wait."""
        queue = self._queues[endpoint_id]
        half = queue.capacity(self._limits.waiting_per_endpoint) // 2
        return queue.waiting == half or self.waiting_count == self._limits.waiting // 2

    def targets(self) -> list[Target]:
        """The endpoints that have something waiting, or are left alone because they fail."""
        return [queue.target for queue in self._queues.values() if queue.waiting or queue.breaker.is_tripped]

    def waiting(self) -> list[Delivery]:
        """Everything that waits."""
        return [delivery for queue in self._queues.values() for delivery in queue.deliveries()]

    def add(self, target: Target, deliveries: Collection[Delivery]) -> None:
        """Let deliveries wait until their endpoint's queue is served."""
        queue = self._queues.setdefault(target.id, EndpointQueue(target))
        queue.update_target(target)
        for delivery in deliveries:
            queue.add(delivery)
        self._count(deliveries, 1)
        self._enter(queue)

    def refresh(self, target: Target) -> None:
        """Send what waits with these settings and secrets."""
        if queue := self._queues.get(target.id):
            queue.update_target(target)
            self._enter(queue)

    def clear(self, endpoint_id: UUID) -> list[Delivery]:
        """Take out everything that waits for this endpoint."""
        queue = self._queues.get(endpoint_id)
        taken = list(queue.deliveries()) if queue else []
        self._remove(taken)
        return taken

    def close_breaker(self, endpoint_id: UUID) -> None:
        """Forget that the endpoint failed: nothing is sent to it any more."""
        if queue := self._queues.get(endpoint_id):
            queue.breaker = CircuitBreaker()

    def remove_shards(self, shard_of: Callable[[UUID], int], lost: Collection[int]) -> list[Delivery]:
        """Take out everything of these shards, which belong to another worker now."""
        taken: list[Delivery] = []
        for endpoint_id, queue in self._queues.items():
            if shard_of(endpoint_id) in lost:
                queue.is_current = False
                taken += queue.deliveries()
        self._remove(taken)
        return taken

    def forget(self, delivery_ids: Collection[UUID]) -> None:
        """Drop deliveries that another worker has taken over."""
        if delivery_ids:
            self._remove([delivery for delivery in self.waiting() if delivery.id in delivery_ids])

    def take(self, now: float) -> Dispatch | None:
        """The next delivery that has a slot, by the order of the queues; None when there is none."""
        self._end_throttling(now)
        for _ in range(len(self._ring)):
            if self.inflight_count >= self._limits.slots:
                return None
            queue = self._ring.popleft()
            queue.is_in_ring = False
            if dispatch := self._try_queue(queue, now):
                return dispatch
        return None

    def throttle_seconds(self, now: float) -> float | None:
        """How long until a rate limit lets the next delivery go; None when none is waiting for that."""
        return max(0.0, self._throttled[0][0] - now) if self._throttled else None

    def finish(self, dispatch: Dispatch, now: float, *, is_overload: bool, is_timeout: bool) -> None:
        """The delivery is over, one way or another."""
        queue = self._queues[dispatch.target.id]
        queue.inflight -= 1
        self.inflight_count -= 1
        self._slow_inflight -= dispatch.is_slow
        self._inflight_by_workspace[dispatch.delivery.workspace_id] -= 1
        self._inflight_by_priority[dispatch.priority] -= 1
        queue.adapt_limit(is_overload=is_overload)
        if is_timeout:
            queue.slow_until = now + SLOW_FOR_SECONDS
        self._enter(queue)

    def drop_idle(self, now: float) -> None:
        """Forget queues that are idle, and what was learned of them."""
        idle = [id_ for id_, queue in self._queues.items() if queue.is_idle and queue.slow_until <= now]
        for id_ in idle:
            del self._queues[id_]
        self._inflight_by_workspace = +self._inflight_by_workspace

    def _try_queue(self, queue: EndpointQueue, now: float) -> Dispatch | None:
        if not queue.is_ready:
            return None
        if queue.next_at > now:
            queue.is_in_ring = True
            heapq.heappush(self._throttled, (queue.next_at, next(self._numbers), queue))
            return None
        priority = None if self._is_barred(queue, now) else self._priority(queue)
        if priority is None:
            self._enter(queue)
            return None
        return self._start(queue, priority, now)

    def _end_throttling(self, now: float) -> None:
        while self._throttled and self._throttled[0][0] <= now:
            queue = heapq.heappop(self._throttled)[2]
            queue.is_in_ring = False
            self._enter(queue)

    def _start(self, queue: EndpointQueue, priority: Priority, now: float) -> Dispatch:
        dispatch = Dispatch(queue.target, queue.pop(priority, now), queue.slow_until > now, priority)
        self.inflight_count += 1
        self._slow_inflight += dispatch.is_slow
        self._inflight_by_workspace[dispatch.delivery.workspace_id] += 1
        self._inflight_by_priority[priority] += 1
        self._count((dispatch.delivery,), -1)
        self._enter(queue)
        return dispatch

    def _is_barred(self, queue: EndpointQueue, now: float) -> bool:
        half = max(1, self._limits.slots // 2)
        own = self._inflight_by_workspace[queue.target.endpoint.workspace_id]
        return own >= half or (queue.slow_until > now and self._slow_inflight >= half)

    def _priority(self, queue: EndpointQueue) -> Priority | None:
        for priority, slots in self._slots.items():
            if queue.queues[priority] and self._inflight_by_priority[priority] < slots:
                return priority
        return None

    def _enter(self, queue: EndpointQueue) -> None:
        if queue.is_ready and not queue.is_in_ring:
            queue.is_in_ring = True
            self._ring.append(queue)

    def _remove(self, deliveries: Collection[Delivery]) -> None:
        ids = {delivery.id for delivery in deliveries}
        for endpoint_id in {delivery.endpoint_id for delivery in deliveries}:
            self._queues[endpoint_id].remove(ids)
        self._count(deliveries, -1)

    def _count(self, deliveries: Iterable[Delivery], sign: int) -> None:
        for delivery in deliveries:
            self.waiting_count += sign
            self._waiting_bytes += sign * len(delivery.body)
