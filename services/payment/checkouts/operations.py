"""Checkouts: begun when a payer asks to pay, opened at the provider, then followed as any collection."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from services.payment.checkouts import domain as rules
from services.payment.checkouts import repository as checkouts
from services.payment.collections.domain.collection import (
    Collection,
    CollectionInFlight,
    CollectionState,
    NothingDue,
)
from services.payment.collections.operations import apply_outcome
from services.payment.collections.operations.apply_outcome import StepOutcome
from services.payment.collections.operations.checkout_page import AFTER_END, note_open, wait_for_payer
from services.payment.collections.repository import collected_payments, collections
from services.payment.payments.domain.payment import snapshot
from services.payment.payments.domain.registration import NotKnownHere, Target
from services.payment.provider_connections.operations import find_refusal
from services.payment.providers.provider import Amount, OpenCheckout
from services.payment.receivables.repository import receivables
from shared.events.payment import PaymentCreated
from shared.messaging.work import Work


@dataclass(frozen=True, slots=True)
class CheckoutRoute:
    """The provider that a checkout is opened at, and where the payer comes back to."""

    provider: str
    mode: str
    return_url: str


@dataclass(frozen=True, slots=True)
class CheckoutTimes:
    """For how long whoever asked may take to open the page, and for how long it stays open."""

    lease: timedelta = timedelta(seconds=120)
    lifetime: timedelta = timedelta(hours=1)


async def begin_checkout(
    work: Work, invoice_id: UUID, through: CheckoutRoute, times: CheckoutTimes
) -> Collection:
    """The invoice's open checkout, or a new one, which the caller must open at the provider.

    A new one has no `checkout_url` and is in the caller's hand; when the caller dies, a worker opens it.
    Raises NotKnownHere, NothingDue, CollectionInFlight, AmountRefused or CurrencyRefused.
    """
    locked = await receivables.lock(work.tx, [(work.workspace_id, invoice_id)])
    if not locked:
        raise NotKnownHere((Target(invoice_id, None, "invoice_id"),))
    receivable = locked[0]
    if receivable.expected_minor <= 0:
        raise NothingDue(field="invoice_id")
    if await collections.is_in_flight(work.tx, work.workspace_id, invoice_id):
        checkout = await checkouts.newest(work.tx, work.workspace_id, invoice_id)
        if checkout is None or not rules.may_go_on(checkout, receivable):
            raise CollectionInFlight(field="invoice_id")
        return checkout
    refusal = find_refusal(
        through.provider, Amount(receivable.expected_minor, receivable.currency), "invoice_id"
    )
    if refusal:
        raise refusal
    payment = rules.begin(receivable, through.provider, work.clock)
    await collected_payments.insert(work.tx, payment)
    collection = rules.collection_of(payment, through.mode, through.return_url, uuid4())
    work.record(PaymentCreated.of(work.workspace_id, snapshot(payment)))
    return await checkouts.insert(work.tx, collection, times.lease, times.lifetime)


async def finish_opening(work: Work, claimed: Collection, opened: OpenCheckout) -> None:
    """Keep the page and give the checkout to the workers, who look it up when it ends or was paid.

    Raises LeaseLost.
    """
    key = (claimed.workspace_id, claimed.invoice_id)
    await receivables.lock(work.tx, [key])
    noted = await note_open(work.tx, claimed, opened, AFTER_END)
    await apply_outcome.finish(work, noted, wait_for_payer(noted))


async def give_up(work: Work, claimed: Collection) -> None:
    """No page was opened, surely: the checkout is over before it began. Raises LeaseLost."""
    await apply_outcome.finish(work, claimed, StepOutcome(CollectionState.CANCELED, None))


async def leave_to_workers(work: Work, claimed: Collection) -> None:
    """Whether a page was opened is unknown: a worker asks again with the same key. Raises LeaseLost."""
    await apply_outcome.finish(work, claimed, StepOutcome(CollectionState.PENDING, None, timedelta(0)))
