"""Payments that come together are registered in a few statements, each as if it had come alone."""

from collections.abc import Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass
from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.contacts import repository as contacts
from services.payment.credit_balances.operations import raise_balances
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import NotKnownHere, Registration
from services.payment.payments.domain.together import Together
from services.payment.payments.repository import new_payments
from services.payment.receivables.domain.receivable import Payables
from services.payment.receivables.repository import receivables
from shared.events.payment import PaymentCreated, PaymentData
from shared.kernel import context
from shared.kernel.errors import BillingError
from shared.messaging.work import Work
from shared.postgres import audit


@dataclass(frozen=True, slots=True)
class Asked:
    """A registration, its workspace's currency as the caller knows it, and the context of its request."""

    registration: Registration
    default_currency: str
    within: Context


async def register_payments(
    work: Work, asked: Sequence[Asked]
) -> list[PaymentData | BillingError | NotKnownHere]:
    """Register each of these, in their order; what came of each. None of them chooses by what is due.

    Raises DuplicateExternalReference where one's reference comes in by another transaction at this moment.
    """
    together = await _lock(work, [one.registration for one in asked])
    taken = [together.take(one.registration, one.default_currency) for one in asked]
    made = [(one, payment) for one, payment in zip(asked, taken, strict=True) if isinstance(payment, Payment)]
    told = {payment.id: payment_rules.snapshot(payment) for _, payment in made}
    for one, payment in made:
        one.within.run(work.record, PaymentCreated.of(work.workspace_id, told[payment.id]))
    if made:
        await _store(work, together, made)
    return [told[one.id] if isinstance(one, Payment) else one for one in taken]


async def _lock(work: Work, registrations: Sequence[Registration]) -> Together:
    tx, workspace_id = work.tx, work.workspace_id
    wanted = {one.contact_id for one in registrations if one.contact_id}
    known = await contacts.filter_known(tx, workspace_id, wanted) if wanted else frozenset[UUID]()
    targets = [target.invoice_id for one in registrations for target in one.targets]
    payables = Payables({}, [])
    if targets:
        payables = await receivables.lock_to_pay(tx, workspace_id, sorted(set(targets)))
    more = len(targets) - len(payables.serials)
    serials = [*payables.serials, *(await allocations.serials(tx, more) if more else ())]
    pairs = {(one.external_reference, one.method) for one in registrations if one.external_reference}
    earlier = await new_payments.earlier(tx, workspace_id, pairs) if pairs else {}
    return Together(workspace_id, work.clock, {**payables.receivables}, known, earlier, iter(serials))


async def _store(work: Work, together: Together, made: Sequence[tuple[Asked, Payment]]) -> None:
    if len(made) > 1:
        asked = {payment.id: one.within.get(context.request_id) for one, payment in made}
        await audit.tell_requests(work.tx, asked)
    # Balances are locked before references, as registering one payment does it.
    await _raise_balances(work, made)
    paid = [together.receivables[id_] for id_ in sorted(together.changed)]
    payments = [payment for _, payment in made]
    await new_payments.insert_all(work.tx, payments, paid, together.transfers, work.take_columns())


async def _raise_balances(work: Work, made: Iterable[tuple[Asked, Payment]]) -> None:
    over = [(one, payment) for one, payment in made if payment.unallocated_minor]
    if not over:
        return
    first: dict[tuple[UUID, str], Asked] = {}
    for one, payment in over:
        first.setdefault((payment.contact_id, payment.currency), one)
    for event in await raise_balances(work, [payment_rules.surplus(payment) for _, payment in over]):
        first[event.data.contact_id, event.data.currency].within.run(work.record, event)
