"""Runs: watched, paused, resumed; parked subscriptions tried again."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.subscription_renewal.runs import repository as runs
from services.subscription_renewal.runs.domain.run import Run, RunIsNotPaused, RunIsOver, RunIsPaused
from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.cycle import Change
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording
from services.subscription_renewal.subscriptions.operations.limited import LimitedWork
from services.subscription_renewal.subscriptions.operations.recording import SUBSCRIPTIONS
from services.subscription_renewal.subscriptions.repository import due, subscriptions
from shared.events.subscription import CatchUp
from shared.messaging.work import Work
from shared.postgres.listing import Found, Window

PARKED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Watched:
    """A run and the workspace's parked subscriptions, oldest first among those that are shown."""

    run: Run
    parked: list[Subscription]


async def list_runs(work: Work, window: Window) -> Found[Run]:
    """Runs, newest first; the newest one has what is due now."""
    due_count = await due.count(work.tx, work.workspace_id, work.clock.now())
    return await runs.find(work.tx, work.workspace_id, window, due_count)


async def get_run(work: Work, run_id: UUID) -> Watched:
    """The run as it stands; raises NotFound."""
    due_count = await due.count(work.tx, work.workspace_id, work.clock.now())
    run = await runs.get(work.tx, work.workspace_id, run_id, due_count)
    return Watched(run, await subscriptions.parked(work.tx, work.workspace_id, PARKED_SHOWN))


async def pause_run(work: Work, run_id: UUID, reason: str) -> Watched:
    """Stop the workspace's renewals after the batch in hand, until the run is resumed.

    Raises NotFound, RunIsPaused, or RunIsOver where a newer run does the work.
    """
    await runs.get(work.tx, work.workspace_id, run_id, 0)
    if await runs.newest_id(work.tx, work.workspace_id) != run_id:
        raise RunIsOver
    if not await runs.pause(work.tx, work.workspace_id, run_id, reason):
        raise RunIsPaused
    return await get_run(work, run_id)


async def resume_run(work: Work, run_id: UUID) -> Watched:
    """Let the workspace's renewals go on, whatever the run's size; raises NotFound or RunIsNotPaused."""
    await runs.get(work.tx, work.workspace_id, run_id, 0)
    if not await runs.resume(work.tx, work.workspace_id, run_id):
        raise RunIsNotPaused
    return await get_run(work, run_id)


async def retry_parked(work: LimitedWork, subscription_id: UUID, catch_up: CatchUp | None) -> Subscription:
    """Renew a parked subscription now, without a cap: somebody has looked at it.

    `catch_up` is its policy from now on. Raises NotFound, Conflict where it is not parked, RunIsPaused.
    """
    if await runs.is_paused(work.tx, work.workspace_id):
        raise RunIsPaused
    held, now = await SUBSCRIPTIONS.lock(work, subscription_id), work.clock.now()
    freed = rules.unpark(held.value, now, catch_up)
    unlimited = replace(cycle.UNCAPPED, periods_at_once=work.limits.periods_at_once)
    return await recording.save(held, [Change(freed), *cycle.renew(freed, now, unlimited)])
