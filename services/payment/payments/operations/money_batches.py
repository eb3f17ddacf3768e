"""Books: rows are locked into one, the domain moves money in it, and all of it is stored at once.

Every transaction locks in this order: receivables, payments, then (in save) credit balances.
"""

from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.credit_balances.operations.credit import add_credits
from services.payment.ledger.repository import ledger
from services.payment.payments.domain.money_batch import Changes, MoneyBatch
from services.payment.payments.repository import payments
from services.payment.receivables.repository import receivables
from services.payment.refunds import repository as refunds
from shared.kernel.clock import Clock
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def lock_payment(
    tx: Connection, workspace_id: UUID, payment_id: UUID, clock: Clock, *invoice_ids: UUID
) -> MoneyBatch:
    """A book with the payment, the receivables that hold its money and those of these invoices.

    Raises NotFound for a payment that is not there; a receivable that is not there is not in the book.
    """
    held = await receivables.lock_held(tx, workspace_id, payment_id, invoice_ids)
    payment = await payments.lock(tx, workspace_id, payment_id)
    book = MoneyBatch({workspace_id: clock}, {one.invoice_id: one for one in held}, {payment_id: payment})
    holding = {one.invoice_id for one in payment.allocations if one.live_minor}
    if not holding <= book.receivables.keys():
        # It settled another invoice meanwhile. Out of order, so nobody may be waited for.
        late = await receivables.lock_held(tx, workspace_id, payment_id, waits=False)
        book.receivables |= {one.invoice_id: one for one in late}
    return book


async def save(tx: Connection, book: MoneyBatch) -> Changes:
    """Store what the book's moves came to: rows, entries and events; what was stored."""
    changes = book.changes()
    if changes.receivables:
        await receivables.save(tx, changes.receivables)
    if changes.payments:
        await payments.save(tx, changes.payments)
    if changes.allocations:
        await allocations.save(tx, changes.allocations)
    if changes.refunds:
        await refunds.save(tx, changes.refunds)
    if changes.transfers:
        await ledger.write(tx, changes.transfers)
    events = [*changes.events, *(await add_credits(tx, changes.credits) if changes.credits else [])]
    await outbox.record(tx, *events)
    return changes
