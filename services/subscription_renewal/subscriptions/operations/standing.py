"""What invoices say about a subscription: late, settled, or given up."""

from uuid import UUID

from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording
from services.subscription_renewal.subscriptions.operations.recording import SUBSCRIPTIONS
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.messaging.aggregate import Locked
from shared.messaging.work import Work


async def mark_past_due(work: Work, subscription_id: UUID) -> Subscription | None:
    """An invoice of it is late or was not collected; None where the subscription is not known.

    Can be repeated: one that is not active stays as it is, and nothing is told.
    """
    held = await _lock(work, subscription_id)
    if held is None:
        return None
    return await recording.save_one(held, rules.mark_past_due(held.value, work.clock.now()))


async def mark_active(work: Work, subscription_id: UUID) -> Subscription | None:
    """Nothing of it is late any more; None where the subscription is not known. Can be repeated."""
    held = await _lock(work, subscription_id)
    if held is None:
        return None
    return await recording.save_one(held, rules.mark_active(held.value, work.clock.now()))


async def cancel_unpaid(work: Work, subscription_id: UUID) -> Subscription | None:
    """Dunning has ended without money: it stops at once, and what waits is not invoiced any more.

    Credit goes to the contact's balance. None where the subscription is not known. Can be repeated.
    """
    held, now = await _lock(work, subscription_id), work.clock.now()
    if held is None:
        return None
    if held.value.status in rules.OVER:
        return held.value
    return await recording.save(held, [cycle.final_credit(rules.cancel(held.value, False, now), now)])


async def _lock(work: Work, subscription_id: UUID) -> Locked[Subscription] | None:
    found = await subscriptions.lock_if_known(work.tx, work.workspace_id, subscription_id)
    return SUBSCRIPTIONS.locked(work, found) if found else None
