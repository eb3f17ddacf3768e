"""Delivers: leases what is due, lets the endpoints take turns, sends, and hands the outcomes to their writer.

No connection to the database is held while a request is under way.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog

from services.webhook_delivery import metrics
from services.webhook_delivery.domain.delivery import (
    OUR_FAULT_DELAY_MS,
    Delivery,
    Fault,
    Kind,
    Outcome,
    State,
)
from services.webhook_delivery.domain.endpoint import Endpoint
from services.webhook_delivery.domain.key_ring import KeyRing
from services.webhook_delivery.domain.request import Target
from services.webhook_delivery.domain.secret import live
from services.webhook_delivery.operations import due
from services.webhook_delivery.operations.deliveries import Unsent
from services.webhook_delivery.operations.secrets import load_targets
from services.webhook_delivery.repository import deliveries, messages
from services.webhook_delivery.sender import Transport, attempt
from services.webhook_delivery.workers.lanes import Lanes, Room, Turn
from services.webhook_delivery.workers.outcomes import OutcomeWriter
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

# Until the end of the endpoint is written, nothing more may be sent to it.
GONE_PAUSE_SECONDS = 5
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is fetched at once, how often, and for how long it is leased; times in seconds."""

    room: Room = field(default_factory=Room)
    claim_batch: int = 500
    poll_seconds: float = 0.25
    lease_seconds: float = 30.0
    drain_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Pause:
    """An endpoint that is left alone until a monotonic time, or until it is changed."""

    endpoint: Endpoint
    until: float


