"""Bank statements: many lines of money that came in, each matched to the invoice that it names."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from services.payment.domain import payment as payment_rules
from services.payment.domain.ledger import Transfer
from services.payment.domain.payment import Payment
from services.payment.domain.receivable import Payables, Receivable
from services.payment.domain.registration import Registration, Target, checked
from shared.events.payment import PaymentData
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError

Outcome = Literal["registered", "duplicate", "unmatched", "error"]
_NOISE = re.compile(r"[^A-Z0-9]")
_WORDS = re.compile(r"[\s,;:]+")
_MAX_WORDS = 20
# A shorter word of a text, such as a day, is no invoice's number.
_SHORTEST_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the registration without its target, and what its payer wrote about what it is for."""

    registration: Registration
    invoice_id: UUID | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one line."""

    outcome: Outcome
    payment: Payment | None = None
    shown: PaymentData | None = None
    first_payment_id: UUID | None = None
    fault: BillingError | None = None
    is_ambiguous: bool = False


@dataclass(slots=True)
class Statement:
    """What is known when the lines are gone through: locked receivables, serials and earlier payments."""

    workspace_id: UUID
    default_currency: str
    clock: Clock
    receivables: dict[UUID, Receivable]
    serials: Iterator[int]
    known_contacts: frozenset[UUID]
    earlier: dict[tuple[str, str], UUID]
    transfers: list[Transfer] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    _by_key: dict[str, list[UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for receivable in self.receivables.values():
            for text in (receivable.number, receivable.reference):
                if text:
                    self._by_key.setdefault(key_of(text), []).append(receivable.invoice_id)

    def take(self, line: Line) -> Result:
        """Register one line, unless it came before, nothing says what it is for, or a rule is against it."""
        registration = line.registration
        first = self.earlier.get((registration.external_reference or "", registration.method))
        if first:
            return Result("duplicate", first_payment_id=first)
        invoice_id, is_ambiguous = self._match(line)
        if invoice_id is None and registration.contact_id not in self.known_contacts:
            return Result("unmatched", is_ambiguous=is_ambiguous)
        try:
            payment = self._register(registration, invoice_id)
        except BillingError as fault:
            return Result("error", fault=fault)
        return Result("registered", payment, payment_rules.snapshot(payment))

    def _register(self, registration: Registration, invoice_id: UUID | None) -> Payment:
        before, serials = self.receivables, list[int]()
        if invoice_id is not None:
            targets = (Target(invoice_id, None, "invoice_id"),)
            registration = replace(registration, targets=targets, contact_id=None)
            serials = [next(self.serials)]
        payables = Payables(before, serials)
        payment, paid = payment_rules.register(
            self.workspace_id, checked(registration), payables, self.default_currency, self.clock
        )
        self.transfers += payment_rules.entries(payment, before)
        for after in paid:
            self.receivables[after.invoice_id] = after
            self.changed.add(after.invoice_id)
        if payment.external_reference is not None:
            self.earlier[payment.external_reference, payment.method] = payment.id
        return payment

    def _match(self, line: Line) -> tuple[UUID | None, bool]:
        """The invoice that the line is for; or none, and whether that is because several may be meant."""
        if line.invoice_id is not None:
            return (line.invoice_id if line.invoice_id in self.receivables else None), False
        for key in keys_of(line.reference):
            found = self._by_key.get(key, ())
            asking = [id_ for id_ in found if self.receivables[id_].due_minor] or found
            contact_id = line.registration.contact_id
            if contact_id is not None:
                asking = [id_ for id_ in asking if self.receivables[id_].contact_id == contact_id]
            if len(asking) == 1:
                return asking[0], False
            if asking:
                return None, True
        return None, False


def key_of(text: str) -> str:
    """Letters and digits of an invoice's number or reference: what a bank leaves of it."""
    return _NOISE.sub("", text.upper())


def keys_of(reference: str | None) -> list[str]:
    """What numbers the payer may have meant, the likeliest first: all of the text, then its words.

    An ISO 11649 creditor reference stands for the number that it was made of.
    """
    if not reference:
        return []
    words = [key_of(word) for word in _WORDS.split(reference)[:_MAX_WORDS]]
    numbers = (word for word in words if len(word) >= _SHORTEST_NUMBER and any(map(str.isdigit, word)))
    likely = [_creditor_reference(key) or key for key in (key_of(reference), *numbers)]
    return [key for key in dict.fromkeys(likely) if key]


def all_keys(lines: Iterable[Line]) -> list[str]:
    """What all lines may mean."""
    return list(dict.fromkeys(key for line in lines for key in keys_of(line.reference)))


def references(lines: Sequence[Line]) -> Mapping[tuple[str, str], None]:
    """The external references of the lines, each with its method."""
    return dict.fromkeys(
        (line.registration.external_reference, line.registration.method)
        for line in lines
        if line.registration.external_reference is not None
    )


def _creditor_reference(key: str) -> str | None:
    """The number within an ISO 11649 reference (`RF`, two check digits, modulo 97), if it is one."""
    if not key.startswith("RF") or not key[2:4].isdigit():
        return None
    digits = "".join(str(int(sign, 36)) for sign in key[4:] + key[:4])
    return key[4:] if int(digits) % 97 == 1 else None
