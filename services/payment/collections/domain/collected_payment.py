"""A payment that is collected: its beginning, its states, and what its money settles once it has come in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from services.payment.collections.domain.collection import MOVES, Collection, CollectionState
from services.payment.ledger.domain import transfer
from services.payment.payment_methods.domain import PaymentMethod
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Payment
from services.payment.receivables.domain import invoicing
from services.payment.receivables.domain.receivable import Receivable
from shared.events.payment import Advice
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move

FINAL = frozenset({"succeeded"})
"""Money that has come in stays; after any other state it may still turn out that it came."""
NO_METHOD_TYPE = "none"
"""The payment's method where there was none to collect from."""


@dataclass(frozen=True, slots=True)
class CollectionFailure:
    """Why no money came, and what can be done about it."""

    code: str
    advice: Advice
    message: str | None = None


NO_METHOD = CollectionFailure("no_payment_method", "new_method")
UNAVAILABLE = CollectionFailure("provider_unavailable", "retry")
RESOLVED = CollectionFailure("resolved_as_failed", "retry")
UNANSWERED = CollectionFailure("authentication_required", "new_method")


def begin(
    receivable: Receivable,
    method: PaymentMethod | None,
    subscription_id: UUID | None,
    clock: Clock,
    *,
    is_automatic: bool,
    failure: CollectionFailure | None = None,
) -> Payment:
    """A payment of all that is expected; without a method, or with a failure, it has failed at once."""
    now = clock.now()
    failure = failure if method else NO_METHOD
    payment = Payment(
        workspace_id=receivable.workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        contact_id=receivable.contact_id,
        state="failed" if failure else "pending",
        amount_minor=receivable.expected_minor,
        unallocated_minor=0,
        currency=receivable.currency,
        method=method.type if method else NO_METHOD_TYPE,
        external_reference=None,
        paid_on=clock.today(),
        note=None,
        invoice_id=receivable.invoice_id,
        subscription_id=subscription_id,
        is_automatic=is_automatic,
        # A provider that is never asked collects nothing: the payment has no collection.
        provider=method.provider if method and not failure else None,
        payment_method_id=method.id if method else None,
    )
    return _failed(payment, failure) if failure else payment


def collection_of(payment: Payment, receivable: Receivable, method: PaymentMethod) -> Collection:
    """The collection of a new payment: method and customer are those of its beginning."""
    return Collection(
        workspace_id=payment.workspace_id,
        payment_id=payment.id,
        invoice_id=receivable.invoice_id,
        payment_method_id=method.id,
        provider=method.provider,
        mode=method.mode,
        method_reference=method.external_id,
        customer_reference=method.customer_reference,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        state=CollectionState.PENDING,
        is_automatic=payment.is_automatic,
        provider_reference=None,
        confirm_count=0,
        miss_count=0,
        cancel_reason=None,
        created_at=payment.created_at,
    )


def move(
    payment: Payment,
    state: CollectionState,
    reference: str | None,
    failure: CollectionFailure | None,
    clock: Clock,
) -> Payment:
    """The payment in another state, at its next version; raises IllegalMove.

    Success is not set here: settle_collected() does, because it moves money.
    """
    require_move(MOVES, CollectionState(payment.state), state)
    moved = replace(
        payment,
        state=state.value,
        provider_reference=reference,
        version=payment.version + 1,
        updated_at=clock.now(),
        failure_code=None,
        failure_advice=None,
        failure_message=None,
    )
    return _failed(moved, failure) if failure else moved


def _failed(payment: Payment, failure: CollectionFailure) -> Payment:
    return replace(
        payment,
        failure_code=failure.code,
        failure_advice=failure.advice,
        failure_message=failure.message,
    )


def succeed(batch: MoneyBatch, payment_id: UUID, serials: Iterator[int]) -> None:
    """The payment's money has come in: its invoice takes what it asks for, the rest is unallocated.

    Takes one serial at most. A second time nothing happens.
    """
    payment = batch.payments[payment_id]
    if payment.state in FINAL:
        return
    today = batch.clocks[payment.workspace_id].today()
    occasion = batch.occasion(payment.workspace_id, "payment", payment_id)
    accounts = payment.accounts
    batch.transfers += transfer(
        accounts.cash(payment.method), accounts.credit, payment.amount_minor, occasion
    )
    batch.put_payment(
        replace(
            payment,
            state="succeeded",
            unallocated_minor=payment.amount_minor,
            paid_on=today,
            failure_code=None,
            failure_advice=None,
            failure_message=None,
        )
    )
    if payment.invoice_id in batch.receivables:
        invoicing.spread(batch, payment_id, payment.invoice_id, serials)
