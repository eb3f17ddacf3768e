"""Money that came in is registered: POST /v1/payments → register_payment() → payment.created."""

from dataclasses import replace
from uuid import UUID

from services.payment.contacts import repository as contacts
from services.payment.credit_balances.operations import add_credits
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
from shared.events.payment import PaymentCreated
from shared.messaging.work import Work


async def register_payment(work: Work, registration: Registration, default_currency: str) -> Payment:
    """Settle the invoices that the payment names; what they do not ask for goes into the credit balance.

    Raises NotKnownHere for an invoice or contact not heard of, DuplicateExternalReference, and what the
    rules of registration.py and payment.py raise.
    """
    check(registration)
    if registration.takes_oldest_due:
        registration, payables = await _choose_due(work, registration, default_currency)
    else:
        payables = await _lock_named(work, registration)
    payment, paid = payment_rules.register(
        work.workspace_id, registration, payables, default_currency, work.clock
    )
    work.record(PaymentCreated.of(work.workspace_id, payment_rules.snapshot(payment)))
    if payment.unallocated_minor:
        await add_credits(work, [payment_rules.surplus(payment)])
    transfers = payment_rules.entries(payment, payables.receivables)
    await new_payments.insert(work.tx, payment, paid, transfers, work.take_columns())
    return payment


async def _choose_due(
    work: Work, registration: Registration, default_currency: str
) -> tuple[Registration, Payables]:
    """The registration with the contact's invoices that its money reaches, chosen while they are locked."""
    assert registration.contact_id is not None
    await _require_contact(work, registration.contact_id)
    currency = registration.currency or default_currency
    amount_minor = total_minor(registration, currency)
    payables = await receivables.lock_open(work.tx, work.workspace_id, registration.contact_id, currency)
    reached = payment_rules.choose_reached(payables.receivables.values(), amount_minor)
    targets = tuple(Target(receivable.invoice_id, None, "contact_id") for receivable in reached)
    serials = payables.serials[: len(targets)]
    return replace(registration, targets=targets), replace(payables, serials=serials)


async def _lock_named(work: Work, registration: Registration) -> Payables:
    await _require_contact(work, registration.contact_id)
    if not registration.targets:
        return Payables({}, [])
    payables = await receivables.lock_to_pay(work.tx, work.workspace_id, registration.invoice_ids)
    missing = tuple(
        target for target in registration.targets if target.invoice_id not in payables.receivables
    )
    if missing:
        raise NotKnownHere(missing)
    return payables


async def _require_contact(work: Work, contact_id: UUID | None) -> None:
    if contact_id is not None and not await contacts.is_known(work.tx, work.workspace_id, contact_id):
        raise NotKnownHere(contact_id=contact_id)
