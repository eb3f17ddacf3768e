"""Registrations that go together: each is decided as if it were alone, after those before it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from services.payment.ledger.domain import Transfer
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import (
    DuplicateExternalReference,
    NotKnownHere,
    Registration,
    check,
)
from services.payment.receivables.domain.receivable import Payables, Receivable
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError

Reference = tuple[str, str]
"""An external reference and the method that it is unique with."""


@dataclass(slots=True)
class Together:
    """What is known when they are gone through: locked receivables, serials, contacts, earlier payments."""

    workspace_id: UUID
    clock: Clock
    receivables: dict[UUID, Receivable]
    known_contacts: frozenset[UUID]
    earlier: dict[Reference, UUID]
    serials: Iterator[int]
    transfers: list[Transfer] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)

    def take(
        self, registration: Registration, default_currency: str
    ) -> Payment | BillingError | NotKnownHere:
        """The payment, or what is against it: then nothing of it counts for those that come after it."""
        try:
            check(registration)
            self._require_known(registration)
            return self._register(registration, default_currency)
        except (BillingError, NotKnownHere) as error:
            return error

    def _require_known(self, registration: Registration) -> None:
        if registration.contact_id is not None and registration.contact_id not in self.known_contacts:
            raise NotKnownHere(contact_id=registration.contact_id)
        missing = tuple(
            target for target in registration.targets if target.invoice_id not in self.receivables
        )
        if missing:
            raise NotKnownHere(missing)

    def _register(self, registration: Registration, default_currency: str) -> Payment:
        before = self.receivables
        payables = Payables(before, [next(self.serials) for _ in registration.targets])
        payment, paid = payment_rules.register(
            self.workspace_id, registration, payables, default_currency, self.clock
        )
        self._note_reference(payment)
        self.transfers += payment_rules.entries(payment, before)
        for after in paid:
            self.receivables[after.invoice_id] = after
            self.changed.add(after.invoice_id)
        return payment

    def _note_reference(self, payment: Payment) -> None:
        if payment.external_reference is None:
            return
        reference = (payment.external_reference, payment.method)
        if first := self.earlier.get(reference):
            raise DuplicateExternalReference(field="external_reference", payment_id=first)
        self.earlier[reference] = payment.id
