"""Delivers: takes what is fresh or due, lets the endpoints take turns, sends, hands the outcomes on.

No connection to the database is held while a request is under way.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from services.webhook_delivery import metrics
from services.webhook_delivery.deliveries.channels.sender import Transport, attempt
from services.webhook_delivery.deliveries.domain.delivery import (
    OUR_FAULT_DELAY_MS,
    Delivery,
    Fault,
    Kind,
    Outcome,
    State,
)
from services.webhook_delivery.deliveries.domain.request import Target
from services.webhook_delivery.deliveries.operations import Unsent
from services.webhook_delivery.deliveries.repository import deliveries
from services.webhook_delivery.deliveries.repository.deliveries import shard_of
from services.webhook_delivery.deliveries.workers.fetching import Group, Wanted, fetch
from services.webhook_delivery.deliveries.workers.lanes import Lanes, Room, Turn
from services.webhook_delivery.deliveries.workers.observing import observe
from services.webhook_delivery.deliveries.workers.outcomes import OutcomeWriter
from services.webhook_delivery.deliveries.workers.pauses import Pauses
from services.webhook_delivery.deliveries.workers.reception import Reception
from services.webhook_delivery.deliveries.workers.shards import Shards
from services.webhook_delivery.endpoints.domain.endpoint import Endpoint
from services.webhook_delivery.endpoints.domain.event_filter import wants
from services.webhook_delivery.messages.operations.desk import Desk
from services.webhook_delivery.secrets.domain import live
from services.webhook_delivery.secrets.operations import load_targets
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

# Until the end of the endpoint is written, nothing more may be sent to it.
GONE_PAUSE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is fetched at once, how often, and for how long it is leased; times in seconds."""

    room: Room = field(default_factory=Room)
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
        desk: Desk,
        limits: Limits,
    ) -> None:
        self._database = database
        self._transport = transport
        self._ring = ring
        self._writer = writer
        self._desk = desk
        self._limits = limits
        self._lanes = Lanes(limits.room)
        self._shards = Shards(database, limits.shard_seconds)
        self._pauses = Pauses()
        self._hot: set[int] = set()
        self._look_at = 0.0
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._rousing: asyncio.TimerHandle | None = None
        self._is_closing = False
        # Takes the next step at once; set to the wake() of whoever repeats it.
        self.wake_step: Callable[[], None] = lambda: None
        self._reception = Reception(
            self._lanes, self._pauses, self._shards, self._receive, limits.lease_seconds
        )
        desk.share = self._reception.share

    def wake(self, tx: Connection) -> None:
        """Called after each commit of this process: what it made due is sent or fetched at once."""
        made = self._desk.taken(tx)
        if made is None:
            return
        self._hot |= made.shards
        if made.fresh:
            self._reception.admit(made.fresh)
            self._pump()
        if made.shards or self._reception.strangers:
            self.wake_step()

    async def step(self) -> bool:
        """Fetch what is due of each shard; True when there may be more at once."""
        if self._reception.strangers:
            await self._reception.greet(self._database, self._ring)
            self._pump()
        has_more = False
        for shard in await self._due_shards():
            if self._lanes.free:
                has_more |= await self._fetch(shard)
                self._pump()
        return has_more and bool(self._lanes.free)

    async def renew(self) -> bool:
        """Extend the leases of all that waits or is under way; what was lost meanwhile is dropped."""
        held = [*self._lanes.waiting(), *self._under_way.values(), *self._reception.strangers]
        if held:
            async with self._database.pool.acquire() as connection:
                kept = await deliveries.renew(connection, held, self._limits.lease_seconds)
            self._lanes.forget({delivery.id for delivery in held} - kept)
        self._lanes.tidy(time.monotonic())
        metrics.ENDPOINTS_OPEN.set(self._lanes.tripped_count)
        return False

    async def keep_shards(self) -> bool:
        """Keep this process's share of the queue; what waits of a lost shard goes back."""
        if self._is_closing:
            return False
        lost = await self._shards.keep()
        if lost:
            self._give_back(self._lanes.leave(shard_of, lost))
        if not self._look_at:
            self.wake_step()
        return False

    async def refresh(self) -> bool:
        """Let changes of endpoints and secrets take effect on what waits already."""
        known = [target.endpoint for target in self._lanes.targets()] + [*self._pauses.endpoints()]
        if known:
            keys = {(endpoint.workspace_id, endpoint.id) for endpoint in known}
            async with self._database.pool.acquire() as connection:
                found = await load_targets(connection, sorted(keys), self._ring)
            for endpoint in known:
                self._apply(endpoint.id, found.get(endpoint.id))
            self._pump()
        return False

    async def close(self) -> None:
        """Let what is under way finish for a while, give back everything else, write the outcomes."""
        self._is_closing, self._reception.is_open = True, False
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=self._limits.drain_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._give_back([*self._lanes.waiting(), *self._reception.strangers])
        await self._writer.drain()
        await self._shards.release()

    async def _due_shards(self) -> Sequence[int]:
        """Our shards with something due: those that were just filled, and now and then all that are."""
        owned, now = self._shards.owned, time.monotonic()
        hot, self._hot = self._hot & owned, set()
        if not owned or (hot and now < self._look_at):
            return sorted(hot)
        async with self._database.pool.acquire() as connection:
            waits = await deliveries.waits(connection)
        self._look_at = now + self._limits.poll_seconds
        seconds = {shard: wait.total_seconds() for shard, wait in waits.items() if shard in owned}
        next_wait = min((wait for wait in seconds.values() if wait > 0), default=self._limits.poll_seconds)
        if next_wait < self._limits.poll_seconds:
            asyncio.get_running_loop().call_later(next_wait, self.wake_step)
        return sorted(hot | {shard for shard, wait in seconds.items() if wait <= 0})

    async def _fetch(self, shard: int) -> bool:
        excluded = [*self._lanes.crowded(), *self._pauses.current()]
        count = min(self._limits.claim_batch, self._lanes.free)
        wanted = Wanted(shard, excluded, count, self._limits.lease_seconds)
        fetched = await fetch(self._database, self._ring, wanted, self._give_back)
        self._writer.put(*(Unsent(one, State.EXPIRED) for one in fetched.expired))
        for group in fetched.groups:
            self._receive(group)
        return fetched.count == count

    def _receive(self, group: Group) -> None:
        obstacle = self._obstacle(group.target)
        if obstacle:
            self._set_aside(group.deliveries, obstacle)
        elif group.target and (wanted := self._still_wanted(group.target.endpoint, group.deliveries)):
            self._lanes.add(group.target, wanted)

    def _obstacle(self, target: Target | None) -> tuple[State, int] | None:
        """Why nothing can be sent to this endpoint now: the state to end in, or how many ms to wait."""
        now = datetime.now(UTC)
        if target is None or target.endpoint.deleted_at:
            return State.CANCELLED, 0
        endpoint = target.endpoint
        if not endpoint.takes_deliveries:
            return State.HELD, 0
        if endpoint.paused_until and endpoint.paused_until > now:
            self._pauses.begin(endpoint, (endpoint.paused_until - now).total_seconds())
        # Also what an answer asked for that is not written yet.
        if left_ms := self._pauses.left_ms(target.id):
            return State.PENDING, left_ms
        if target.headers is None or not live(target.secrets, now):
            # Never unsigned, nor without its headers: the receiver would have to refuse it.
            return State.PENDING, OUR_FAULT_DELAY_MS
        return None

    def _apply(self, endpoint_id: UUID, target: Target | None) -> None:
        self._pauses.end_if_changed(endpoint_id, target.endpoint if target else None)
        obstacle = self._obstacle(target)
        if obstacle:
            self._set_aside(self._lanes.clear(endpoint_id), obstacle)
            if obstacle[0] is not State.PENDING:
                self._lanes.pardon(endpoint_id)
        elif target:
            lane = self._lanes.lane(endpoint_id)
            if lane and lane.target.endpoint.event_types != target.endpoint.event_types:
                waiting = list(lane.deliveries())
                wanted = self._still_wanted(target.endpoint, waiting)
                self._lanes.forget({one.id for one in waiting} - {one.id for one in wanted})
            self._lanes.refresh(target)

    def _still_wanted(self, endpoint: Endpoint, found: Sequence[Delivery]) -> list[Delivery]:
        """Those that the endpoint wants now, or that somebody asked for; the others are cancelled."""
        wanted = [
            one for one in found if one.kind is not Kind.AUTO or wants(endpoint.event_types, one.event_type)
        ]
        if len(wanted) < len(found):
            kept = {one.id for one in wanted}
            self._set_aside([one for one in found if one.id not in kept], (State.CANCELLED, 0))
        return wanted

    def _set_aside(self, unsent: Iterable[Delivery], obstacle: tuple[State, int]) -> None:
        state, delay_ms = obstacle
        self._writer.put(*(Unsent(delivery, state, delay_ms) for delivery in unsent))

    def _give_back(self, unsent: Iterable[Delivery]) -> None:
        self._set_aside(unsent, (State.PENDING, 0))

    def _pump(self) -> None:
        """Send as much as there are places for."""
        while not self._is_closing and (turn := self._lanes.take(time.monotonic())):
            task = asyncio.create_task(self._deliver(turn))
            self._under_way[task] = turn.delivery
            task.add_done_callback(self._under_way.pop)
        metrics.INFLIGHT.set(self._lanes.inflight_count)
        metrics.QUEUED.set(self._lanes.waiting_count)
        rest = self._lanes.rest_seconds(time.monotonic())
        if rest is not None and self._rousing is None:
            self._rousing = asyncio.get_running_loop().call_later(rest, self._rouse)

    def _rouse(self) -> None:
        self._rousing = None
        self._pump()

    async def _deliver(self, turn: Turn) -> None:
        try:
            outcome = await attempt(self._transport, turn.target, turn.delivery)
        except asyncio.CancelledError:
            self._writer.put(Unsent(turn.delivery))
            raise
        self._conclude(turn, outcome)
        self._pump()

    def _conclude(self, turn: Turn, outcome: Outcome) -> None:
        result, verdict, now = outcome.result, outcome.verdict, time.monotonic()
        is_timeout = result.fault is Fault.TIMEOUT
        self._lanes.finish(turn, now, is_overload=verdict.is_overload, is_timeout=is_timeout)
        observe(outcome)
        self._writer.put(outcome)
        endpoint, lane = turn.target.endpoint, self._lanes.lane(turn.target.id)
        if verdict.state is State.GONE:
            self._pauses.begin(endpoint, GONE_PAUSE_SECONDS)
            self._set_aside(self._lanes.clear(endpoint.id), (State.HELD, 0))
            return
        trip = lane.breaker.note(now, is_success=result.is_success) if lane and verdict.uses_attempt else None
        pause_ms = max(verdict.pause_ms or 0, int((trip or 0) * 1000))
        if pause_ms:
            self._leave_alone(endpoint, pause_ms)
        elif turn.delivery.is_ordered and not verdict.is_final:
            # Those behind it wait until it has arrived or is given up.
            self._set_aside(self._lanes.clear(endpoint.id), (State.PENDING, verdict.delay_ms or 0))
        elif self._lanes.has_drained(endpoint.id):
            self.wake_step()

    def _leave_alone(self, endpoint: Endpoint, pause_ms: int) -> None:
        self._pauses.begin(endpoint, pause_ms / 1000)
        self._set_aside(self._lanes.clear(endpoint.id), (State.PENDING, pause_ms))
