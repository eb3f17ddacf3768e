"""Receivables: what an issued invoice still asks for. This service alone judges how much that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.events import reading
from shared.events.credit_note import CreditNoteData
from shared.events.invoice import InvoiceData, PaymentStatus
from shared.kernel.errors import Conflict
from shared.kernel.moves import require_move


class ReceivableStatus(StrEnum):
    """Where a receivable stands."""

    OPEN = "open"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"
    CLOSED = "closed"


MOVES: Mapping[ReceivableStatus, frozenset[ReceivableStatus]] = {
    ReceivableStatus.OPEN: frozenset(
        {ReceivableStatus.SETTLED, ReceivableStatus.WRITTEN_OFF, ReceivableStatus.CLOSED}
    ),
    ReceivableStatus.SETTLED: frozenset({ReceivableStatus.OPEN, ReceivableStatus.CLOSED}),
    ReceivableStatus.WRITTEN_OFF: frozenset(
        {ReceivableStatus.OPEN, ReceivableStatus.SETTLED, ReceivableStatus.CLOSED}
    ),
    ReceivableStatus.CLOSED: frozenset(),
}


class InvoiceNotIssued(Conflict):
    """The invoice is a draft: it can be paid once it is issued."""

    code = "invoice_not_issued"


class ReceivableClosed(Conflict):
    """The invoice is void: it asks for no money."""

    code = "receivable_closed"


@dataclass(frozen=True, slots=True)
class Receivable:
    """What one invoice asks for, at one version; amounts in minor units of `currency`."""

    workspace_id: UUID
    invoice_id: UUID
    contact_id: UUID
    number: str
    currency: str
    status: ReceivableStatus
    total_minor: int
    paid_minor: int
    credited_minor: int
    issue_date: date
    due_date: date | None
    invoice_sequence: int
    version: int
    tax_minor: int | None = 0
    credited_tax_minor: int = 0
    written_off_minor: int = 0
    is_written_off: bool = False
    reference: str | None = None
    write_off_version: int = 0

    @property
    def due_minor(self) -> int:
        """What remains to be paid, written off or not; nothing once it is closed."""
        return (
            0
            if self.status is ReceivableStatus.CLOSED
            else self.total_minor - self.paid_minor - self.credited_minor
        )

    @property
    def expected_minor(self) -> int:
        """What of it is still expected: the contact's accounts receivable are the sum of this."""
        return 0 if self.status is ReceivableStatus.CLOSED else self.due_minor - self.written_off_minor

    @property
    def payment_status(self) -> PaymentStatus:
        """How far it is paid, in the words of the invoice."""
        return payment_status(self.paid_minor, self.due_minor)


@dataclass(frozen=True, slots=True)
class Payables:
    """Receivables by invoice, locked to be paid, and as many serials for allocations, ascending."""

    receivables: Mapping[UUID, Receivable]
    serials: Sequence[int]


def due_order(receivable: Receivable) -> tuple[date, date, str, UUID]:
    """What puts receivables in the order in which they are due: due date, issue date, number."""
    due_date = receivable.due_date or date.max
    return due_date, receivable.issue_date, receivable.number, receivable.invoice_id


def payment_status(paid_minor: int, due_minor: int) -> PaymentStatus:
    """How far an invoice with these amounts is paid."""
    if paid_minor > 0:
        return "partially_paid" if due_minor > 0 else "paid"
    return "unpaid"


def of_invoice(workspace_id: UUID, invoice: InvoiceData) -> Receivable:
    """The receivable that an invoice opens, or the closed one of a void invoice; raises InvoiceNotIssued."""
    if invoice.status == "draft" or invoice.number is None or invoice.issue_date is None:
        raise InvoiceNotIssued
    if invoice.status == "void":
        status = ReceivableStatus.CLOSED
    else:
        status = ReceivableStatus.OPEN if invoice.total_minor else ReceivableStatus.SETTLED
    return Receivable(
        workspace_id=workspace_id,
        invoice_id=invoice.id,
        contact_id=invoice.contact_id,
        number=invoice.number,
        currency=invoice.currency,
        status=status,
        total_minor=invoice.total_minor,
        paid_minor=0,
        credited_minor=0,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        invoice_sequence=invoice.version,
        version=1,
        tax_minor=invoice.tax_minor,
        reference=invoice.reference,
    )


