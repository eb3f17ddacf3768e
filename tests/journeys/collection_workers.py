"""Worker processes of the chaos test: they die, or stop, at named points, and may have a bug on purpose."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle
from logging import CRITICAL
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

import structlog

from services.payment.collections.domain.collection import Collection, Delays
from services.payment.collections.repository import collections
from services.payment.collections.workers import Collector, Limits
from services.payment.metrics import COLLECTION_STEPS
from services.payment.provider_connections.operations import Providers
from services.payment.providers.provider import Amount, PaymentState, Provider, Result
from shared.kernel.ids import new_id
from shared.kernel.key_ring import KeyRing
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database

POINTS = """after_claim before_prepare after_prepare before_commit_reference after_commit_reference
    before_commit_confirm after_commit_confirm before_confirm after_confirm before_look_up after_look_up
    before_cancel after_cancel before_commit_outcome after_commit_outcome""".split()
RING = KeyRing.parse(f"k1:{'A' * 43}=")
DELAYS = Delays.parse("0.1*60", "0.1,0.2,0.3*30", "0.1*30", "3")
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Orders:
    """What a worker process is told: where things are, where to die or stop, and which bug to have."""

    dsn: str
    provider_url: str
    lease_seconds: float = 1.5
    slots: int = 4
    crash_at: str | None = None
    crash_count: int = 1
    stop_at: str | None = None
    bug: str | None = None


def work(orders: Orders, lost: Any) -> None:
    """A worker process: collects until it is killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    asyncio.run(_work(orders, lost))


async def _work(orders: Orders, lost: Any) -> None:
    database = await open_database(orders.dsn)
    providers = make_providers(orders.provider_url)
    left = orders.crash_count

    has_stopped = False

    def reach(point: str) -> None:
        nonlocal left, has_stopped
        if point == orders.crash_at:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        # Once: what other slots had under way may come by here after it was woken.
        if point == orders.stop_at and not has_stopped:
            has_stopped = True
            os.kill(os.getpid(), signal.SIGSTOP)

    if orders.bug:
        plant(orders.bug)
    lease = timedelta(seconds=orders.lease_seconds)
    collector = Collector(database, providers, DELAYS, Limits(orders.slots, lease), reach)
    while True:
        if not await collector.step():
            await asyncio.sleep(0.05)
            await collector.cancel_outdated()
        lost.value = max(lost.value, int(COLLECTION_STEPS.labels("lease_lost")._value.get()))


def plant(bug: str) -> None:
    """Give this process one of the two bugs that the judge must catch."""
    name, replacement = BUGS[bug]
    assert callable(getattr(Collector, name)), "a bug in nothing would not be caught"
    setattr(Collector, name, replacement)


async def _prepare_anew(self: Any, provider: Provider, now: Collection) -> Collection:
    """Every attempt is an intent of its own, with keys of its own."""
    if now.cancel_reason or now.is_over:
        return now
    amount = Amount(now.amount_minor, now.currency)
    made = await provider.prepare(
        str(now.payment_id), amount, now.customer_reference, now.method_reference, key=str(new_id())
    )
    anew = replace(now, provider_reference=made.reference, confirm_count=random.randrange(1, 10**6))
    async with self._database.transaction() as tx:
        await collections.save_step(tx, anew, self._limits.lease)
    return anew


async def _not_looked_up(self: Any, provider: Provider, reference: str) -> PaymentState:
    """What was not answered was not done."""
    return PaymentState(reference, Result.NOT_STARTED)


BUGS = {
    "new_key_per_attempt": ("_prepare", _prepare_anew),
    "no_look_up": ("_look_up", _not_looked_up),
}


async def open_database(dsn: str) -> Database:
    """A small pool of the worker's role."""
    return Database(await create_pool(dsn, "chaos", PoolLimits(min_size=1, max_size=10)))


def make_providers(url: str) -> Providers:
    """Stripe's SDK against the sandbox provider's process."""
    return Providers(RING, lambda _: None, url, timeout_seconds=5)  # type: ignore[arg-type, return-value]


class Workers:
    """Two worker processes; each that dies is replaced by one that dies at the next point of the plan."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self.points: Counter[str] = Counter()
        self._plan: Iterator[str] = iter(())
        self._left = 0
        self._running: dict[BaseProcess, str | None] = {}
        self._counts = cycle((1, 2, 1, 3))
        self.lost = _FORKS.Value("i", 0)

    @property
    def crash_count(self) -> int:
        return self.points.total()

    @property
    def has_plans(self) -> bool:
        return self._left > 0 or any(point for point in self._running.values())

    def start(self, plan: list[str]) -> None:
        """Begin with the first two points."""
        self._plan, self._left = iter(plan), len(plan)
        for _ in range(2):
            self._fork(self._next())

    def replace_dead(self) -> None:
        """Note who was killed and where, and fork others in their place."""
        for process, point in list(self._running.items()):
            if process.exitcode is not None:
                del self._running[process]
                if process.exitcode == -signal.SIGKILL and point:
                    self.points[point] += 1
                self._fork(self._next())

    def heal(self) -> None:
        """From now on nobody dies; who waits for a point that never comes is killed from outside."""
        self._left = 0
        for process, point in list(self._running.items()):
            if point:
                process.kill()
                process.join()
                del self._running[process]
                self._fork(None)

    def kill(self) -> None:
        """End all of them."""
        for process in self._running:
            process.kill()
            process.join()

    def fork(self, orders: Orders) -> int:
        """Start a worker with orders of its own; its pid."""
        process = _FORKS.Process(target=work, args=(orders, self.lost), daemon=True)
        process.start()
        self._running[process] = orders.crash_at
        return process.pid or 0

    def _next(self) -> str | None:
        if not self._left:
            return None
        self._left -= 1
        return next(self._plan)

    def _fork(self, point: str | None) -> None:
        self.fork(replace(self._orders, crash_at=point, crash_count=next(self._counts)))
