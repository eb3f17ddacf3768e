"""Bank statements: many lines of money that came in, each matched to the invoices that it names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from services.payment.ledger.domain import Transfer
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import (
    ContactMismatch,
    Registration,
    Target,
    check,
    total_minor,
)
from services.payment.receivables.domain.receivable import Payables, Receivable
from services.payment.statements.domain import naming
from services.payment.statements.domain.naming import Span
from shared.events.payment import PaymentData
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError

Outcome = Literal["registered", "duplicate", "ambiguous", "unmatched", "error"]
MAX_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the registration without its target, and what its payer wrote about what it is for."""

    registration: Registration
    invoice_id: UUID | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What became of one line."""

    outcome: Outcome
    payment: Payment | None = None
    snapshot: PaymentData | None = None
    first_payment_id: UUID | None = None
    fault: BillingError | None = None
    candidates: tuple[Receivable, ...] = ()
    # The invoices that it is for, as they were before it came.
    meant: tuple[Receivable, ...] = ()


@dataclass(slots=True)
class Statement:
    """What is known when the lines are gone through: locked receivables, serials and earlier payments."""

    workspace_id: UUID
    default_currency: str
    clock: Clock
    receivables: dict[UUID, Receivable]
    known_contacts: frozenset[UUID]
    earlier: dict[tuple[str, str], UUID]
    serials: Iterator[int] = field(default_factory=lambda: iter(()))
    transfers: list[Transfer] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    _by_key: dict[str, list[UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for receivable in self.receivables.values():
            for text in (receivable.number, receivable.reference):
                if text:
                    self._by_key.setdefault(naming.key_of(text), []).append(receivable.invoice_id)

    def most_allocations(self, lines: Iterable[Line]) -> int:
        """How many allocations the lines make at most: as many serials are needed."""
        return sum(max(1, len(self._named(line.reference))) for line in lines)

    def take(self, line: Line) -> LineOutcome:
        """Register one line, unless it came before, what it is for is unclear, or a rule is against it."""
        registration = line.registration
        first = self.earlier.get((registration.external_reference or "", registration.method))
        if first:
            return LineOutcome("duplicate", first_payment_id=first)
        meant: tuple[Receivable, ...] = ()
        try:
            invoice_ids = self._meant(line)
            meant = tuple(self.receivables[id_] for id_ in invoice_ids)
            if not invoice_ids and registration.contact_id not in self.known_contacts:
                return LineOutcome("unmatched")
            payment = self._register(registration, invoice_ids)
        except _Unclear as unclear:
            return LineOutcome("ambiguous", candidates=self._candidates(unclear.invoice_ids))
        except BillingError as fault:
            return LineOutcome("error", fault=fault, meant=meant)
        return LineOutcome("registered", payment, payment_rules.snapshot(payment), meant=meant)

    def _register(self, registration: Registration, invoice_ids: Sequence[UUID]) -> Payment:
        before, serials = self.receivables, [next(self.serials) for _ in invoice_ids]
        if invoice_ids:
            targets = tuple(Target(id_, None, "invoice_id") for id_ in invoice_ids)
            registration = replace(registration, targets=targets, contact_id=None)
        check(registration)
        payables = Payables(before, serials)
        payment, paid = payment_rules.register(
            self.workspace_id, registration, payables, self.default_currency, self.clock
        )
        self.transfers += payment_rules.entries(payment, before)
        for after in paid:
            self.receivables[after.invoice_id] = after
            self.changed.add(after.invoice_id)
        if payment.external_reference is not None:
            self.earlier[payment.external_reference, payment.method] = payment.id
        return payment

    def _meant(self, line: Line) -> list[UUID]:
        """The invoices that the line is for, in the order named; raises _Unclear, naming all that may be."""
        if line.invoice_id is not None:
            return self._by_id(line.invoice_id, line.registration.contact_id)
        readings = self._readings(line)
        asking = [[id_ for id_ in reading if self.receivables[id_].due_minor] for reading in readings]
        certain = {reading[0] for reading in asking if len(reading) == 1}
        doubtful = [reading for reading in asking if len(reading) > 1 and not certain & set(reading)]
        if doubtful:
            raise _Unclear(id_ for reading in asking for id_ in reading)
        meant = list(dict.fromkeys(reading[0] for reading in asking if len(reading) == 1))
        named = list(dict.fromkeys(id_ for reading in readings for id_ in reading))
        if not meant and len(named) > 1:
            raise _Unclear(named)
        self._require_fit(line.registration, meant or named, named)
        return meant or named

    def _by_id(self, invoice_id: UUID, contact_id: UUID | None) -> list[UUID]:
        receivable = self.receivables.get(invoice_id)
        if receivable and contact_id not in (None, receivable.contact_id):
            raise ContactMismatch("The invoice is another contact's.", field="contact_id")
        return [invoice_id] if receivable else []

    def _named(self, text: str | None) -> set[UUID]:
        return {id_ for key in naming.keys_of(text) for id_ in self._by_key.get(key, ())}

    def _readings(self, line: Line) -> list[list[UUID]]:
        """By number named, in the order of the text: whose it is; of overlapping ones the longest counts."""
        hits = [span for span in naming.spans_of(line.reference) if span.key in self._by_key]
        read: list[Span] = []
        for span in hits:
            over = [one for one in read if one.overlaps(span)]
            if any(self._are_two_ways(one, span) for one in over):
                raise _Unclear(id_ for one in (*over, span) for id_ in self._by_key[one.key])
            if not over:
                read.append(span)
        contact_id = line.registration.contact_id
        return [
            [
                id_
                for id_ in dict.fromkeys(self._by_key[span.key])
                if contact_id in (None, self.receivables[id_].contact_id)
            ]
            for span in sorted(read, key=lambda span: span.start)
        ]

    def _are_two_ways(self, longer: Span, shorter: Span) -> bool:
        """Whether some of the longer one's words may be another invoice that asks for money."""
        if longer.is_certain and longer.holds(shorter):
            return False
        others = set(self._by_key[shorter.key]) - set(self._by_key[longer.key])
        return any(self.receivables[id_].due_minor for id_ in others)

    def _require_fit(self, registration: Registration, meant: Sequence[UUID], named: Sequence[UUID]) -> None:
        """Raise _Unclear for several invoices whose sum, contact or currency differs from the line's.

        One alone takes what it asks for, and its contact the rest; not where another's number is named, too.
        """
        receivables = [self.receivables[id_] for id_ in meant]
        due_minor = sum(receivable.due_minor for receivable in receivables)
        if len({(receivable.contact_id, receivable.currency) for receivable in receivables}) > 1:
            raise _Unclear(named)
        if len({self.receivables[id_].contact_id for id_ in named}) < 2 and len(receivables) < 2:
            return
        amount_minor = total_minor(registration, receivables[0].currency)
        is_exact = amount_minor == due_minor
        if not is_exact if len(receivables) > 1 else amount_minor > due_minor:
            raise _Unclear(named)

    def _candidates(self, invoice_ids: Sequence[UUID]) -> tuple[Receivable, ...]:
        return tuple(self.receivables[id_] for id_ in invoice_ids[:MAX_CANDIDATES])


class _Unclear(Exception):
    """Several invoices may be meant, or several are and the sum does not tell how."""

    def __init__(self, invoice_ids: Iterable[UUID]) -> None:
        self.invoice_ids = list(dict.fromkeys(invoice_ids))
        super().__init__()


def all_keys(lines: Iterable[Line]) -> list[str]:
    """What all lines may mean."""
    return list(dict.fromkeys(key for line in lines for key in naming.keys_of(line.reference)))


def references(lines: Sequence[Line]) -> Mapping[tuple[str, str], None]:
    """The external references of the lines, each with its method."""
    return dict.fromkeys(
        (line.registration.external_reference, line.registration.method)
        for line in lines
        if line.registration.external_reference is not None
    )