class Deliverer:
    """The deliveries of one process. Several processes share the queue by their leases."""

    def __init__(
        self, database: Database, transport: Transport, ring: KeyRing, writer: OutcomeWriter, limits: Limits
    ) -> None:
        self._database = database
        self._transport = transport
        self._ring = ring
        self._writer = writer
        self._limits = limits
        self._lanes = Lanes(limits.room)
        self._hot: set[int] = set()
        self._look_at = 0.0
        self._paused: dict[UUID, Pause] = {}
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._is_closing = False
        # Takes the next step at once; set to the wake() of whoever repeats it.
        self.wake_step: Callable[[], None] = lambda: None

    def wake(self, tx: Connection) -> None:
        """Called after each commit of this process: what it made due is fetched at once."""
        if shards := due.taken(tx):
            self._hot |= shards
            self.wake_step()

    async def step(self) -> bool:
        """Fetch what is due of each shard; True when there may be more at once."""
        has_more = False
        for shard in await self._shards():
            if self._lanes.free:
                has_more |= await self._fetch(shard)
                self._pump()
        return has_more and bool(self._lanes.free)

    async def renew(self) -> bool:
        """Extend the leases of all that waits or is under way; what was lost meanwhile is dropped."""
        held = [*self._lanes.waiting(), *self._under_way.values()]
        if held:
            async with self._database.pool.acquire() as connection:
                kept = await deliveries.renew(connection, held, self._limits.lease_seconds)
            self._lanes.forget({delivery.id for delivery in held} - kept)
        self._lanes.tidy(time.monotonic())
        return False

    async def refresh(self) -> bool:
        """Let changes of endpoints and secrets take effect on what waits already."""
        known = [target.endpoint for target in self._lanes.targets()]
        known += [pause.endpoint for pause in self._paused.values()]
        if known:
            keys = {(endpoint.workspace_id, endpoint.id) for endpoint in known}
            async with self._database.pool.acquire() as connection:
                found = await load_targets(connection, sorted(keys), self._ring)
            for endpoint in known:
                self._apply(endpoint.id, found.get(endpoint.id))
        return False

    async def close(self) -> None:
        """Let what is under way finish for a while, give back everything else, write the outcomes."""
        self._is_closing = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=self._limits.drain_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._writer.put(*(Unsent(delivery) for delivery in self._lanes.waiting()))
        await self._writer.drain()

    async def _shards(self) -> Sequence[int]:
        """The shards with something due: those that were just filled, and now and then all that are."""
        hot, self._hot = self._hot, set()
        if hot and time.monotonic() < self._look_at:
            return sorted(hot)
        async with self._database.pool.acquire() as connection:
            waits = await deliveries.waits(connection)
        self._look_at = time.monotonic() + self._limits.poll_seconds
        seconds = {shard: wait.total_seconds() for shard, wait in waits.items()}
        next_wait = min((wait for wait in seconds.values() if wait > 0), default=self._limits.poll_seconds)
        if next_wait < self._limits.poll_seconds:
            asyncio.get_running_loop().call_later(next_wait, self.wake_step)
        return sorted(hot | {shard for shard, wait in seconds.items() if wait <= 0})

    async def _fetch(self, shard: int) -> bool:
        limits, now = self._limits, time.monotonic()
        self._paused = {id_: pause for id_, pause in self._paused.items() if pause.until > now}
        excluded = [*self._lanes.crowded(), *self._paused]
        count = min(limits.claim_batch, self._lanes.free)
        async with self._database.pool.acquire() as connection:
            claimed, expired_count = await deliveries.claim(
                connection, shard, excluded, count, limits.lease_seconds, uuid4()
            )
            if claimed:
                try:
                    await self._load(connection, claimed)
                except BaseException:
                    self._writer.put(*(Unsent(delivery) for delivery in claimed))
                    raise
        if expired_count:
            metrics.LEASES_EXPIRED.inc(expired_count)
            log.warning("deliveries.taken_over", count=expired_count, shard=shard)
        return len(claimed) == count

    async def _load(self, connection: Connection, claimed: Sequence[Delivery]) -> None:
        content = await messages.content(
            connection, {(one.workspace_id, one.message_created_at, one.message_id) for one in claimed}
        )
        keys = {(one.workspace_id, one.endpoint_id) for one in claimed}
        targets = await load_targets(connection, sorted(keys), self._ring)
        by_endpoint: dict[UUID, list[Delivery]] = {}
        for one in claimed:
            if one.message_id in content:
                by_endpoint.setdefault(one.endpoint_id, []).append(_with(one, content[one.message_id]))
            else:
                self._writer.put(Unsent(one, State.EXPIRED))
        for endpoint_id, own in by_endpoint.items():
            target = targets.get(endpoint_id)
            obstacle = self._obstacle(target)
            if obstacle:
                self._set_aside(own, obstacle)
            elif target:
                self._lanes.add(target, own)

    def _obstacle(self, target: Target | None) -> tuple[State, int] | None:
        """Why nothing can be sent to this endpoint now: the state to end in, or how many ms to wait."""
        now = datetime.now(UTC)
        if target is None or target.endpoint.deleted_at:
            return State.CANCELLED, 0
        endpoint = target.endpoint
        if not endpoint.takes_deliveries:
            return State.HELD, 0
        if endpoint.paused_until and endpoint.paused_until > now:
            self._pause(endpoint, (endpoint.paused_until - now).total_seconds())
        # Also what an answer asked for that is not written yet.
        pause = self._paused.get(target.id)
        if pause and pause.until > time.monotonic():
            return State.PENDING, int((pause.until - time.monotonic()) * 1000) + 1
        if not live(target.secrets, now):
            # Never unsigned: the receiver would have to refuse it.
            return State.PENDING, OUR_FAULT_DELAY_MS
        return None

    def _pause(self, endpoint: Endpoint, seconds: float) -> None:
        before = self._paused.get(endpoint.id)
        until = max(time.monotonic() + seconds, before.until if before else 0)
        self._paused[endpoint.id] = Pause(endpoint, until)

    def _apply(self, endpoint_id: UUID, target: Target | None) -> None:
        pause = self._paused.get(endpoint_id)
        if pause and (target is None or target.endpoint.version != pause.endpoint.version):
            del self._paused[endpoint_id]
        obstacle = self._obstacle(target)
        if obstacle:
            self._set_aside(self._lanes.clear(endpoint_id), obstacle)
        elif target:
            self._lanes.refresh(target)

    def _set_aside(self, unsent: Sequence[Delivery], obstacle: tuple[State, int]) -> None:
        state, delay_ms = obstacle
        self._writer.put(*(Unsent(delivery, state, delay_ms) for delivery in unsent))

    def _pump(self) -> None:
        """Send as much as there are places for."""
        while not self._is_closing and (turn := self._lanes.take(time.monotonic())):
            task = asyncio.create_task(self._deliver(turn))
            self._under_way[task] = turn.delivery
            task.add_done_callback(self._under_way.pop)
        metrics.INFLIGHT.set(self._lanes.inflight_count)
        metrics.QUEUED.set(self._lanes.waiting_count)

    async def _deliver(self, turn: Turn) -> None:
        try:
            outcome = await attempt(self._transport, turn.target, turn.delivery)
        except asyncio.CancelledError:
            self._writer.put(Unsent(turn.delivery))
            raise
        self._conclude(turn, outcome)
        self._pump()

    def _conclude(self, turn: Turn, outcome: Outcome) -> None:
        result, verdict, endpoint_id = outcome.result, outcome.verdict, turn.target.id
        is_timeout = result.fault is Fault.TIMEOUT
        self._lanes.finish(turn, time.monotonic(), is_overload=verdict.is_overload, is_timeout=is_timeout)
        _observe(outcome)
        self._writer.put(outcome)
        if verdict.state is State.GONE:
            self._pause(turn.target.endpoint, GONE_PAUSE_SECONDS)
            self._set_aside(self._lanes.clear(endpoint_id), (State.HELD, 0))
        elif verdict.pause_ms:
            self._pause(turn.target.endpoint, verdict.pause_ms / 1000)
            self._set_aside(self._lanes.clear(endpoint_id), (State.PENDING, verdict.pause_ms))
        elif self._lanes.has_drained(endpoint_id):
            self.wake_step()


def _observe(outcome: Outcome) -> None:
    delivery, result, verdict = outcome.delivery, outcome.result, outcome.verdict
    metrics.ATTEMPTS.labels(result.word).inc()
    metrics.HTTP_SECONDS.observe(result.duration_ms / 1000)
    if delivery.attempt_count == 0 and delivery.kind is Kind.AUTO:
        waited = (outcome.started_at - delivery.message_created_at).total_seconds()
        metrics.ACCEPT_TO_FIRST_ATTEMPT.observe(max(0.0, waited))
    if result.fault is Fault.BLOCKED:
        metrics.BLOCKED.labels(result.detail).inc()
    if not result.is_success:
        log.info(
            "delivery.failed",
            delivery_id=str(delivery.id),
            endpoint_id=str(delivery.endpoint_id),
            message_id=str(delivery.message_id),
            workspace_id=str(delivery.workspace_id),
            event_type=delivery.event_type,
            attempt=outcome.attempt_number,
            status=result.status,
            outcome=result.word,
            detail=result.detail,
            state=verdict.state,
            delay_ms=verdict.delay_ms,
            duration_ms=result.duration_ms,
        )


def _with(delivery: Delivery, content: Mapping[str, Any]) -> Delivery:
    return replace(delivery, **content)