def of_reply(workspace_id: UUID, reply: object) -> Receivable:
    """The same for an invoice as the public API shows it; raises ValueError when it is none."""
    return of_invoice(workspace_id, reading.read_reply(InvoiceData, reply))


def of_credit_note(workspace_id: UUID, note: CreditNoteData) -> Receivable:
    """The receivable of the invoice that is credited, where the credit note is heard of before the invoice.

    What part of it is tax is not known then; the invoice's own snapshot tells.
    """
    invoice = note.invoice
    return Receivable(
        workspace_id=workspace_id,
        invoice_id=invoice.id,
        contact_id=note.contact_id,
        number=invoice.number,
        currency=note.currency,
        status=ReceivableStatus.OPEN if invoice.total_minor else ReceivableStatus.SETTLED,
        total_minor=invoice.total_minor,
        paid_minor=0,
        credited_minor=0,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        invoice_sequence=invoice.version,
        version=1,
        tax_minor=None,
    )


def pay(receivable: Receivable, amount_minor: int) -> Receivable:
    """Take in money for it; raises ValueError for more than is due, which never belongs to an invoice.

    What was written off is paid last: it is expected again by so much.
    """
    if not 0 < amount_minor <= receivable.due_minor:
        raise ValueError(f"{amount_minor} does not fit into the {receivable.due_minor} that is due")
    reinstated = max(0, amount_minor - receivable.expected_minor)
    return _with_status(
        replace(
            receivable,
            paid_minor=receivable.paid_minor + amount_minor,
            written_off_minor=receivable.written_off_minor - reinstated,
            version=receivable.version + 1,
        )
    )


def give_back(receivable: Receivable, amount_minor: int) -> Receivable:
    """Let money go that it holds: it asks for so much again; raises ValueError for more than it holds."""
    if not 0 < amount_minor <= receivable.paid_minor:
        raise ValueError(f"{amount_minor} is not among the {receivable.paid_minor} that is paid")
    return _with_status(
        replace(receivable, paid_minor=receivable.paid_minor - amount_minor, version=receivable.version + 1)
    )


def credit(receivable: Receivable, total_minor: int, tax_minor: int) -> Receivable:
    """Ask for less by a credit note; what was paid beyond that must be given back before.

    What is expected is reduced first, then what was written off. Raises ValueError for more than is due.
    """
    if not 0 <= total_minor <= receivable.due_minor:
        raise ValueError(f"{total_minor} does not fit into the {receivable.due_minor} that is due")
    reinstated = max(0, total_minor - receivable.expected_minor)
    return _with_status(
        replace(
            receivable,
            credited_minor=receivable.credited_minor + total_minor,
            credited_tax_minor=receivable.credited_tax_minor + tax_minor,
            written_off_minor=receivable.written_off_minor - reinstated,
            version=receivable.version + 1,
        )
    )


def write_off(receivable: Receivable, target_minor: int | None, invoice_version: int) -> Receivable:
    """Expect so much of the rest no more in all, the whole rest without an amount, and 0 takes it back.

    Of what the invoice decides the newest counts, by its version, so nothing happens twice and in whatever
    order it is heard of; no more is written off than remains. Raises IllegalMove when the invoice is void.
    """
    if receivable.status is ReceivableStatus.CLOSED:
        require_move(MOVES, receivable.status, ReceivableStatus.WRITTEN_OFF)
    if invoice_version <= receivable.write_off_version:
        return receivable
    due_minor = receivable.due_minor
    written_off_minor = due_minor if target_minor is None else min(target_minor, due_minor)
    return _with_status(
        replace(
            receivable,
            written_off_minor=written_off_minor,
            is_written_off=written_off_minor > 0,
            write_off_version=invoice_version,
            version=receivable.version + 1,
        )
    )


def close(receivable: Receivable) -> Receivable:
    """End it, because its invoice is void; whatever was paid belongs to the contact again.

    Raises IllegalMove when it is closed already.
    """
    require_move(MOVES, receivable.status, ReceivableStatus.CLOSED)
    return replace(
        receivable,
        status=ReceivableStatus.CLOSED,
        paid_minor=0,
        written_off_minor=0,
        version=receivable.version + 1,
    )


def _with_status(receivable: Receivable) -> Receivable:
    if receivable.expected_minor:
        status = ReceivableStatus.OPEN
    else:
        status = ReceivableStatus.WRITTEN_OFF if receivable.written_off_minor else ReceivableStatus.SETTLED
    return receivable if receivable.status is status else replace(receivable, status=status)
