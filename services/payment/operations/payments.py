"""Payments: one state change each."""

from uuid import UUID

from services.payment.domain import payment as payment_rules
from services.payment.domain.credit_balance import Credit
from services.payment.domain.payment import Payment
from services.payment.domain.receivable import Payables
from services.payment.domain.registration import NotKnownHere, Registration, checked
from services.payment.operations.credit import add_credits
from services.payment.repository import contacts, new_payments, receivables
from shared.events.event import Event
from shared.events.payment import PaymentCreated
from shared.kernel.clock import Clock
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def register_payment(
    tx: Connection, workspace_id: UUID, registration: Registration, default_currency: str, clock: Clock
) -> Payment:
    """Settle the invoices that the payment names; what they do not ask for goes into the credit balance.

    Raises NotKnownHere for an invoice or contact not heard of, DuplicateExternalReference, and what the
    rules of registration.py and payment.py raise.
    """
    checked(registration)
    found = await _lock_named(tx, workspace_id, registration)
    payment, paid = payment_rules.register(workspace_id, registration, found, default_currency, clock)
    events: list[Event] = [PaymentCreated.of(workspace_id, payment_rules.snapshot(payment))]
    if payment.unallocated_minor:
        events += await add_credits(tx, [_surplus(payment)])
    await new_payments.insert(tx, payment, paid, outbox.columns(tx, *events))
    return payment


async def _lock_named(tx: Connection, workspace_id: UUID, registration: Registration) -> Payables:
    contact_id = registration.contact_id
    if contact_id is not None:
        if not await contacts.is_known(tx, workspace_id, contact_id):
            raise NotKnownHere(contact_id=contact_id)
        return Payables({}, [])
    found = await receivables.lock_to_pay(tx, workspace_id, registration.invoice_ids)
    missing = tuple(target for target in registration.targets if target.invoice_id not in found.receivables)
    if missing:
        raise NotKnownHere(missing)
    return found


def _surplus(payment: Payment) -> Credit:
    return Credit(
        workspace_id=payment.workspace_id,
        contact_id=payment.contact_id,
        currency=payment.currency,
        amount_minor=payment.unallocated_minor,
        at=payment.created_at,
    )
