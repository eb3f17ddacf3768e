"""Collections: begun when an invoice is to be collected, canceled or resolved by a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.payment.collections.domain import collected_payment as rules
from services.payment.collections.domain.collected_payment import CollectionFailure
from services.payment.collections.domain.collection import (
    CollectionInFlight,
    CollectionState,
    NoPaymentMethod,
    NotCancelable,
    NothingDue,
    NotInReview,
)
from services.payment.collections.operations.apply_outcome import set_state
from services.payment.collections.operations.credit_first import settle_first
from services.payment.collections.repository import collected_payments, collections
from services.payment.disputes.domain.dispute import DisputeUndecided
from services.payment.payment_methods.domain import NotAMethodOfContact, PaymentMethod, PaymentMethodDeleted
from services.payment.payment_methods.repository import payment_methods
from services.payment.payments.domain.payment import Payment, snapshot
from services.payment.payments.domain.registration import NotKnownHere, Target
from services.payment.payments.repository import payments
from services.payment.provider_connections.operations import find_refusal
from services.payment.providers.provider import Amount
from services.payment.receivables.domain.receivable import Receivable
from services.payment.receivables.repository import receivables
from shared.events.event import Event
from shared.events.invoice import InvoiceIssued
from shared.events.payment import PaymentCreated, PaymentFailed
from shared.kernel.errors import naming
from shared.messaging.work import Unit, Work


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """What is to be collected, and from which method if not the invoice's or the contact's default."""

    invoice_id: UUID
    method_id: UUID | None = None
    is_automatic: bool = True
    cause: Event | None = None


async def collect_issued(unit: Unit, events: Sequence[InvoiceIssued], works: Mapping[UUID, Work]) -> None:
    """Begin to collect invoices that were issued to be charged automatically, each once.

    Their receivables are open by now, with credit balance applied.
    """
    charged = [event for event in events if event.data.collection_method == "charge_automatically"]
    if not charged:
        return
    orders = [
        (event.workspace_id, event.subject, event.data.payment_method_id, event.data.subscription_id)
        for event in charged
    ]
    new = await collections.order(unit.tx, orders)
    for event in sorted(charged, key=lambda event: event.subject):
        if (event.workspace_id, event.subject) in new:
            request = CollectionRequest(event.subject, cause=event)
            await collect(works[event.workspace_id], request)


async def collect(work: Work, request: CollectionRequest) -> Payment | None:
    """Begin to collect what the invoice asks for, if it asks for anything and none is on its way.

    The contact's credit balance settles it first, and only the rest is collected; nothing while the payer's
    bank has not decided about money that it took back. While its payer has a
    provider's page open, it follows when that ends unpaid. Without a method the payment has failed at once,
    with the advice to get a new one.
    """
    receivable = await _lock_receivable(work, request)
    if receivable is None or receivable.expected_minor <= 0:
        return None
    if await collections.is_in_flight(work.tx, work.workspace_id, request.invoice_id):
        await collections.let_follow_checkout(work.tx, work.workspace_id, request.invoice_id)
        return None
    receivable, _ = await settle_first(work, receivable, request.cause)
    if receivable.expected_minor <= 0 or await payments.is_undecided(
        work.tx, work.workspace_id, request.invoice_id
    ):
        return None
    method_id, subscription_id = await collections.get_order(work.tx, work.workspace_id, request.invoice_id)
    method = await _method_for(work, receivable, request.method_id or method_id)
    return await _begin(work, receivable, method, subscription_id, request)


async def collect_by_hand(work: Work, request: CollectionRequest) -> Payment:
    """The same on a caller's request, who is told why it cannot be.

    Where credit balance settles all of it, the payment that it came from is given back. Raises NotKnownHere,
    NothingDue, CollectionInFlight, NoPaymentMethod, PaymentMethodDeleted, NotAMethodOfContact,
    DisputeUndecided, AmountRefused or CurrencyRefused.
    """
    receivable = await _lock_receivable(work, request)
    if receivable is None:
        raise NotKnownHere((Target(request.invoice_id, None, "invoice_id"),))
    if receivable.expected_minor <= 0:
        raise NothingDue(field="invoice_id")
    if await collections.is_in_flight(work.tx, work.workspace_id, request.invoice_id):
        raise CollectionInFlight(field="invoice_id")
    ordered_id, subscription_id = await collections.get_order(work.tx, work.workspace_id, request.invoice_id)
    method = await _method_by_hand(work, receivable, request.method_id, ordered_id)
    receivable, settled_by = await settle_first(work, receivable)
    if settled_by and receivable.expected_minor <= 0:
        return settled_by
    if method is None:
        raise NoPaymentMethod(field="payment_method_id")
    if await payments.is_undecided(work.tx, work.workspace_id, request.invoice_id):
        raise DisputeUndecided(field="invoice_id")
    refusal = find_refusal(method.provider, _amount_of(receivable), "invoice_id")
    if refusal:
        raise refusal
    return await _begin(work, receivable, method, subscription_id, request)


async def cancel_collection(work: Work, payment_id: UUID) -> Payment:
    """Cancel it: at once where the provider was never asked, else the next step asks the provider to.

    Money that came meanwhile is never lost. Raises NotFound or NotCancelable.
    """
    payment = await _lock_payment(work, payment_id)
    collection = await collections.lock(work.tx, work.workspace_id, payment_id)
    if collection.is_over:
        raise NotCancelable(f"The payment is {payment.state}.", state_now=payment.state)
    if collection.provider_reference or collection.lease_token:
        await collections.ask_to_cancel(work.tx, work.workspace_id, payment_id, "requested")
        return payment
    await collections.save_state(work.tx, replace(collection, state=CollectionState.CANCELED), is_due=False)
    return await set_state(work, payment, CollectionState.CANCELED, None, None)


async def resolve_collection(work: Work, payment_id: UUID, *, has_failed: bool, last_miss: int) -> Payment:
    """A person's decision about a payment that needs review: no money came, or look once more.

    `last_miss` is how many look-ups count as used up, so that the next without an answer ends in review
    again. Raises NotFound or NotInReview.
    """
    payment = await _lock_payment(work, payment_id)
    collection = await collections.lock(work.tx, work.workspace_id, payment_id)
    if collection.state is not CollectionState.NEEDS_REVIEW:
        raise NotInReview(f"The payment is {payment.state}.", state_now=payment.state)
    to, failure = (CollectionState.FAILED, rules.RESOLVED) if has_failed else (CollectionState.UNKNOWN, None)
    decided = replace(collection, state=to, miss_count=last_miss)
    await collections.save_state(work.tx, decided, is_due=not has_failed)
    return await set_state(work, payment, to, collection.provider_reference, failure)


async def _lock_receivable(work: Work, request: CollectionRequest) -> Receivable | None:
    locked = await receivables.lock(work.tx, [(work.workspace_id, request.invoice_id)])
    return locked[0] if locked else None


async def _lock_payment(work: Work, payment_id: UUID) -> Payment:
    invoice_id = await payments.invoice_of(work.tx, work.workspace_id, payment_id)
    if invoice_id:
        await receivables.lock(work.tx, [(work.workspace_id, invoice_id)])
    return await payments.lock(work.tx, work.workspace_id, payment_id)


async def _method_for(work: Work, receivable: Receivable, named: UUID | None) -> PaymentMethod | None:
    """The named method while it may be used, else the contact's default, else the workspace's own."""
    if named:
        method = await payment_methods.get(work.tx, receivable.workspace_id, named)
        if method.deleted_at is None and method.contact_id in (None, receivable.contact_id):
            return method
    return await payment_methods.default_of(work.tx, receivable.workspace_id, receivable.contact_id)


async def _method_by_hand(
    work: Work, receivable: Receivable, named: UUID | None, ordered: UUID | None
) -> PaymentMethod | None:
    if named is None:
        return await _method_for(work, receivable, ordered)
    with naming("payment_method_id"):
        method = await payment_methods.get(work.tx, receivable.workspace_id, named)
    _check_method(method, receivable)
    return method


def _check_method(method: PaymentMethod, receivable: Receivable) -> None:
    if method.deleted_at:
        raise PaymentMethodDeleted(field="payment_method_id")
    if method.contact_id not in (None, receivable.contact_id):
        raise NotAMethodOfContact(field="payment_method_id")


async def _begin(
    work: Work,
    receivable: Receivable,
    method: PaymentMethod | None,
    subscription_id: UUID | None,
    request: CollectionRequest,
) -> Payment:
    refusal = method and find_refusal(method.provider, _amount_of(receivable), "invoice_id")
    failure = CollectionFailure(refusal.code, "never", refusal.detail) if refusal else None
    payment = rules.begin(
        receivable, method, subscription_id, work.clock, is_automatic=request.is_automatic, failure=failure
    )
    await collected_payments.insert(work.tx, payment)
    if method and not failure:
        await collections.insert(work.tx, rules.collection_of(payment, receivable, method))
    facts = [PaymentCreated] if payment.state == "pending" else [PaymentCreated, PaymentFailed]
    events = [fact.of(payment.workspace_id, snapshot(payment)) for fact in facts]
    work.record(*(event.caused_by(request.cause) if request.cause else event for event in events))
    return payment


def _amount_of(receivable: Receivable) -> Amount:
    return Amount(receivable.expected_minor, receivable.currency)
