"""Credit of subscriptions that have stopped: what was invoiced and not used is the contact's to spend."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.payment.ledger.domain import Accounts, Occasion, Transfer, transfer
from services.payment.payments.domain.payment import Payment
from shared.events.subscription import ReleasedSubscriptionData
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id

METHOD = "released_credit"
"""The method of the payment that holds it."""


@dataclass(frozen=True, slots=True)
class ReleasedCredit:
    """The credit of one subscription, once, and the payment that holds it; minor units, tax included."""

    workspace_id: UUID
    subscription_id: UUID
    payment_id: UUID
    contact_id: UUID
    currency: str
    amount_minor: int
    tax_minor: int
    released_at: datetime


def to_released_credit(workspace_id: UUID, data: ReleasedSubscriptionData) -> ReleasedCredit:
    """What the event says, to be held by a new payment."""
    return ReleasedCredit(
        workspace_id=workspace_id,
        subscription_id=data.id,
        payment_id=new_id(),
        contact_id=data.contact_id,
        currency=data.currency,
        amount_minor=data.release.amount_minor,
        tax_minor=data.release.tax_minor,
        released_at=data.release.released_at.astimezone(UTC),
    )


def to_payment(credit: ReleasedCredit, clock: Clock) -> Payment:
    """The payment that holds it, unallocated: invoices take it as they take what was paid in advance."""
    now = clock.now()
    return Payment(
        workspace_id=credit.workspace_id,
        id=credit.payment_id,
        version=1,
        created_at=now,
        updated_at=now,
        contact_id=credit.contact_id,
        state="succeeded",
        amount_minor=credit.amount_minor,
        unallocated_minor=credit.amount_minor,
        currency=credit.currency,
        method=METHOD,
        external_reference=None,
        paid_on=credit.released_at.astimezone(ZoneInfo(clock.zone)).date(),
        note="Credit of a subscription that has stopped",
        subscription_id=credit.subscription_id,
    )


def entries(credit: ReleasedCredit, payment: Payment) -> Iterator[Transfer]:
    """What it books: the sale and its tax are taken back as a credit note would, and owed to the contact."""
    accounts = Accounts(credit.workspace_id, credit.currency, credit.contact_id)
    occasion = Occasion("credit_release", payment.id, payment.paid_on, payment.created_at)
    net_minor = credit.amount_minor - credit.tax_minor
    yield from transfer(accounts.revenue, accounts.credit, net_minor, occasion)
    yield from transfer(accounts.tax, accounts.credit, credit.tax_minor, occasion)
