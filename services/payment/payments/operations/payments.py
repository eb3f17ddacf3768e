"""Payments: one state change each."""

from dataclasses import replace
from uuid import UUID

from services.payment.contacts import repository as contacts
from services.payment.credit_balances.operations.credit import add_credits, surplus
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import (
    NotKnownHere,
    Registration,
    Target,
    check,
    total_minor,
)
from services.payment.payments.repository import new_payments
from services.payment.receivables.domain.receivable import Payables
from services.payment.receivables.repository import receivables
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
    check(registration)
    if registration.takes_oldest_due:
        registration, found = await _aimed(tx, workspace_id, registration, default_currency)
    else:
        found = await _lock_named(tx, workspace_id, registration)
    payment, paid = payment_rules.register(workspace_id, registration, found, default_currency, clock)
    events: list[Event] = [PaymentCreated.of(workspace_id, payment_rules.snapshot(payment))]
    if payment.unallocated_minor:
        events += await add_credits(tx, [surplus(payment)])
    transfers = payment_rules.entries(payment, found.receivables)
    await new_payments.insert(tx, payment, paid, transfers, outbox.columns(tx, *events))
    return payment


async def _aimed(
    tx: Connection, workspace_id: UUID, registration: Registration, default_currency: str
) -> tuple[Registration, Payables]:
    """The registration with the contact's invoices that its money reaches, chosen while they are locked."""
    assert registration.contact_id is not None
    await _require_contact(tx, workspace_id, registration.contact_id)
    currency = registration.currency or default_currency
    amount_minor = total_minor(registration, currency)
    found = await receivables.lock_open(tx, workspace_id, registration.contact_id, currency)
    reached = payment_rules.reached(found.receivables.values(), amount_minor)
    targets = tuple(Target(one.invoice_id, None, "contact_id") for one in reached)
    serials = found.serials[: len(targets)]
    return replace(registration, targets=targets), replace(found, serials=serials)


async def _require_contact(tx: Connection, workspace_id: UUID, contact_id: UUID | None) -> None:
    if contact_id is not None and not await contacts.is_known(tx, workspace_id, contact_id):
        raise NotKnownHere(contact_id=contact_id)


async def _lock_named(tx: Connection, workspace_id: UUID, registration: Registration) -> Payables:
    await _require_contact(tx, workspace_id, registration.contact_id)
    if not registration.targets:
        return Payables({}, [])
    found = await receivables.lock_to_pay(tx, workspace_id, registration.invoice_ids)
    missing = tuple(target for target in registration.targets if target.invoice_id not in found.receivables)
    if missing:
        raise NotKnownHere(missing)
    return found
