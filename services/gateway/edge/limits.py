"""How much a caller may ask for: a token bucket a key, and so many requests of a workspace at once.

Decided here, in memory: no request waits for the store that the replicas share. Several times a second each
tells it what was used and learns what is left (`exchange.py`). In between, and while the store is away, a
replica counts alone: buckets may then be overdrawn, which is paid back; of the free places in flight it
takes no more than its share.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from services.gateway import metrics
from services.gateway.edge.refusals import TooManyInFlight, TooManyRequests
from services.gateway.edge.repository import Caller
from services.gateway.edge.token_bucket import Buckets, TokenBucket


@dataclass(slots=True)
class _Place:
    """A workspace's requests here, and how many there may be until the next exchange."""

    in_flight: int
    most: int
    is_told: bool = False


@dataclass(slots=True)
class RateState:
    """What a caller has left: for the RateLimit headers, refusals included."""

    bucket: TokenBucket
    limit: int


@dataclass
class Limits:
    """Counts callers and workspaces; `rate` tokens a second up to `burst`, `at_once` requests in flight."""

    rate: int
    burst: int
    at_once: int
    now: Callable[[], float] = time.monotonic
    replica_count: int = 1
    # How many requests of each workspace the others are working on, as far as is known.
    elsewhere: dict[UUID, int] = field(default_factory=dict)
    used: dict[Caller, int] = field(default_factory=dict)
    # Called when there is something to tell the others again.
    after_first_use: Callable[[], None] = lambda: None
    places: dict[UUID, _Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._buckets: Buckets[Caller] = Buckets(self.rate, self.burst)

    def rate_state(self, workspace_id: UUID, caller: str) -> RateState:
        """What the caller has left."""
        return RateState(self._buckets.of((workspace_id, caller), self.now()), self.rate)

    def enter(self, workspace_id: UUID, caller: str) -> None:
        """Count a request in; raises TooManyRequests or TooManyInFlight, which count nothing."""
        who = (workspace_id, caller)
        bucket = self._buckets.of(who, self.now())
        if bucket.tokens < 1:
            metrics.LIMITED.labels("rate").inc()
            raise TooManyRequests(
                f"More than {self.rate} requests a second.", retry_after_seconds=bucket.seconds_until_next()
            )
        place = self.places.get(workspace_id)
        if place is None:
            place = self.places[workspace_id] = _Place(0, self._room(workspace_id, 0))
        if place.in_flight >= place.most:
            metrics.LIMITED.labels("in_flight").inc()
            raise TooManyInFlight(f"More than {self.at_once} requests at once.", retry_after_seconds=1)
        bucket.tokens -= 1
        place.in_flight += 1
        if not self.used:
            self.after_first_use()
        self.used[who] = self.used.get(who, 0) + 1

    def leave(self, workspace_id: UUID) -> None:
        """A request that was counted in has ended."""
        self.places[workspace_id].in_flight -= 1

    # What the exchange with the other replicas does.

    def take_used(self) -> dict[Caller, int]:
        """What was used since the last time; from now on it counts anew."""
        used, self.used = self.used, {}
        return used

    def settle(self, left: dict[Caller, int]) -> None:
        """Take over what is left for all replicas, less what was used here while that was on its way."""
        now = self.now()
        for who, tokens in left.items():
            self._buckets.of(who, now).tokens = tokens - self.used.get(who, 0)

    def in_flight(self) -> dict[UUID, int]:
        """The requests here by workspace, of those that have some or had some at the last exchange."""
        busy = {at: one for at, one in self.places.items() if one.in_flight or one.is_told}
        # Whoever has none and told so needs no place; a new one begins with its share.
        self.places = dict(busy)
        for place in busy.values():
            place.is_told = place.in_flight > 0
        return {at: place.in_flight for at, place in busy.items()}

    def share(self, told: dict[UUID, int]) -> None:
        """Let each workspace grow by this replica's part of the places that are free everywhere."""
        for workspace_id, here in told.items():
            place = self.places.get(workspace_id)
            if place:
                place.most = self._room(workspace_id, here)

    def _room(self, workspace_id: UUID, here: int) -> int:
        free = max(0, self.at_once - here - self.elsewhere.get(workspace_id, 0))
        return here + -(-free // self.replica_count)
