"""What a line is for: rules with evidence that a person can check; what no rule says is not booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.payment.bank_files.domain.statement import BankEntry
from services.payment.bank_lines.domain import line as line_rules
from services.payment.bank_lines.domain.line import BankLine, LineDecision, Rule
from services.payment.payments.domain.registration import Registration
from services.payment.receivables.domain.receivable import Receivable
from services.payment.statements.domain import naming
from services.payment.statements.domain.statement import Line, LineOutcome
from shared.kernel.money import to_major

METHOD = "bank_transfer"
REGISTERED_WITHIN = timedelta(days=5)
"""A payment that was registered by hand may lie so far from the day on which the bank booked it."""


@dataclass(frozen=True, slots=True)
class RegisteredPayment:
    """A payment that was registered by hand and has no line; `names` are what its payer may have written."""

    id: UUID
    amount_minor: int
    currency: str
    paid_on: date
    names: tuple[str, ...]


def reference_of(entry: BankEntry) -> str:
    """All that may name invoices, the surest first."""
    remittance = entry.remittance
    parts = (*remittance.structured, remittance.text, remittance.end_to_end_id)
    return " ".join(part for part in parts if part)


def find_registered(
    lines: Sequence[BankLine], payments: Iterable[RegisteredPayment]
) -> dict[UUID, RegisteredPayment]:
    """By line, the one payment of its amount, near its day, of which it names an invoice or the reference.

    A line that fits several payments, or a payment that fits several lines, is for a person.
    """
    fitting = {line.id: payments_of(line, payments) for line in lines}
    taken = [payment.id for found in fitting.values() for payment in found]
    return {
        line_id: found[0]
        for line_id, found in fitting.items()
        if len(found) == 1 and taken.count(found[0].id) == 1
    }


def payments_of(line: BankLine, payments: Iterable[RegisteredPayment]) -> list[RegisteredPayment]:
    """The payments that may be this line's money."""
    entry, keys = line.entry, set(naming.keys_of(reference_of(line.entry)))
    return [
        payment
        for payment in payments
        if (payment.amount_minor, payment.currency) == (entry.amount_minor, entry.currency)
        and abs(payment.paid_on - entry.booked_on) <= REGISTERED_WITHIN
        and any(naming.key_of(name) in keys for name in payment.names)
    ]


def to_statement_line(line: BankLine) -> Line:
    """The line as the matcher of statements takes it."""
    entry = line.entry
    registration = Registration(
        targets=(),
        contact_id=None,
        amount_minor=entry.amount_minor,
        amount=None,
        currency=entry.currency,
        method=METHOD,
        external_reference=None,
        paid_on=entry.booked_on,
        note=entry.remittance.text[:4000] or None,
    )
    return Line(registration, None, reference_of(entry))


def decide(line: BankLine, outcome: LineOutcome, now: datetime) -> BankLine:
    """The line after the matcher has judged it."""
    if outcome.payment is not None:
        decision = LineDecision(_rule(line, outcome.meant), _evidence(line, outcome.meant), now)
        return line_rules.match(line, outcome.payment.id, decision, has_made_payment=True)
    if outcome.outcome == "ambiguous":
        numbers = _listed(outcome.candidates)
        said = f"It may be for {numbers}; which of them get how much is not clear."
        candidate_ids = [receivable.invoice_id for receivable in outcome.candidates]
        return line_rules.propose(line, LineDecision(Rule.AMBIGUOUS, (said,), now), candidate_ids)
    if outcome.fault is not None:
        decision = LineDecision(Rule.REFUSED, (outcome.fault.detail,), now)
        return line_rules.propose(line, decision, [receivable.invoice_id for receivable in outcome.meant])
    return line_rules.propose(line, LineDecision(Rule.UNKNOWN_PAYER, ("It names no invoice here.",), now), ())


def leave_outgoing(line: BankLine, now: datetime) -> BankLine:
    """A line whose money went out, for a person to decide."""
    return line_rules.propose(line, LineDecision(Rule.OUTGOING, ("Its money went out.",), now), ())


def link(line: BankLine, payment: RegisteredPayment, now: datetime) -> BankLine:
    """The line of a payment that was registered before."""
    said = f"A payment of {_major(line)} was registered on {payment.paid_on}; the text names what it is for."
    decision = LineDecision(Rule.REGISTERED_BEFORE, (said,), now)
    return line_rules.match(line, payment.id, decision, has_made_payment=False)


def _rule(line: BankLine, meant: Sequence[Receivable]) -> Rule:
    due_minor = sum(receivable.due_minor for receivable in meant)
    if line.entry.amount_minor < due_minor:
        return Rule.NUMBER_PART
    if line.entry.amount_minor > due_minor:
        return Rule.NUMBER_OVER
    structured = {key for text in line.entry.remittance.structured for key in naming.keys_of(text)}
    is_structured = all(naming.key_of(receivable.number) in structured for receivable in meant)
    return Rule.STRUCTURED if is_structured else Rule.NUMBERS


def _evidence(line: BankLine, meant: Sequence[Receivable]) -> tuple[str, ...]:
    due_minor = sum(receivable.due_minor for receivable in meant)
    due = to_major(due_minor, line.entry.currency)
    return (
        f"The text names {_listed(meant)}.",
        f"{_major(line)} came in; {due} {line.entry.currency} was due.",
    )


def _listed(receivables: Sequence[Receivable]) -> str:
    return ", ".join(receivable.number for receivable in receivables)


def _major(line: BankLine) -> str:
    return f"{to_major(line.entry.amount_minor, line.entry.currency)} {line.entry.currency}"
