"""Renewals: due subscriptions are billed in batches, each batch in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.subscription_renewal.runs import repository as runs
from services.subscription_renewal.runs.domain import run as run_rules
from services.subscription_renewal.runs.domain.run import Bounds, DueWorkspace, RunIsPaused
from services.subscription_renewal.runs.repository import Batch
from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.cycle import Change, Limits
from services.subscription_renewal.subscriptions.domain.subscription import Subscription, SubscriptionState
from services.subscription_renewal.subscriptions.operations import recording
from services.subscription_renewal.subscriptions.operations.limited import LimitedWork
from services.subscription_renewal.subscriptions.operations.recording import SUBSCRIPTIONS
from services.subscription_renewal.subscriptions.repository import billings, due, subscriptions
from shared.kernel.errors import BillingError
from shared.messaging.aggregate import Locked
from shared.messaging.work import Unit, Work

# What one subscription's own data can raise: it is parked, and the others are not held up.
_FAULTS = (BillingError, ArithmeticError, LookupError, ValueError)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a worker takes at once, and the bounds of what it believes."""

    batch_size: int
    limits: Limits
    bounds: Bounds


async def open_runs(unit: Unit, now: datetime, pace: Pace) -> list[DueWorkspace]:
    """Workspaces with something due when it is really `now`, each with its run of the day.

    Leaves out those whose run is paused, and pauses runs of an absurd size.
    """
    found = await due.workspaces(unit.tx, now)
    if not found:
        return []
    running = await runs.open_all(unit.tx, found)
    as_of = {one.workspace_id: one.as_of for one in found}
    live = {one.workspace_id for one in found if not one.is_sandbox}
    checked = {id_: run_id for id_, run_id in running.items() if id_ in live}
    for key in await runs.to_check(unit.tx, checked, pace.bounds.check_seconds):
        if await _has_tripped(unit, key, as_of[key[0]], pace.bounds):
            del running[key[0]]
    return [replace(one, run_id=running[one.workspace_id]) for one in found if one.workspace_id in running]


async def renew_batch(unit: Unit, found: Sequence[DueWorkspace], pace: Pace) -> Counter[str]:
    """Renew due subscriptions of these workspaces, each getting its share of the batch.

    Returns how many were `renewed`, `ended` and `parked`; raises PeriodBilledBefore.
    """
    share = -(-pace.batch_size // len(found))
    claimed = await due.claim(unit.tx, found[: pace.batch_size], share)
    return await _renew(unit, claimed, found, pace.limits)


async def renew_one(unit: Unit, subscription_id: UUID, found: DueWorkspace, pace: Pace) -> Counter[str]:
    """The same for one of the workspace's, where it is still due; raises PeriodBilledBefore."""
    subscription = await subscriptions.lock(unit.tx, found.workspace_id, subscription_id)
    claimed = [subscription] if subscription.is_due(found.as_of) else []
    return await _renew(unit, claimed, [found], pace.limits)


async def park_one(work: Work, subscription_id: UUID, reason: str, as_of: datetime) -> None:
    """Take a subscription that cannot be renewed out of the renewals."""
    held = await SUBSCRIPTIONS.lock(work, subscription_id)
    if held.value.is_due(as_of):
        await recording.save_one(held, rules.park(held.value, reason, as_of))


async def settle(work: LimitedWork, held: Locked[Subscription], now: datetime) -> Subscription:
    """Bill everything of the subscription that is due: what comes next builds on that.

    Raises RunIsPaused where it is due and the workspace's renewals are paused.
    """
    return await recording.save(held, await due_changes(work, held.value, now))


async def due_changes(work: LimitedWork, subscription: Subscription, now: datetime) -> list[Change]:
    """What is due of the subscription; raises RunIsPaused where something is and renewals are paused."""
    if not subscription.is_due(now):
        return []
    if await runs.is_paused(work.tx, work.workspace_id):
        raise RunIsPaused
    return cycle.renew(subscription, now, work.limits)


async def _renew(
    unit: Unit, claimed: Sequence[Subscription], found: Sequence[DueWorkspace], limits: Limits
) -> Counter[str]:
    of = {one.workspace_id: one for one in found}
    changed = [_changes(one, of[one.workspace_id], limits) for one in claimed]
    pairs = [(old, new) for old, new in zip(claimed, changed, strict=True) if new]
    if not pairs:
        return Counter()
    changes = [change for _, new in pairs for change in new]
    await due.store(unit.tx, [old for old, _ in pairs], [new[-1].subscription for _, new in pairs])
    await billings.insert(unit.tx, changes, {one.workspace_id: one.run_id for one in found if one.run_id})
    await recording.end_usage(unit.tx, [new[-1].subscription for _, new in pairs])
    unit.record(*recording.events_of(changes))
    tallies: dict[UUID, Counter[str]] = {}
    for _, new in pairs:
        last = new[-1].subscription
        tallies.setdefault(last.workspace_id, Counter())[_outcome(last)] += 1
    await runs.insert_batches(unit.tx, [_batch(of[id_], tally) for id_, tally in tallies.items()])
    return sum(tallies.values(), Counter())


def _changes(subscription: Subscription, found: DueWorkspace, limits: Limits) -> list[Change]:
    # A sandbox's clock is moved as far as its owner likes: what falls due on the way is all wanted.
    if found.is_sandbox:
        limits = replace(cycle.UNCAPPED, periods_at_once=limits.periods_at_once)
    try:
        return cycle.renew(subscription, found.as_of, limits)
    except _FAULTS as error:
        return [Change(rules.park(subscription, f"it cannot be renewed: {error!r}", found.as_of))]


async def _has_tripped(unit: Unit, key: tuple[UUID, UUID], as_of: datetime, bounds: Bounds) -> bool:
    own, others = await runs.sizes(unit.tx, *key)
    enough = max(bounds.jump_minimum_count, max(others, default=0) * bounds.jump_factor) + 1
    size = await due.count(unit.tx, key[0], as_of, at_most=enough)
    reason = run_rules.absurdity(own, size, others, bounds)
    return reason is not None and await runs.pause(unit.tx, *key, reason)


def _outcome(subscription: Subscription) -> str:
    if subscription.parked_reason is not None:
        return "parked"
    return "ended" if subscription.status is SubscriptionState.ENDED else "renewed"


def _batch(found: DueWorkspace, tally: Counter[str]) -> Batch:
    assert found.run_id is not None
    return Batch(
        found.workspace_id,
        found.run_id,
        found.as_of,
        tally["renewed"],
        tally["ended"],
        tally["parked"],
    )
