"""A registration: what a caller says about money that came in, before we look at what it settles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.payment.receivables.domain.receivable import Receivable
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.money import exponent, to_minor


class CurrencyMismatch(Invalid):
    """The invoice is in another currency."""

    code = "currency_mismatch"


class ContactMismatch(Invalid):
    """One payment settles invoices of one contact only."""

    code = "contact_mismatch"


class AllocatedTwice(Invalid):
    """The invoice is named twice."""

    code = "invoice_named_twice"


class AllocationsExceedAmount(Invalid):
    """The allocations sum to more than the payment."""

    code = "allocations_exceed_amount"


class DuplicateExternalReference(Conflict):
    """A payment with this method and external_reference was registered before."""

    code = "duplicate_external_reference"


class NotKnownHere(Exception):
    """The request names what has not been heard of here; it may be under way, so its owner is asked."""

    def __init__(self, targets: tuple["Target", ...] = (), contact_id: UUID | None = None) -> None:
        self.targets = targets
        self.contact_id = contact_id
        super().__init__(targets, contact_id)


@dataclass(frozen=True, slots=True)
class Target:
    """An invoice to settle, with so much (minor units) or, without an amount, with all that it asks for."""

    invoice_id: UUID
    amount_minor: int | None
    field: str


@dataclass(frozen=True, slots=True)
class Registration:
    """One payment as its caller tells it: the amount in minor or major units, or the sum of the targets.

    With `takes_oldest_due` a contact's money settles its invoices in the order in which they are due.
    """

    targets: tuple[Target, ...]
    contact_id: UUID | None
    amount_minor: int | None
    amount: Decimal | None
    currency: str | None
    method: str
    external_reference: str | None
    paid_on: date | None
    note: str | None
    takes_oldest_due: bool = False

    @property
    def invoice_ids(self) -> list[UUID]:
        """The invoices to lock, in the order that every transaction locks them."""
        return sorted(target.invoice_id for target in self.targets)


def check(registration: Registration) -> None:
    """Raise UnknownCurrency or AllocatedTwice where the registration makes no sense by itself."""
    if registration.currency is not None:
        exponent(registration.currency)
    require_named_once(registration.targets)


def require_named_once(targets: Iterable[Target]) -> None:
    """Raise AllocatedTwice where two targets are one invoice."""
    seen: set[UUID] = set()
    for target in targets:
        if target.invoice_id in seen:
            raise AllocatedTwice(field=target.field)
        seen.add(target.invoice_id)


def contact_and_currency(
    registration: Registration, receivables: Mapping[UUID, Receivable], default_currency: str
) -> tuple[UUID, str]:
    """Who pays, in what; the currency is the invoices', or without any the given or the default one.

    Raises ContactMismatch or CurrencyMismatch.
    """
    if registration.contact_id is not None:
        return registration.contact_id, registration.currency or default_currency
    first = receivables[registration.targets[0].invoice_id]
    for target in registration.targets:
        receivable = receivables[target.invoice_id]
        if receivable.contact_id != first.contact_id:
            raise ContactMismatch(field=target.field)
        if receivable.currency != first.currency:
            raise CurrencyMismatch(field=target.field)
    if registration.currency not in (None, first.currency):
        raise CurrencyMismatch(f"The invoice is in {first.currency}.", field="currency")
    return first.contact_id, first.currency


def total_minor(registration: Registration, currency: str) -> int:
    """How much came in, in minor units; raises TooManyDecimals or AllocationsExceedAmount."""
    wanted = sum(target.amount_minor or 0 for target in registration.targets)
    if registration.amount is not None:
        total = to_minor(registration.amount, currency)
    else:
        total = wanted if registration.amount_minor is None else registration.amount_minor
    if wanted > total:
        raise AllocationsExceedAmount(field="allocations")
    return total
