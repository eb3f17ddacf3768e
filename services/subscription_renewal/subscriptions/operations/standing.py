"""What invoices say about a subscription: late, settled, or given up."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.subscription_renewal.subscriptions.domain import cycle
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.operations import recording
from services.subscription_renewal.subscriptions.repository import subscriptions
from shared.postgres.pool import Connection


async def mark_past_due(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, now: datetime
) -> Subscription | None:
    """An invoice of it is late or was not collected; None where the subscription is not known.

    Can be repeated: one that is not active stays as it is, and nothing is told.
    """
    return await _move(tx, workspace_id, subscription_id, lambda found: rules.mark_past_due(found, now))


async def mark_active(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, now: datetime
) -> Subscription | None:
    """Nothing of it is late any more; None where the subscription is not known. Can be repeated."""
    return await _move(tx, workspace_id, subscription_id, lambda found: rules.mark_active(found, now))


async def cancel_unpaid(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, now: datetime
) -> Subscription | None:
    """Dunning has ended without money: it stops at once, and what waits is not invoiced any more.

    Credit goes to the contact's balance. None where the subscription is not known. Can be repeated.
    """
    found = await subscriptions.lock_if_known(tx, workspace_id, subscription_id)
    if found is None or found.status in rules.OVER:
        return found
    return await recording.save(tx, [cycle.final_credit(rules.cancel(found, False, now), now)])


async def _move(
    tx: Connection,
    workspace_id: UUID,
    subscription_id: UUID,
    move: Callable[[Subscription], Subscription],
) -> Subscription | None:
    found = await subscriptions.lock_if_known(tx, workspace_id, subscription_id)
    if found is None:
        return None
    return await recording.save_one(tx, found, move(found))
