"""How changes of subscriptions are stored and told: state, billings and events in one transaction."""

from collections.abc import Iterator, Sequence

from services.subscription_renewal.charges.repository import usage_periods
from services.subscription_renewal.subscriptions.domain import subscription as rules
from services.subscription_renewal.subscriptions.domain.cycle import Change
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.repository import billings, subscriptions
from shared.events.event import Event
from shared.events.subscription import (
    BilledSubscriptionData,
    ReleasedSubscriptionData,
    SubscriptionCreated,
    SubscriptionCreditReleased,
    SubscriptionProrated,
    SubscriptionRenewed,
    SubscriptionUpdated,
)
from shared.messaging.aggregate import Aggregate, Locked
from shared.messaging.work import Work
from shared.postgres.pool import Connection

SUBSCRIPTIONS = Aggregate(
    subscriptions.lock, subscriptions.insert, subscriptions.update, lambda one, _: rules.snapshot(one)
)
_BILLED: dict[str, type[SubscriptionRenewed | SubscriptionProrated]] = {
    "cycle": SubscriptionRenewed,
    "change": SubscriptionProrated,
}


async def create(work: Work, subscription: Subscription) -> Locked[Subscription]:
    """Store a new subscription and tell of it; raises SubscriptionExternalIdTaken."""
    return await SUBSCRIPTIONS.create(work, subscription, SubscriptionCreated)


async def save(held: Locked[Subscription], changes: Sequence[Change]) -> Subscription:
    """Store a subscription's changes, in order, and tell of each; returns it as it is after them.

    Raises SubscriptionExternalIdTaken or PeriodBilledBefore.
    """
    if changes:
        await billings.insert(held.work.tx, changes)
        await end_usage(held.work.tx, [changes[-1].subscription])
        await held.save(changes[-1].subscription, *events_of(changes))
    return held.value


async def end_usage(tx: Connection, subscriptions_after: Sequence[Subscription]) -> None:
    """Have the usage of those that are over billed, without waiting for the end of their periods."""
    over = [
        (one.workspace_id, one.id, one.ended_at) for one in subscriptions_after if one.ended_at is not None
    ]
    if over:
        await usage_periods.hasten(tx, over)


async def save_one(held: Locked[Subscription], after: Subscription) -> Subscription:
    """The same for one change that bills nothing; does nothing where the version stayed."""
    return held.value if after.version == held.value.version else await save(held, [Change(after)])


def events_of(changes: Sequence[Change]) -> Iterator[Event]:
    """What these changes mean to others: `subscription.updated`, and what is to be invoiced or released."""
    for change in changes:
        subscription, billing = change.subscription, change.billing
        data = rules.snapshot(subscription)
        yield SubscriptionUpdated.of(subscription.workspace_id, data)
        if billing:
            billed = BilledSubscriptionData(**vars(data), billing=billing)
            yield _BILLED[billing.reason].of(subscription.workspace_id, billed)
        if change.release:
            released = ReleasedSubscriptionData(**vars(data), release=change.release)
            yield SubscriptionCreditReleased.of(subscription.workspace_id, released)
