"""Receivables: what an issued invoice still asks for. This service alone judges how much that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.events.invoice import InvoiceData, PaymentStatus
from shared.kernel.errors import Conflict
from shared.kernel.moves import require_move


class Status(StrEnum):
    """Where a receivable stands."""

    OPEN = "open"
    SETTLED = "settled"
    CLOSED = "closed"


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.SETTLED, Status.CLOSED}),
    Status.SETTLED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset(),
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
    status: Status
    total_minor: int
    paid_minor: int
    credited_minor: int
    issue_date: date
    due_date: date | None
    invoice_sequence: int
    version: int

    @property
    def due_minor(self) -> int:
        """What remains to be paid; nothing once it is closed."""
        return 0 if self.status is Status.CLOSED else self.total_minor - self.paid_minor - self.credited_minor

    @property
    def payment_status(self) -> PaymentStatus:
        """How far it is paid, in the words of the invoice."""
        return payment_status(self.paid_minor, self.due_minor)


@dataclass(frozen=True, slots=True)
class Payables:
    """Receivables by invoice, locked to be paid, and as many serials for allocations, ascending."""

    receivables: Mapping[UUID, Receivable]
    serials: Sequence[int]


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
        status = Status.CLOSED
    else:
        status = Status.OPEN if invoice.total_minor else Status.SETTLED
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
    )


def of_reply(workspace_id: UUID, reply: Any) -> Receivable:
    """The same for an invoice as the public API shows it; raises ValueError when it is none."""
    return of_invoice(workspace_id, InvoiceData.model_validate(reply))


def pay(receivable: Receivable, amount_minor: int) -> Receivable:
    """Take in money for it; raises ValueError for more than is due, which never belongs to an invoice."""
    if not 0 < amount_minor <= receivable.due_minor:
        raise ValueError(f"{amount_minor} does not fit into the {receivable.due_minor} that is due")
    is_settled = amount_minor == receivable.due_minor
    return replace(
        receivable,
        paid_minor=receivable.paid_minor + amount_minor,
        status=Status.SETTLED if is_settled else Status.OPEN,
        version=receivable.version + 1,
    )


def close(receivable: Receivable) -> Receivable:
    """End it, because its invoice is void; whatever was paid belongs to the contact again.

    Raises IllegalMove when it is closed already.
    """
    require_move(MOVES, receivable.status, Status.CLOSED)
    return replace(receivable, status=Status.CLOSED, paid_minor=0, version=receivable.version + 1)
