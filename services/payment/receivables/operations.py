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
    known = [one for one in newest if one.invoice_id not in new]
    if known:
        for told in await receivables.follow(unit.tx, known):
            if told.status is not ReceivableStatus.CLOSED:
                batch.transfers += invoicing.tell_tax(batch, told)
    opened = [one for one in newest if one.invoice_id in new]
    for one in opened:
        invoicing.open_(batch, one)
    await use_credit(unit, batch, [one for one in opened if one.due_minor])
    settled = [batch.receivables[one.invoice_id] for one in opened]
    if any(one.paid_minor for one in settled):
        await receivables.note_openings(unit.tx, [one for one in settled if one.paid_minor])
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
    found = await receivables.lock(unit.tx, list(dict.fromkeys(keys)))
    holding = await payments.lock_allocated_to(unit.tx, found)
    batch = MoneyBatch(
        clocks,
        {one.invoice_id: one for one in found},
        {one.id: one for one in holding},
        {event.data.invoice_id: event for event in events},
    )
    known = await credit_notes.filter_known(unit.tx, [(e.workspace_id, e.subject) for e in events])
    new = {event.subject: event for event in events if event.subject not in known}
    notes = [invoicing.credit(batch, invoicing.credited(event.data)) for event in new.values()]
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
    found = await receivables.lock(unit.tx, keys)
    holding = [one for one in found if one.paid_minor] if holds_money else []
    locked = await payments.lock_allocated_to(unit.tx, holding) if holding else []
    return MoneyBatch(
        clocks,
        {one.invoice_id: one for one in found},
        {one.id: one for one in locked},
        {event.subject: event for event in events},
    )


async def use_credit(unit: Unit, batch: MoneyBatch, asking: Sequence[Receivable]) -> None:
    """Let the contacts' unallocated money settle receivables of the book, which are locked.

    See invoicing.settle_with_credit. The payments are read under their own lock, so nothing is used twice.
    """
    keys = {(one.workspace_id, one.contact_id, one.currency) for one in asking}
    if not keys:
        return
    found = await payments.lock_with_credit(unit.tx, sorted(keys))
    if found:
        batch.payments |= {one.id: one for one in found}
        # As many allocations at most as one a payment and one a receivable: each ends one of the two.
        serials = await allocations.serials(unit.tx, len(found) + len(asking))
        invoicing.settle_with_credit(batch, asking, iter(serials))


def _newest(snapshots: Iterable[Receivable]) -> list[Receivable]:
    newest: dict[UUID, Receivable] = {}
    for snapshot in snapshots:
        known = newest.get(snapshot.invoice_id)
        if known is None or known.invoice_sequence < snapshot.invoice_sequence:
            newest[snapshot.invoice_id] = snapshot
    return list(newest.values())
