"""What becomes of an issued invoice's money: paid, credited, written off; its status follows from that.

The payment service judges what is paid and written off (`receivable.py` there): both reckon alike.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.invoice.invoices.domain.invoice import MOVES, Invoice, Status
from shared.kernel.errors import Conflict, IllegalMove, Invalid
from shared.kernel.moves import require_move


class ExceedsDue(Invalid):
    """The invoice does not ask for so much."""

    code = "exceeds_due"


class NothingWrittenOff(Conflict):
    """Nothing of the invoice is written off."""

    code = "nothing_written_off"


@dataclass(frozen=True, slots=True)
class ReceivableState:
    """What a receivable shows at one version; written off by this decision of ours, None where not noted."""

    paid_minor: int
    version: int
    written_off_minor: int | None = None
    write_off_version: int = 0


def settle(invoice: Invoice, state: ReceivableState, now: datetime) -> Invoice:
    """Show what the payment service says has been paid; the newest version of the receivable wins.

    Returns the invoice as it is when it shows this or a newer version already. While the payment service has
    yet to hear of the newest write-off, what that came to is reckoned here as it will be there.
    """
    if state.version <= invoice.receivable_version:
        return invoice
    written_off_minor = state.written_off_minor
    if state.write_off_version < invoice.write_off_version:
        written_off_minor = invoice.write_off_target_minor
    elif written_off_minor is None:
        written_off_minor = invoice.amount_written_off_minor
    followed = replace(
        invoice,
        amount_paid_minor=state.paid_minor,
        amount_written_off_minor=written_off_minor,
        receivable_version=state.version,
        version=invoice.version + 1,
        updated_at=now,
    )
    return _derive_status(followed, now)


def with_settled_at_issue(invoice: Invoice) -> Invoice:
    """The invoice with what credit settled at its issue, while its payments have not been heard of."""
    settled = invoice.settled_at_issue_minor
    if not settled or invoice.receivable_version or invoice.issued_at is None:
        return invoice
    return _derive_status(replace(invoice, amount_paid_minor=settled), invoice.issued_at)


def credit(invoice: Invoice, amount_minor: int, now: datetime) -> Invoice:
    """Take this much back by a credit note; with nothing left to pay it is paid."""
    credited = replace(
        invoice,
        amount_credited_minor=invoice.amount_credited_minor + amount_minor,
        version=invoice.version + 1,
        updated_at=now,
    )
    return _derive_status(credited, now)


def write_off(
    invoice: Invoice, now: datetime, amount_minor: int | None = None, reason: str | None = None
) -> Invoice:
    """Give up on so much of what is expected, or on all of it; it can still be paid.

    What the payment service expects may differ by what is under way: it writes off no more than remains.
    Raises IllegalMove where nothing is expected, ExceedsDue.
    """
    require_move(MOVES, invoice.status, Status.UNCOLLECTIBLE)
    expected_minor = invoice.amount_expected_minor
    if expected_minor <= 0:
        # The table's arrow from paid is for a refund of what had been given up on before.
        raise IllegalMove("Nothing of the invoice remains to be paid.", field="status")
    if amount_minor is not None and amount_minor > expected_minor:
        raise ExceedsDue(
            f"The invoice asks for {expected_minor}.", field="amount_minor", due_minor=expected_minor
        )
    more_minor = expected_minor if amount_minor is None else amount_minor
    return _decide_write_off(invoice, invoice.amount_written_off_minor + more_minor, reason, now)


def reverse_write_off(invoice: Invoice, now: datetime) -> Invoice:
    """Expect again all that was written off; raises NothingWrittenOff."""
    if not invoice.amount_written_off_minor:
        raise NothingWrittenOff(field="status", status_now=invoice.status)
    return _decide_write_off(invoice, 0, None, now)


def _decide_write_off(invoice: Invoice, target_minor: int, reason: str | None, now: datetime) -> Invoice:
    decided = replace(
        invoice,
        amount_written_off_minor=target_minor,
        write_off_target_minor=target_minor,
        write_off_version=invoice.version + 1,
        write_off_reason=reason,
        written_off_at=now,
        version=invoice.version + 1,
        updated_at=now,
    )
    return _derive_status(decided, now)


def _derive_status(invoice: Invoice, now: datetime) -> Invoice:
    """The issued invoice with the status that follows from its amounts, whatever came before what.

    What was written off is paid or credited last: no more of it stays so than is due.
    """
    if invoice.status is Status.VOID:
        return invoice
    written_off_minor = min(invoice.amount_written_off_minor, invoice.amount_due_minor)
    stands = replace(invoice, amount_written_off_minor=written_off_minor)
    if not written_off_minor:
        stands = replace(stands, written_off_at=None, write_off_reason=None)
    if stands.amount_due_minor == 0:
        return replace(stands, status=Status.PAID, paid_at=stands.paid_at or now)
    if stands.amount_expected_minor == 0:
        return replace(stands, status=Status.UNCOLLECTIBLE, paid_at=None)
    # Asked for again: it is told of when it is late again.
    overdue_at = stands.overdue_at if stands.status is Status.OPEN else None
    return replace(stands, status=Status.OPEN, paid_at=None, overdue_at=overdue_at)
