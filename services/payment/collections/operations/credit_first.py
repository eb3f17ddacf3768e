"""Credit before card: a contact's credit balance settles an invoice before more is collected for it."""

from uuid import UUID

from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Payment
from services.payment.payments.operations import money_batches
from services.payment.receivables.domain.receivable import Receivable
from services.payment.receivables.operations import use_credit
from services.payment.receivables.repository import receivables
from shared.events.event import Event
from shared.messaging.work import Work


async def settle_first(
    work: Work, receivable: Receivable, cause: Event | None = None
) -> tuple[Receivable, Payment | None]:
    """Let credit of the invoice's currency settle what a locked receivable still expects.

    Gives back the receivable as it is then, and of the payments whose money it took the last one. Payments
    are locked after the receivable, as everybody does.
    """
    if receivable.expected_minor <= 0:
        return receivable, None
    causes = {receivable.invoice_id: cause} if cause else {}
    batch = MoneyBatch(
        {receivable.workspace_id: work.clock}, {receivable.invoice_id: receivable}, causes=causes
    )
    await use_credit(work, batch, [receivable])
    changes = await money_batches.save(work, batch)
    return batch.receivables[receivable.invoice_id], changes.payments[-1] if changes.payments else None


async def settle_invoice_first(work: Work, invoice_id: UUID) -> None:
    """The same for an invoice, in a transaction of its own; for one not heard of nothing happens."""
    for receivable in await receivables.lock(work.tx, [(work.workspace_id, invoice_id)]):
        await settle_first(work, receivable)
