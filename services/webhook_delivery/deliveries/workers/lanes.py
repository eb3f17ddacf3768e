"""What waits in memory: a lane for each endpoint, and turns among the lanes, so that none starves another.

A lane grows from 4 requests at once to what its endpoint allows, by one after as many clean answers as it
has places, and halves when the receiver is overloaded. Lanes take turns, one delivery each (deficit round
robin with a quantum of one). Half of all places are closed to lanes that timed out lately, and half to any
one workspace; retries have at most 30 % of the places, what is sent anew in bulk 20 %.
"""

import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import Delivery, Priority
from services.webhook_delivery.deliveries.domain.request import Target
from services.webhook_delivery.deliveries.workers.breaker import Breaker
from services.webhook_delivery.deliveries.workers.lane import Lane

SLOW_FOR_SECONDS = 60
SHARE_PERCENT = {Priority.FRESH: 100, Priority.RETRY: 30, Priority.BULK: 20}


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
    priority: Priority


class Lanes:
    """All lanes of a process; `now` is monotonic time in seconds."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._lanes: dict[UUID, Lane] = {}
        self._ring: deque[Lane] = deque()
        # Lanes whose rate limit keeps them waiting, by when it lets them go on; the number breaks ties.
        self._resting: list[tuple[float, int, Lane]] = []
        self._numbers = itertools.count()
        self._inflight_by_workspace: Counter[UUID] = Counter()
        self._inflight_by_priority: Counter[Priority] = Counter()
        self._places = {one: max(1, room.slots * share // 100) for one, share in SHARE_PERCENT.items()}
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

    @property
    def tripped_count(self) -> int:
        """How many endpoints are left alone because they fail."""
        return sum(lane.breaker.is_tripped for lane in self._lanes.values())

    def lane(self, endpoint_id: UUID) -> Lane | None:
        """The endpoint's lane, if it has one."""
        return self._lanes.get(endpoint_id)

    def space(self, endpoint_id: UUID) -> int:
        """How many more deliveries of this endpoint may wait."""
        lane = self._lanes.get(endpoint_id)
        most = self._room.waiting_per_lane
        return most if lane is None else lane.capacity(most) - lane.waiting

    def crowded(self) -> list[UUID]:
        """The endpoints of which no more should be fetched now."""
        most = self._room.waiting_per_lane
        return [id_ for id_, lane in self._lanes.items() if lane.waiting >= lane.capacity(most)]

    def has_drained(self, endpoint_id: UUID) -> bool:
        """Whether the lane, or all lanes together, have just fallen to half of what may wait."""
        lane = self._lanes[endpoint_id]
        half = lane.capacity(self._room.waiting_per_lane) // 2
        return lane.waiting == half or self.waiting_count == self._room.waiting // 2

    def targets(self) -> list[Target]:
        """The endpoints that have something waiting, or are left alone because they fail."""
        return [lane.target for lane in self._lanes.values() if lane.waiting or lane.breaker.is_tripped]

    def waiting(self) -> list[Delivery]:
        """Everything that waits."""
        return [delivery for lane in self._lanes.values() for delivery in lane.deliveries()]

    def add(self, target: Target, deliveries: Collection[Delivery]) -> None:
        """Let deliveries wait for their turn."""
        lane = self._lanes.setdefault(target.id, Lane(target))
        lane.renew(target)
        for delivery in deliveries:
            lane.add(delivery)
        self._count(deliveries, 1)
        self._enter(lane)

    def refresh(self, target: Target) -> None:
        """Send what waits with these settings and secrets."""
        if lane := self._lanes.get(target.id):
            lane.renew(target)
            self._enter(lane)

    def clear(self, endpoint_id: UUID) -> list[Delivery]:
        """Take out everything that waits for this endpoint."""
        lane = self._lanes.get(endpoint_id)
        taken = list(lane.deliveries()) if lane else []
        self._remove(taken)
        return taken

    def pardon(self, endpoint_id: UUID) -> None:
        """Forget that the endpoint failed: nothing is sent to it any more."""
        if lane := self._lanes.get(endpoint_id):
            lane.breaker = Breaker()

    def leave(self, shard_of: Callable[[UUID], int], lost: Collection[int]) -> list[Delivery]:
        """Take out everything of these shards, which belong to another worker now."""
        taken: list[Delivery] = []
        for endpoint_id, lane in self._lanes.items():
            if shard_of(endpoint_id) in lost:
                lane.is_current = False
                taken += lane.deliveries()
        self._remove(taken)
        return taken

    def forget(self, delivery_ids: Collection[UUID]) -> None:
        """Drop deliveries that another worker has taken over."""
        if delivery_ids:
            self._remove([delivery for delivery in self.waiting() if delivery.id in delivery_ids])

    def take(self, now: float) -> Turn | None:
        """The next delivery whose turn it is and for which there is a place; None when there is none."""
        self._rouse(now)
        for _ in range(len(self._ring)):
            if self.inflight_count >= self._room.slots:
                return None
            lane = self._ring.popleft()
            lane.is_in_ring = False
            if turn := self._turn(lane, now):
                return turn
        return None

    def rest_seconds(self, now: float) -> float | None:
        """How long until a rate limit lets the next delivery go; None when none is waiting for that."""
        return max(0.0, self._resting[0][0] - now) if self._resting else None

    def finish(self, turn: Turn, now: float, *, is_overload: bool, is_timeout: bool) -> None:
        """The delivery is over, one way or another."""
        lane = self._lanes[turn.target.id]
        lane.inflight -= 1
        self.inflight_count -= 1
        self._slow_inflight -= turn.is_slow
        self._inflight_by_workspace[turn.delivery.workspace_id] -= 1
        self._inflight_by_priority[turn.priority] -= 1
        lane.learn(is_overload=is_overload)
        if is_timeout:
            lane.slow_until = now + SLOW_FOR_SECONDS
        self._enter(lane)

    def tidy(self, now: float) -> None:
        """Forget lanes that are idle, and what was learned of them."""
        idle = [id_ for id_, lane in self._lanes.items() if lane.is_idle and lane.slow_until <= now]
        for id_ in idle:
            del self._lanes[id_]
        self._inflight_by_workspace = +self._inflight_by_workspace

    def _turn(self, lane: Lane, now: float) -> Turn | None:
        if not lane.wants_turn:
            return None
        if lane.next_at > now:
            lane.is_in_ring = True
            heapq.heappush(self._resting, (lane.next_at, next(self._numbers), lane))
            return None
        priority = None if self._is_barred(lane, now) else self._priority(lane)
        if priority is None:
            self._enter(lane)
            return None
        return self._depart(lane, priority, now)

    def _rouse(self, now: float) -> None:
        while self._resting and self._resting[0][0] <= now:
            lane = heapq.heappop(self._resting)[2]
            lane.is_in_ring = False
            self._enter(lane)

    def _depart(self, lane: Lane, priority: Priority, now: float) -> Turn:
        turn = Turn(lane.target, lane.pop(priority, now), lane.slow_until > now, priority)
        self.inflight_count += 1
        self._slow_inflight += turn.is_slow
        self._inflight_by_workspace[turn.delivery.workspace_id] += 1
        self._inflight_by_priority[priority] += 1
        self._count((turn.delivery,), -1)
        self._enter(lane)
        return turn

    def _is_barred(self, lane: Lane, now: float) -> bool:
        half = max(1, self._room.slots // 2)
        own = self._inflight_by_workspace[lane.target.endpoint.workspace_id]
        return own >= half or (lane.slow_until > now and self._slow_inflight >= half)

    def _priority(self, lane: Lane) -> Priority | None:
        for priority, places in self._places.items():
            if lane.queues[priority] and self._inflight_by_priority[priority] < places:
                return priority
        return None

    def _enter(self, lane: Lane) -> None:
        if lane.wants_turn and not lane.is_in_ring:
            lane.is_in_ring = True
            self._ring.append(lane)

    def _remove(self, deliveries: Collection[Delivery]) -> None:
        ids = {delivery.id for delivery in deliveries}
        for endpoint_id in {delivery.endpoint_id for delivery in deliveries}:
            self._lanes[endpoint_id].remove(ids)
        self._count(deliveries, -1)

    def _count(self, deliveries: Iterable[Delivery], sign: int) -> None:
        for delivery in deliveries:
            self.waiting_count += sign
            self._waiting_bytes += sign * len(delivery.body)
