"""What waits in memory: a lane for each endpoint, and turns among the lanes, so that none starves another.

A lane grows from 4 requests at once to what its endpoint allows, by one after as many clean answers as it
has places, and halves when the receiver is overloaded. Lanes take turns, one delivery each (deficit round
robin with a quantum of one). Half of all places are closed to lanes that timed out lately, and half to any
one workspace.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.webhook_delivery.domain.delivery import Delivery
from services.webhook_delivery.domain.request import Target

FIRST_LIMIT = 4
SLOW_FOR_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be under way and wait: counts of deliveries, and bytes of their bodies."""

    slots: int = 512
    waiting: int = 5_000
    waiting_per_lane: int = 1_000
    waiting_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Turn:
    """A delivery that is under way, with the endpoint as it was when it left."""

    target: Target
    delivery: Delivery
    is_slow: bool


@dataclass(slots=True)
class Lane:
    """One endpoint's deliveries; `limit` is how many may be under way at once."""

    target: Target
    waiting: deque[Delivery] = field(default_factory=deque)
    inflight: int = 0
    limit: int = FIRST_LIMIT
    clean_count: int = 0
    slow_until: float = 0.0
    is_in_ring: bool = False

    @property
    def wants_turn(self) -> bool:
        return bool(self.waiting) and self.inflight < min(self.limit, self.target.endpoint.max_concurrency)

    def learn(self, *, is_overload: bool) -> None:
        """Grow or shrink after an answer."""
        if is_overload:
            self.limit, self.clean_count = max(1, self.limit // 2), 0
            return
        self.clean_count += 1
        if self.clean_count >= self.limit and self.limit < self.target.endpoint.max_concurrency:
            self.limit, self.clean_count = self.limit + 1, 0


class Lanes:
    """All lanes of a process; `now` is monotonic time in seconds."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._lanes: dict[UUID, Lane] = {}
        self._ring: deque[Lane] = deque()
        self._inflight_by_workspace: Counter[UUID] = Counter()
        self._slow_inflight = 0
        self._waiting_bytes = 0
        self.waiting_count = 0
        self.inflight_count = 0

    @property
    def free(self) -> int:
        """How many more deliveries may wait here."""
        if self._waiting_bytes >= self._room.waiting_bytes:
            return 0
        return max(0, self._room.waiting - self.waiting_count)

    def crowded(self) -> list[UUID]:
        """The endpoints of which no more should be fetched now."""
        return [id_ for id_, lane in self._lanes.items() if len(lane.waiting) >= self._room.waiting_per_lane]

    def has_drained(self, endpoint_id: UUID) -> bool:
        """Whether the lane, or all lanes together, have just fallen to half of what may wait."""
        waiting = len(self._lanes[endpoint_id].waiting)
        return waiting == self._room.waiting_per_lane // 2 or self.waiting_count == self._room.waiting // 2

    def targets(self) -> list[Target]:
        """The endpoints that have something waiting."""
        return [lane.target for lane in self._lanes.values() if lane.waiting]

    def waiting(self) -> list[Delivery]:
        """Everything that waits."""
        return [delivery for lane in self._lanes.values() for delivery in lane.waiting]

    def add(self, target: Target, deliveries: Collection[Delivery]) -> None:
        """Let deliveries wait for their turn."""
        lane = self._lanes.setdefault(target.id, Lane(target))
        lane.target = target
        lane.waiting.extend(deliveries)
        self._count(deliveries, 1)
        self._enter(lane)

    def refresh(self, target: Target) -> None:
        """Send what waits with these settings and secrets."""
        if lane := self._lanes.get(target.id):
            lane.target = target

    def clear(self, endpoint_id: UUID) -> list[Delivery]:
        """Take out everything that waits for this endpoint."""
        lane = self._lanes.get(endpoint_id)
        taken = list(lane.waiting) if lane else []
        self._remove(taken)
        return taken

    def forget(self, delivery_ids: Collection[UUID]) -> None:
        """Drop deliveries that another worker has taken over."""
        self._remove([delivery for delivery in self.waiting() if delivery.id in delivery_ids])

    def take(self, now: float) -> Turn | None:
        """The next delivery whose turn it is and for which there is a place; None when there is none."""
        for _ in range(len(self._ring)):
            if self.inflight_count >= self._room.slots:
                return None
            lane = self._ring.popleft()
            lane.is_in_ring = False
            if lane.wants_turn and not self._is_barred(lane, now):
                return self._depart(lane, now)
            self._enter(lane)
        return None

    def finish(self, turn: Turn, now: float, *, is_overload: bool, is_timeout: bool) -> None:
        """The delivery is over, one way or another."""
        lane = self._lanes[turn.target.id]
        lane.inflight -= 1
        self.inflight_count -= 1
        self._slow_inflight -= turn.is_slow
        self._inflight_by_workspace[turn.delivery.workspace_id] -= 1
        lane.learn(is_overload=is_overload)
        if is_timeout:
            lane.slow_until = now + SLOW_FOR_SECONDS
        self._enter(lane)

    def tidy(self, now: float) -> None:
        """Forget lanes that are idle, and what was learned of them."""
        idle = [
            id_
            for id_, lane in self._lanes.items()
            if not (lane.waiting or lane.inflight or lane.is_in_ring) and lane.slow_until <= now
        ]
        for id_ in idle:
            del self._lanes[id_]
        self._inflight_by_workspace = +self._inflight_by_workspace

    def _depart(self, lane: Lane, now: float) -> Turn:
        turn = Turn(lane.target, lane.waiting.popleft(), lane.slow_until > now)
        lane.inflight += 1
        self.inflight_count += 1
        self._slow_inflight += turn.is_slow
        self._inflight_by_workspace[turn.delivery.workspace_id] += 1
        self._count((turn.delivery,), -1)
        self._enter(lane)
        return turn

    def _is_barred(self, lane: Lane, now: float) -> bool:
        half = max(1, self._room.slots // 2)
        own = self._inflight_by_workspace[lane.target.endpoint.workspace_id]
        return own >= half or (lane.slow_until > now and self._slow_inflight >= half)

    def _enter(self, lane: Lane) -> None:
        if lane.wants_turn and not lane.is_in_ring:
            lane.is_in_ring = True
            self._ring.append(lane)

    def _remove(self, deliveries: Collection[Delivery]) -> None:
        ids = {delivery.id for delivery in deliveries}
        for endpoint_id in {delivery.endpoint_id for delivery in deliveries}:
            lane = self._lanes[endpoint_id]
            lane.waiting = deque(delivery for delivery in lane.waiting if delivery.id not in ids)
        self._count(deliveries, -1)

    def _count(self, deliveries: Iterable[Delivery], sign: int) -> None:
        for delivery in deliveries:
            self.waiting_count += sign
            self._waiting_bytes += sign * len(delivery.body)
