"""Runs: watched, paused, resumed; parked subscriptions tried again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.subscription_renewal.runs import repository as runs
from services.subscription_renewal.runs.domain.run import Run, RunIsNotPaused, RunIsOver, RunIsPaused
from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.cycle import Change, Limits
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording
from services.subscription_renewal.subscriptions.repository import due, subscriptions
from shared.events.subscription import CatchUp
from shared.postgres.pool import Connection

PARKED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Watched:
    """A run and the workspace's parked subscriptions, oldest first among those that are shown."""

    run: Run
    parked: list[Subscription]


async def list_runs(tx: Connection, workspace_id: UUID, part: dict[str, Any], now: datetime) -> list[Run]:
    """Runs, newest first; the newest one has what is due now."""
    return await runs.find(tx, workspace_id, part, await due.count(tx, workspace_id, now))


async def get_run(tx: Connection, workspace_id: UUID, run_id: UUID, now: datetime) -> Watched:
    """The run as it stands; raises NotFound."""
    run = await runs.get(tx, workspace_id, run_id, await due.count(tx, workspace_id, now))
    return Watched(run, await subscriptions.parked(tx, workspace_id, PARKED_SHOWN))


async def pause_run(tx: Connection, workspace_id: UUID, run_id: UUID, reason: str, now: datetime) -> Watched:
    """Stop the workspace's renewals after the batch in hand, until the run is resumed.

    Raises NotFound, RunIsPaused, or RunIsOver where a newer run does the work.
    """
    await runs.get(tx, workspace_id, run_id, 0)
    if await runs.newest_id(tx, workspace_id) != run_id:
        raise RunIsOver
    if not await runs.pause(tx, workspace_id, run_id, reason):
        raise RunIsPaused
    return await get_run(tx, workspace_id, run_id, now)


async def resume_run(tx: Connection, workspace_id: UUID, run_id: UUID, now: datetime) -> Watched:
    """Let the workspace's renewals go on, whatever the run's size; raises NotFound or RunIsNotPaused."""
    await runs.get(tx, workspace_id, run_id, 0)
    if not await runs.resume(tx, workspace_id, run_id):
        raise RunIsNotPaused
    return await get_run(tx, workspace_id, run_id, now)


async def retry_parked(
    tx: Connection,
    workspace_id: UUID,
    subscription_id: UUID,
    catch_up: CatchUp | None,
    now: datetime,
    limits: Limits,
) -> Subscription:
    """Renew a parked subscription now, without a cap: somebody has looked at it.

    `catch_up` is its policy from now on. Raises NotFound, Conflict where it is not parked, RunIsPaused.
    """
    if await runs.is_paused(tx, workspace_id):
        raise RunIsPaused
    found = await subscriptions.lock(tx, workspace_id, subscription_id)
    freed = rules.unpark(found, now, catch_up)
    unlimited = Limits(catch_up_cap=None, periods_at_once=limits.periods_at_once, billings_a_day=None)
    return await recording.save(tx, [Change(freed), *cycle.renew(freed, now, unlimited)])
