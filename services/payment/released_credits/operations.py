"""Credit of subscriptions that have stopped goes into the contact's credit balance."""

from services.payment.credit_balances.operations import add_credits
from services.payment.ledger.repository import ledger
from services.payment.payments.domain import payment as payment_rules
from services.payment.released_credits import domain as rules
from services.payment.released_credits import repository as released_credits
from services.payment.released_credits.domain import ReleasedCredit
from shared.events.event import Event
from shared.events.payment import PaymentCreated
from shared.messaging.work import Work


async def take_credit(work: Work, credit: ReleasedCredit, cause: Event) -> None:
    """Raise the contact's credit balance by it, once a subscription, whatever the inbox has forgotten."""
    if not await released_credits.insert(work.tx, credit):
        return
    payment = rules.to_payment(credit, work.clock)
    await released_credits.insert_payment(work.tx, payment)
    await ledger.write(work.tx, list(rules.entries(credit, payment)))
    created = PaymentCreated.of(credit.workspace_id, payment_rules.snapshot(payment))
    work.record(created.caused_by(cause))
    await add_credits(work, [payment_rules.surplus(payment)], cause)
