"""Receivables follow their invoices: opened, changed and closed."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from services.payment.domain import payment as payment_rules
from services.payment.domain import receivable as receivable_rules
from services.payment.domain.credit_balance import Credit
from services.payment.domain.payment import Payment
from services.payment.domain.receivable import Receivable
from services.payment.operations.credit import add_credits
from services.payment.repository import payments, receivables
from shared.events.event import Event
from shared.events.invoice import InvoiceVoided
from shared.events.payment import PaymentUpdated
from shared.kernel.clock import Clock
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def store_receivables(tx: Connection, snapshots: Iterable[Receivable]) -> None:
    """Open the receivables that are new; the newest snapshot of the others sets their due date."""
    newest: dict[UUID, Receivable] = {}
    for snapshot in snapshots:
        known = newest.get(snapshot.invoice_id)
        if known is None or known.invoice_sequence < snapshot.invoice_sequence:
            newest[snapshot.invoice_id] = snapshot
    if newest:
        await receivables.store(tx, newest)


async def close_receivables(
    tx: Connection, events: Sequence[InvoiceVoided], clocks: Mapping[UUID, Clock]
) -> None:
    """End the receivables of void invoices; money that they hold moves to the contacts' credit balances.

    The invoice service voids only what is unpaid as far as it knows: money may have come in meanwhile.
    """
    await store_receivables(tx, [receivable_rules.of_invoice(e.workspace_id, e.data) for e in events])
    still_open = await receivables.lock_not_closed(tx, [(e.workspace_id, e.subject) for e in events])
    if not still_open:
        return
    closed = {before.invoice_id: receivable_rules.close(before) for before in still_open}
    holding = [before for before in still_open if before.paid_minor]
    await receivables.close(tx, list(closed.values()))
    if holding:
        await _return_money(tx, holding, closed, {event.subject: event for event in events}, clocks)


async def _return_money(
    tx: Connection,
    holding: Sequence[Receivable],
    closed: Mapping[UUID, Receivable],
    causes: Mapping[UUID, InvoiceVoided],
    clocks: Mapping[UUID, Clock],
) -> None:
    released, recorded = [], list[Event]()
    for before in await payments.lock_allocated_to(tx, holding):
        after = payment_rules.release(before, closed, clocks[before.workspace_id].now())
        cause = next(
            causes[a.invoice_id] for a in before.allocations if a.live_minor and a.invoice_id in causes
        )
        released.append((before, after))
        recorded.append(PaymentUpdated.of(after.workspace_id, payment_rules.snapshot(after)).caused_by(cause))
    await payments.release(tx, [after for _, after in released])
    recorded += await add_credits(tx, [_freed(before, after) for before, after in released])
    await outbox.record(tx, *recorded)


def _freed(before: Payment, after: Payment) -> Credit:
    return Credit(
        workspace_id=after.workspace_id,
        contact_id=after.contact_id,
        currency=after.currency,
        amount_minor=after.unallocated_minor - before.unallocated_minor,
        at=after.updated_at,
    )
