"""Clock in: subscriptions whose next period has begun on their workspace's clock are billed."""

from collections import Counter
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

from services.subscription_renewal.metrics import OLDEST_DUE_SECONDS, PARKED, RENEWALS, RUNS_PAUSED
from services.subscription_renewal.runs import repository as runs
from services.subscription_renewal.runs.domain.run import DueWorkspace
from services.subscription_renewal.subscriptions.domain.cycle import PeriodBilledBefore
from services.subscription_renewal.subscriptions.operations import renewing
from services.subscription_renewal.subscriptions.operations.renewing import Pace
from services.subscription_renewal.subscriptions.repository import due
from shared.kernel.clock import Clock
from shared.messaging import workspaces
from shared.messaging.metrics import DUPLICATES
from shared.messaging.work import begin
from shared.postgres.transaction import Database

# What the same data will raise again: one subscription's fault, to be found among the others.
_FAULTS = (PeriodBilledBefore, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
log = structlog.get_logger()
DUPLICATES.labels("subscription_renewal", "billing_once_a_period")


async def renew_due(database: Database, pace: Pace, now: datetime | None = None) -> bool:
    """Renew one batch of what is due when it is really `now`; returns whether there may be more."""
    now = now or Clock().now()
    async with begin(database) as unit:
        found = await renewing.open_runs(unit, now, pace)
    oldest = max(((one.as_of - one.oldest_at).total_seconds() for one in found), default=0)
    OLDEST_DUE_SECONDS.set(oldest)
    if not found:
        return False
    try:
        async with begin(database) as unit:
            tally = await renewing.renew_batch(unit, found, pace)
    except _FAULTS as error:
        if isinstance(error, PeriodBilledBefore):
            DUPLICATES.labels("subscription_renewal", "billing_once_a_period").inc()
        log.warning("renewal.batch_split", error=repr(error))
        tally = await _one_by_one(database, found, pace)
    for outcome, count in tally.items():
        RENEWALS.labels(outcome).inc(count)
    if tally:
        log.info("renewal.batch", **tally, oldest_due_seconds=int(oldest))
    return bool(tally)


async def next_due_in(database: Database) -> float | None:
    """In how many seconds the next subscription is due on its workspace's clock; negative: it is overdue."""
    async with database.pool.acquire() as connection:
        wait = await due.next_in(connection, Clock().now())
    return None if wait is None else wait.total_seconds()


async def measure(database: Database) -> bool:
    """Count what waits for a person: parked subscriptions and paused runs."""
    async with database.transaction() as tx:
        parked, paused = await runs.attention(tx)
    PARKED.set(parked)
    RUNS_PAUSED.set(paused)
    return False


async def _one_by_one(database: Database, found: list[DueWorkspace], pace: Pace) -> Counter[str]:
    """Each subscription in a transaction of its own; the one at fault is parked."""
    of = {one.workspace_id: one for one in found}
    async with database.transaction() as tx:
        claimed = await due.claim(tx, found[: pace.batch_size], -(-pace.batch_size // len(found)))
    total: Counter[str] = Counter()
    for one in claimed:
        total += await _alone(database, one.id, of[one.workspace_id], pace)
    return total


async def _alone(database: Database, subscription_id: UUID, found: DueWorkspace, pace: Pace) -> Counter[str]:
    try:
        async with begin(database) as unit:
            return await renewing.renew_one(unit, subscription_id, found, pace)
    except _FAULTS as error:
        log.error("renewal.parked", subscription_id=str(subscription_id), error=repr(error))
        async with begin(database) as unit:
            work = await workspaces.work_of(unit, found.workspace_id)
            reason = f"it cannot be renewed: {error}"
            await renewing.park_one(work, subscription_id, reason, found.as_of)
        return Counter(parked=1)
