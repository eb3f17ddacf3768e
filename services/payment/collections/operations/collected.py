"""Money that a provider collected for an invoice comes in."""

from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.collections.domain import collected as rules
from services.payment.payments.domain.payment import Payment
from services.payment.payments.operations import money_batches
from services.payment.payments.repository import payments
from shared.messaging.work import Work


async def settle_collected(work: Work, payment_id: UUID) -> Payment:
    """The payment, which names its invoice, has succeeded: the provider has `amount_minor` for us.

    Call it within the transaction that stores what the provider said. It locks the invoice's receivable, then
    the payment (so hold no lock on the payment before, or lock the receivable first, too); the
    invoice takes at most what it asks for, the surplus goes into the contact's credit balance. State
    `succeeded`, ledger entries, `payment.updated` and, with a surplus, `credit_balance.updated` are recorded
    here: record none of your own for the same change. A payment that has succeeded already is given
    back as it is, so it may be called again. Raises NotFound.
    """
    invoice_id = await payments.invoice_of(work.tx, work.workspace_id, payment_id)
    named = (invoice_id,) if invoice_id else ()
    batch = await money_batches.lock_payment(work, payment_id, *named)
    if batch.payments[payment_id].state not in rules.FINAL:
        rules.succeed(batch, payment_id, iter(await allocations.serials(work.tx, 1)))
        await money_batches.save(work, batch)
    return batch.payments[payment_id]
