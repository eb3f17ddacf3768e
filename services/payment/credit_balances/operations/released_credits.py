"""Credit of subscriptions that have stopped goes into the contact's credit balance."""

from services.payment.credit_balances.domain import released_credit as rules
from services.payment.credit_balances.domain.released_credit import ReleasedCredit
from services.payment.credit_balances.operations.credit import add_credits, surplus
from services.payment.credit_balances.repository import released_credits
from services.payment.ledger.repository import ledger
from services.payment.payments.domain import payment as payment_rules
from shared.events.event import Event
from shared.events.payment import PaymentCreated
from shared.kernel.clock import Clock
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def take_credit(tx: Connection, credit: ReleasedCredit, clock: Clock, cause: Event) -> None:
    """Raise the contact's credit balance by it, once a subscription, whatever the inbox has forgotten."""
    if not await released_credits.insert(tx, credit):
        return
    payment = rules.holding(credit, clock)
    await released_credits.insert_payment(tx, payment)
    await ledger.write(tx, list(rules.entries(credit, payment)))
    events: list[Event] = [PaymentCreated.of(credit.workspace_id, payment_rules.snapshot(payment))]
    events += await add_credits(tx, [surplus(payment)])
    await outbox.record(tx, *(event.caused_by(cause) for event in events))
