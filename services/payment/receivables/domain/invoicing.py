"""What an invoice's fate does to its receivable and the money on it: opened, credited, written off, void."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.payment.ledger.domain import Accounts, Transfer, sale, transfer
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Allocation, Payment, reinstatement
from services.payment.receivables.domain import receivable as receivable_rules
from services.payment.receivables.domain.receivable import Receivable, ReceivableStatus
from services.payment.refunds.domain import refunding
from services.payment.refunds.domain.refund import RefundRequest
from shared.events.credit_note import CreditNoteData

OUT_OF_BAND = "out_of_band"
"""The method of a refund that was given back elsewhere: only its sum is known."""


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note heard, and where its money went; minor units of the invoice's currency."""

    workspace_id: UUID
    id: UUID
    invoice_id: UUID
    number: str
    total_minor: int
    tax_minor: int
    refunded_minor: int
    out_of_band_minor: int
    to_balance_minor: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """What a credit note says: it takes back so much, and what was paid of it goes these ways."""

    id: UUID
    invoice_id: UUID
    number: str
    issue_date: date
    total_minor: int
    tax_minor: int
    refund_minor: int
    out_of_band_minor: int


def open_(batch: MoneyBatch, receivable: Receivable) -> None:
    """A receivable is new: book what it asks for."""
    batch.receivables[receivable.invoice_id] = receivable
    if receivable.status is not ReceivableStatus.CLOSED:
        occasion = batch.occasion(
            receivable.workspace_id, "invoice", receivable.invoice_id, receivable.issue_date
        )
        tax_minor = receivable.tax_minor or 0
        batch.transfers += sale(accounts_of(receivable), receivable.total_minor, tax_minor, occasion)


def tell_tax(batch: MoneyBatch, receivable: Receivable) -> Iterator[Transfer]:
    """What is booked once the tax of a receivable is known that a credit note had opened."""
    occasion = batch.occasion(
        receivable.workspace_id, "invoice", receivable.invoice_id, receivable.issue_date
    )
    accounts = accounts_of(receivable)
    yield from transfer(accounts.revenue, accounts.tax, receivable.tax_minor or 0, occasion)


def settle_with_credit(batch: MoneyBatch, asking: Sequence[Receivable], serials: Iterator[int]) -> None:
    """Let what the contacts have unallocated settle what these receivables expect, the oldest money first.

    Receivables take theirs in the order of due date, issue date and number. What was written off takes none:
    only money that is given for it does.
    """
    payments = sorted(batch.payments.values(), key=lambda payment: (payment.paid_on, payment.id))
    for receivable in sorted(asking, key=receivable_rules.due_order):
        for payment in payments:
            expected_minor = batch.receivables[receivable.invoice_id].expected_minor
            spread(batch, payment.id, receivable.invoice_id, serials, expected_minor)


def spread(
    batch: MoneyBatch,
    payment_id: UUID,
    invoice_id: UUID,
    serials: Iterator[int],
    most_minor: int | None = None,
) -> None:
    """Let the payment settle what both (and `most_minor`) allow of the invoice, if they belong together."""
    payment, receivable = batch.payments[payment_id], batch.receivables[invoice_id]
    asked = receivable.due_minor if most_minor is None else min(most_minor, receivable.due_minor)
    part = min(payment.unallocated_minor, asked)
    if part > 0 and _belong(payment, receivable):
        batch.apply(payment_id, invoice_id, part, next(serials))


def void(batch: MoneyBatch, invoice_id: UUID) -> None:
    """The invoice is void: nothing is asked for, and the money on it is unallocated again."""
    receivable = batch.receivables[invoice_id]
    for payment_id, allocation in _newest_first(batch, invoice_id):
        batch.take_back(payment_id, allocation, allocation.live_minor)
    receivable = batch.receivables[invoice_id]
    occasion = batch.occasion(receivable.workspace_id, "void", invoice_id)
    accounts = accounts_of(receivable)
    total_minor = receivable.total_minor - receivable.credited_minor
    tax_minor = (receivable.tax_minor or 0) - receivable.credited_tax_minor
    batch.transfers += transfer(
        accounts.receivable, accounts.write_off, receivable.written_off_minor, occasion
    )
    batch.transfers += sale(accounts, total_minor, tax_minor, occasion, is_reversed=True)
    batch.put_receivable(receivable_rules.close(receivable))


