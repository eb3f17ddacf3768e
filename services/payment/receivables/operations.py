"""Receivables follow their invoices: opened, changed, credited, written off and closed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.operations import money_batches
from services.payment.payments.repository import payments
from services.payment.receivables.domain import invoicing
from services.payment.receivables.domain import receivable as receivable_rules
from services.payment.receivables.domain.receivable import Receivable, ReceivableStatus
from services.payment.receivables.repository import credit_notes, receivables
from shared.events.credit_note import CreditNoteIssued
from shared.events.event import Event
from shared.events.invoice import InvoiceData, InvoiceVoided, InvoiceWriteOffReversed, InvoiceWrittenOff
from shared.kernel.clock import Clock
from shared.messaging.work import Unit

Clocks: TypeAlias = Mapping[UUID, Clock]


async def store_receivables(
    unit: Unit, snapshots: Iterable[Receivable], clocks: Clocks, causes: Iterable[Event] = ()
) -> None:
    """Open the receivables that are new; the newest snapshot of the others sets their due date.

    What their contacts have as credit balance settles new ones at once.
    """
    newest = _newest(snapshots)
    if not newest:
        return
    new = await receivables.insert_new(unit.tx, newest)
    batch = MoneyBatch(clocks, causes={event.subject: event for event in causes})
    existing = [receivable for receivable in newest if receivable.invoice_id not in new]
    if existing:
        for taxed in await receivables.follow(unit.tx, existing):
            if taxed.status is not ReceivableStatus.CLOSED:
                batch.transfers += invoicing.tell_tax(batch, taxed)
    opened = [receivable for receivable in newest if receivable.invoice_id in new]
    for receivable in opened:
        invoicing.open_(batch, receivable)
    await use_credit(unit, batch, [receivable for receivable in opened if receivable.due_minor])
    settled = [batch.receivables[receivable.invoice_id] for receivable in opened]
    if any(receivable.paid_minor for receivable in settled):
        await receivables.note_openings(
            unit.tx, [receivable for receivable in settled if receivable.paid_minor]
        )
    await money_batches.save(unit, batch)


async def close_receivables(unit: Unit, events: Sequence[InvoiceVoided], clocks: Clocks) -> None:
    """End the receivables of void invoices; money that they hold moves to the contacts' credit balances.

    The invoice service voids only what is unpaid as far as it knows: money may have come in meanwhile.
    """
    await store_receivables(
        unit, [receivable_rules.of_invoice(e.workspace_id, e.data) for e in events], clocks
    )
    batch = await _lock(unit, events, clocks, holds_money=True)
    for receivable in list(batch.receivables.values()):
        if receivable.status is not ReceivableStatus.CLOSED:
            invoicing.void(batch, receivable.invoice_id)
    await money_batches.save(unit, batch)


async def write_off_receivables(
    unit: Unit, events: Sequence[InvoiceWrittenOff | InvoiceWriteOffReversed], clocks: Clocks
) -> None:
    """Expect so much of these invoices no more, or again; money that comes in later takes it back, too."""
    await store_receivables(
        unit, [receivable_rules.of_invoice(e.workspace_id, e.data) for e in events], clocks
    )
    batch = await _lock(unit, events, clocks, holds_money=False)
    for event in events:
        # Else it only tells that a payment left nothing but what had been written off before.
        if event.data.write_off_version in (0, event.data.version):
            invoicing.write_off(batch, event.subject, _target(event.data), event.data.version)
    await money_batches.save(unit, batch)


async def credit_receivables(unit: Unit, events: Sequence[CreditNoteIssued], clocks: Clocks) -> None:
    """Let each credit note reduce its invoice's receivable, once; see invoicing.credit for the money."""
    snapshots = [receivable_rules.of_credit_note(e.workspace_id, e.data) for e in events]
    await store_receivables(unit, snapshots, clocks)
    keys = [(e.workspace_id, e.data.invoice_id) for e in events]
    locked = await receivables.lock(unit.tx, list(dict.fromkeys(keys)))
    holding = await payments.lock_allocated_to(unit.tx, locked)
    batch = MoneyBatch(
        clocks,
        {receivable.invoice_id: receivable for receivable in locked},
        {payment.id: payment for payment in holding},
        {event.data.invoice_id: event for event in events},
    )
    known = await credit_notes.filter_known(unit.tx, [(e.workspace_id, e.subject) for e in events])
    new = {event.subject: event for event in events if event.subject not in known}
    notes = [invoicing.credit(batch, invoicing.to_credit_terms(event.data)) for event in new.values()]
    if notes:
        await credit_notes.insert(unit.tx, notes)
    await money_batches.save(unit, batch)


def _target(data: InvoiceData) -> int | None:
    """What of it is written off in all; None: the rest, as events from before there were parts mean it."""
    is_from_before = data.status == "uncollectible" and not data.amount_written_off_minor
    return None if is_from_before else data.amount_written_off_minor


async def _lock(
    unit: Unit,
    events: Sequence[InvoiceVoided | InvoiceWrittenOff | InvoiceWriteOffReversed],
    clocks: Clocks,
    *,
    holds_money: bool,
) -> MoneyBatch:
    keys = list(dict.fromkeys((event.workspace_id, event.subject) for event in events))
    locked = await receivables.lock(unit.tx, keys)
    paid = [receivable for receivable in locked if receivable.paid_minor] if holds_money else []
    holding = await payments.lock_allocated_to(unit.tx, paid) if paid else []
    return MoneyBatch(
        clocks,
        {receivable.invoice_id: receivable for receivable in locked},
        {payment.id: payment for payment in holding},
        {event.subject: event for event in events},
    )


async def use_credit(unit: Unit, batch: MoneyBatch, asking: Sequence[Receivable]) -> None:
    """Let the contacts' unallocated money settle receivables of the book, which are locked.

    See invoicing.settle_with_credit. The payments are read under their own lock, so nothing is used twice.
    """
    keys = {(receivable.workspace_id, receivable.contact_id, receivable.currency) for receivable in asking}
    if not keys:
        return
    locked = await payments.lock_with_credit(unit.tx, sorted(keys))
    if locked:
        batch.payments |= {payment.id: payment for payment in locked}
        # As many allocations at most as one a payment and one a receivable: each ends one of the two.
        serials = await allocations.serials(unit.tx, len(locked) + len(asking))
        invoicing.settle_with_credit(batch, asking, iter(serials))


def _newest(snapshots: Iterable[Receivable]) -> list[Receivable]:
    newest: dict[UUID, Receivable] = {}
    for snapshot in snapshots:
        before = newest.get(snapshot.invoice_id)
        if before is None or before.invoice_sequence < snapshot.invoice_sequence:
            newest[snapshot.invoice_id] = snapshot
    return list(newest.values())
