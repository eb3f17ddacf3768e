"""Checkouts: a payer pays an invoice once on the provider's page; each is a payment and its collection."""

from datetime import timedelta
from uuid import UUID

from services.payment.collections.domain.collection import Collection, CollectionState
from services.payment.payments.domain.payment import Payment
from services.payment.receivables.domain.receivable import Receivable
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id

METHOD = "checkout"
"""The payment's method: money that came in through a provider's page."""
LEAST_TIME = timedelta(minutes=2)
"""A page that closes sooner is not shown to anybody again."""


def begin(receivable: Receivable, provider: str, clock: Clock) -> Payment:
    """A payment of everything that is expected; the payer has still to make it."""
    now = clock.now()
    return Payment(
        workspace_id=receivable.workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        contact_id=receivable.contact_id,
        state="pending",
        amount_minor=receivable.expected_minor,
        unallocated_minor=0,
        currency=receivable.currency,
        method=METHOD,
        external_reference=None,
        paid_on=clock.today(),
        note=None,
        invoice_id=receivable.invoice_id,
        # Not the subscription's own collection: that it comes to nothing is no failure of that.
        subscription_id=None,
        is_automatic=False,
        provider=provider,
    )


def collection_of(payment: Payment, mode: str, return_url: str, lease_token: UUID) -> Collection:
    """The collection of a checkout that begins, in the hand of whoever has this token."""
    assert payment.invoice_id
    assert payment.provider
    return Collection(
        workspace_id=payment.workspace_id,
        payment_id=payment.id,
        invoice_id=payment.invoice_id,
        payment_method_id=None,
        provider=payment.provider,
        mode=mode,
        method_reference="",
        customer_reference="",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        state=CollectionState.PENDING,
        is_automatic=False,
        provider_reference=None,
        confirm_count=0,
        miss_count=0,
        cancel_reason=None,
        created_at=payment.created_at,
        kind="checkout",
        return_url=return_url,
        lease_token=lease_token,
    )


def may_go_on(collection: Collection, receivable: Receivable) -> bool:
    """Whether the payer may be sent to this checkout's page again."""
    return (
        collection.checkout_url is not None
        and collection.state is CollectionState.REQUIRES_ACTION
        and collection.cancel_reason is None
        and collection.amount_minor == receivable.expected_minor
        and collection.remaining_time >= LEAST_TIME
    )