def write_off(batch: MoneyBatch, invoice_id: UUID, target_minor: int | None, invoice_version: int) -> None:
    """So much of the invoice in all (None: the rest, 0: nothing) is not expected any more.

    What is older than what was heard of, or comes once the invoice is void, changes nothing.
    """
    receivable = batch.receivables[invoice_id]
    if receivable.status is ReceivableStatus.CLOSED or invoice_version <= receivable.write_off_version:
        return
    after = receivable_rules.write_off(receivable, target_minor, invoice_version)
    more_minor = after.written_off_minor - receivable.written_off_minor
    occasion = batch.occasion(receivable.workspace_id, "write_off", invoice_id)
    accounts = accounts_of(receivable)
    batch.transfers += transfer(accounts.write_off, accounts.receivable, more_minor, occasion)
    batch.put_receivable(after)


def credit(batch: MoneyBatch, note: CreditTerms) -> CreditNote:
    """The credit note reduces what is asked for; what had been paid beyond that leaves the invoice.

    Of that, `refund_minor` becomes refunds of the payments it came from, the newest first,
    `out_of_band_minor` refunds that have succeeded already, and the rest is unallocated: credit balance.
    """
    receivable = batch.receivables[note.invoice_id]
    workspace_id = receivable.workspace_id
    is_void = receivable.status is ReceivableStatus.CLOSED
    released = [] if is_void else _make_room(batch, note)
    if not is_void:
        receivable = batch.receivables[note.invoice_id]
        occasion = batch.occasion(workspace_id, "credit_note", note.id, note.issue_date)
        batch.transfers += reinstatement(receivable, note.total_minor, occasion)
        batch.transfers += sale(
            accounts_of(receivable), note.total_minor, note.tax_minor, occasion, is_reversed=True
        )
        batch.put_receivable(receivable_rules.credit(receivable, note.total_minor, note.tax_minor))
    out_of_band = _pay_out(batch, released, note.out_of_band_minor, note, OUT_OF_BAND)
    refunded = _pay_out(batch, released, note.refund_minor, note, None)
    return CreditNote(
        workspace_id=workspace_id,
        id=note.id,
        invoice_id=note.invoice_id,
        number=note.number,
        total_minor=note.total_minor,
        tax_minor=note.tax_minor,
        refunded_minor=refunded,
        out_of_band_minor=out_of_band,
        to_balance_minor=sum(part for _, part in released),
        created_at=batch.now(workspace_id),
    )


def to_credit_terms(note: CreditNoteData) -> CreditTerms:
    """What a credit note says, in the words of this module."""
    return CreditTerms(
        id=note.id,
        invoice_id=note.invoice_id,
        number=note.number,
        issue_date=note.issue_date,
        total_minor=note.total_minor,
        tax_minor=note.tax_minor,
        refund_minor=note.refund_minor,
        out_of_band_minor=note.out_of_band_minor,
    )


def accounts_of(receivable: Receivable) -> Accounts:
    """The ledger's accounts of the receivable's contact."""
    return Accounts(receivable.workspace_id, receivable.currency, receivable.contact_id)


def _make_room(batch: MoneyBatch, note: CreditTerms) -> list[tuple[UUID, int]]:
    """Take back what the invoice was paid beyond what it asks for now: by payment, the newest first."""
    missing = note.total_minor - batch.receivables[note.invoice_id].due_minor
    released: list[tuple[UUID, int]] = []
    for payment_id, allocation in _newest_first(batch, note.invoice_id):
        part = min(missing, allocation.live_minor)
        if part > 0:
            batch.take_back(payment_id, allocation, part)
            released.append((payment_id, part))
            missing -= part
    return released


def _pay_out(
    batch: MoneyBatch,
    released: list[tuple[UUID, int]],
    amount_minor: int,
    note: CreditTerms,
    method: str | None,
) -> int:
    """Refund so much of what was released, which shrinks by it; how much there was of it."""
    paid_out = 0
    for index, (payment_id, part) in enumerate(released):
        share = min(part, amount_minor - paid_out)
        if share > 0:
            request = RefundRequest(share, f"Credit note {note.number}", method, None, note.id)
            refund = refunding.begin(batch, payment_id, request)
            if method == OUT_OF_BAND or refunding.is_by_hand(batch.payments[payment_id]):
                refunding.finish(batch, refund, succeeded=True)
            released[index] = (payment_id, part - share)
            paid_out += share
    return paid_out


def _newest_first(batch: MoneyBatch, invoice_id: UUID) -> list[tuple[UUID, Allocation]]:
    pairs = [
        (payment.id, allocation)
        for payment in batch.payments.values()
        for allocation in payment.allocations
        if allocation.invoice_id == invoice_id and allocation.live_minor
    ]
    return sorted(pairs, key=lambda pair: -pair[1].serial)


def _belong(payment: Payment, receivable: Receivable) -> bool:
    return (payment.workspace_id, payment.contact_id, payment.currency) == (
        receivable.workspace_id,
        receivable.contact_id,
        receivable.currency,
    )
