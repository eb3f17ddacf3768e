"""One endpoint's deliveries that wait in memory, and how many of them may be under way at once."""

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from services.webhook_delivery.deliveries.domain.delivery import Delivery, Priority
from services.webhook_delivery.deliveries.workers.circuit_breaker import CircuitBreaker
from services.webhook_delivery.endpoints.domain.target import Target

FIRST_LIMIT = 4
# A rate-limited queue may catch up this much when the loop was late; it never bursts.
CATCH_UP_SECONDS = 0.02
# Of a rate-limited queue no more waits here than leaves within so long; the rest stays in the table.
LIMITED_AHEAD_SECONDS = 30


@dataclass(slots=True)
class EndpointQueue:
    """`limit` is how many may be under way at once; `next_at` when the rate limit lets the next one go."""

    target: Target
    queues: tuple[deque[Delivery], ...] = field(default_factory=lambda: tuple(deque() for _ in Priority))
    waiting: int = 0
    inflight: int = 0
    limit: int = FIRST_LIMIT
    clean_count: int = 0
    slow_until: float = 0.0
    next_at: float = 0.0
    is_in_ring: bool = False
    # Whether the target is known to be as the table has it.
    is_current: bool = True
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)

    @property
    def is_ready(self) -> bool:
        """Whether there is something to send and the endpoint takes one more request."""
        return self.waiting > 0 and self.inflight < self._concurrency

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost with it."""
        return not (self.waiting or self.inflight or self.is_in_ring or self.breaker.is_tripped)

    def capacity(self, most: int) -> int:
        """How many may wait, at most `most`."""
        rate = self.target.endpoint.rate_limit
        return most if rate is None else min(most, max(FIRST_LIMIT, rate * LIMITED_AHEAD_SECONDS))

    def deliveries(self) -> Iterator[Delivery]:
        """Everything that waits."""
        return (delivery for queue in self.queues for delivery in queue)

    def add(self, delivery: Delivery) -> None:
        """Let it wait behind the others of its priority; where order counts, behind all others."""
        self.queues[Priority.FRESH if delivery.is_ordered else delivery.priority].append(delivery)
        self.waiting += 1

    def remove(self, ids: Collection[object]) -> None:
        """Take these out."""
        self.queues = tuple(
            deque(delivery for delivery in queue if delivery.id not in ids) for queue in self.queues
        )
        self.waiting = sum(map(len, self.queues))

    def pop(self, priority: Priority, now: float) -> Delivery:
        """The next of this priority leaves."""
        self.waiting -= 1
        self.inflight += 1
        if rate := self.target.endpoint.rate_limit:
            self.next_at = max(self.next_at, now - CATCH_UP_SECONDS) + 1 / rate
        return self.queues[priority].popleft()

    def adapt_limit(self, *, is_overload: bool) -> None:
        """Grow or shrink after an answer."""
        if is_overload:
            self.limit, self.clean_count = max(1, self.limit // 2), 0
            return
        self.clean_count += 1
        if self.clean_count >= self.limit and self.limit < self.target.endpoint.concurrency:
            self.limit, self.clean_count = self.limit + 1, 0

    def update_target(self, target: Target) -> None:
        """Send with these settings; changed by hand, the endpoint gets a new chance."""
        if target.endpoint.version != self.target.endpoint.version:
            self.breaker = CircuitBreaker()
        self.target, self.is_current = target, True

    @property
    def _concurrency(self) -> int:
        return 1 if self.breaker.is_tripped else min(self.limit, self.target.endpoint.concurrency)
