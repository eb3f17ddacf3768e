"""How changes of subscriptions are stored and told: state, billings and events in one transaction."""

from collections.abc import Iterator, Sequence

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
    SubscriptionData,
    SubscriptionProrated,
    SubscriptionRenewed,
    SubscriptionUpdated,
)
from shared.messaging import outbox
from shared.postgres.pool import Connection

_BILLED: dict[str, type[SubscriptionRenewed | SubscriptionProrated]] = {
    "cycle": SubscriptionRenewed,
    "change": SubscriptionProrated,
}


async def create(tx: Connection, subscription: Subscription) -> None:
    """Store a new subscription and tell of it; raises SubscriptionExternalIdTaken."""
    await subscriptions.insert(tx, subscription)
    await outbox.record(tx, SubscriptionCreated.of(subscription.workspace_id, rules.snapshot(subscription)))


async def save(tx: Connection, changes: Sequence[Change]) -> Subscription:
    """Store one subscription's changes, in order, and tell of each; returns it as it is after them.

    Raises SubscriptionExternalIdTaken or PeriodBilledBefore.
    """
    last = changes[-1].subscription
    await subscriptions.update(tx, last)
    await billings.insert(tx, changes)
    await outbox.record(tx, *events_of(changes))
    return last


async def save_one(tx: Connection, before: Subscription, after: Subscription) -> Subscription:
    """The same for one change that bills nothing; does nothing where the version stayed."""
    return before if after.version == before.version else await save(tx, [Change(after)])


def events_of(changes: Sequence[Change]) -> Iterator[Event]:
    """What these changes mean to others: `subscription.updated`, and what is to be invoiced or released."""
    for change in changes:
        subscription, billing = change.subscription, change.billing
        shown = rules.shown(subscription)
        yield SubscriptionUpdated.of(subscription.workspace_id, SubscriptionData(**shown))
        if billing:
            data = BilledSubscriptionData(**shown, billing=billing)
            yield _BILLED[billing.reason].of(subscription.workspace_id, data)
        if change.release:
            released = ReleasedSubscriptionData(**shown, release=change.release)
            yield SubscriptionCreditReleased.of(subscription.workspace_id, released)
