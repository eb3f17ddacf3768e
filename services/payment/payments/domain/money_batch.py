"""What one transaction does to the receivables and payments that it has locked: each move books itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from services.payment.credit_balances.domain import Credit
from services.payment.ledger.domain import Account, Occasion, SourceType, Transfer, transfer
from services.payment.payments.domain.payment import Allocation, Payment, reinstatement, snapshot
from services.payment.receivables.domain import receivable as receivable_rules
from services.payment.receivables.domain.receivable import Receivable
from services.payment.refunds.domain.refund import Refund
from shared.events.event import Event
from shared.events.payment import (
    PaymentDisputeClosed,
    PaymentDisputed,
    PaymentMoved,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentUpdated,
    PaymentVoided,
)
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id

PaymentFact: TypeAlias = (
    PaymentUpdated
    | PaymentRefunded
    | PaymentRefundFailed
    | PaymentDisputed
    | PaymentDisputeClosed
    | PaymentVoided
    | PaymentMoved
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be stored: rows at their new versions, entries, credits by balance, events in order."""

    receivables: list[Receivable]
    payments: list[Payment]
    allocations: list[tuple[UUID, Allocation]]
    refunds: list[Refund]
    transfers: list[Transfer]
    credits: list[Credit]
    events: list[Event]


@dataclass(slots=True)
class MoneyBatch:
    """Receivables and payments by id as they are now; `clocks` by workspace, `causes` by invoice."""

    clocks: Mapping[UUID, Clock]
    receivables: dict[UUID, Receivable] = field(default_factory=dict)
    payments: dict[UUID, Payment] = field(default_factory=dict)
    causes: Mapping[UUID, Event] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    refunds: dict[UUID, Refund] = field(default_factory=dict)
    facts: list[tuple[type[PaymentFact], UUID]] = field(default_factory=list)
    _receivables_before: dict[UUID, Receivable] = field(default_factory=dict)
    _payments_before: dict[UUID, Payment] = field(default_factory=dict)
    _touched: dict[UUID, set[UUID]] = field(default_factory=dict)
    _caused: dict[UUID, Event] = field(default_factory=dict)

    def now(self, workspace_id: UUID) -> datetime:
        """The instant of the workspace's clock."""
        return self.clocks[workspace_id].now()

    def occasion(
        self, workspace_id: UUID, source_type: SourceType, source_id: UUID, booked_on: date | None = None
    ) -> Occasion:
        """Why something is booked, today unless a day is given."""
        clock = self.clocks[workspace_id]
        return Occasion(source_type, source_id, booked_on or clock.today(), clock.now())

    def put_receivable(self, after: Receivable) -> None:
        """The receivable is changed to this."""
        self._receivables_before.setdefault(after.invoice_id, self.receivables[after.invoice_id])
        self.receivables[after.invoice_id] = after

    def put_payment(self, after: Payment) -> None:
        """The payment is changed to this."""
        self._payments_before.setdefault(after.id, self.payments[after.id])
        self.payments[after.id] = after

    def say(self, fact: type[PaymentFact], payment_id: UUID) -> None:
        """Record this of the payment besides payment.updated, once."""
        if (fact, payment_id) not in self.facts:
            self.facts.append((fact, payment_id))

    def apply(self, payment_id: UUID, invoice_id: UUID, amount_minor: int, serial: int) -> Allocation:
        """Let unallocated money of the payment settle so much of the invoice."""
        payment, receivable = self.payments[payment_id], self.receivables[invoice_id]
        allocation = Allocation(new_id(), serial, payment_id, invoice_id, amount_minor, amount_minor, 0, 0, 0)
        self._move_in(payment, receivable, allocation.id, amount_minor)
        payment = self.payments[payment_id]
        self.payments[payment_id] = replace(payment, allocations=(*payment.allocations, allocation))
        return allocation

    def raise_allocation(self, payment_id: UUID, allocation: Allocation, more_minor: int) -> None:
        """Let so much more of the payment's unallocated money go into an allocation that there is."""
        payment, receivable = self.payments[payment_id], self.receivables[allocation.invoice_id]
        self._move_in(payment, receivable, allocation.id, more_minor)
        live = allocation.live_minor + more_minor
        self._set(
            payment_id,
            replace(allocation, live_minor=live, amount_minor=max(live, allocation.amount_minor)),
        )

    def take_back(self, payment_id: UUID, allocation: Allocation, amount_minor: int) -> None:
        """Take so much of an allocation back from its invoice: it is unallocated money again."""
        payment, receivable = self.payments[payment_id], self.receivables[allocation.invoice_id]
        self.put_receivable(receivable_rules.give_back(receivable, amount_minor))
        occasion = self.occasion(payment.workspace_id, "reversal", allocation.id)
        accounts = payment.accounts
        self.transfers += transfer(accounts.receivable, accounts.credit, amount_minor, occasion)
        self.put_payment(replace(payment, unallocated_minor=payment.unallocated_minor + amount_minor))
        self._set(payment_id, replace(allocation, live_minor=allocation.live_minor - amount_minor))

    def free(self, payment_id: UUID, amount_minor: int) -> None:
        """Make so much of the payment unallocated: the newest allocations give theirs back first."""
        payment = self.payments[payment_id]
        missing = amount_minor - payment.unallocated_minor
        for allocation in sorted(payment.allocations, key=lambda allocation: -allocation.serial):
            part = min(missing, allocation.live_minor)
            if part > 0:
                self.take_back(payment_id, allocation, part)
                missing -= part

    def come_back(self, payment_id: UUID, source: Account, amount_minor: int, occasion: Occasion) -> None:
        """Money that had left the payment is back: it covers what is overdrawn, the rest is unallocated."""
        payment = self.payments[payment_id]
        covered = min(amount_minor, payment.overdrawn_minor)
        rest = amount_minor - covered
        self.transfers += transfer(source, payment.accounts.overdrawn, covered, occasion)
        self.transfers += transfer(source, payment.accounts.credit, rest, occasion)
        self.put_payment(
            replace(
                payment,
                overdrawn_minor=payment.overdrawn_minor - covered,
                unallocated_minor=payment.unallocated_minor + rest,
            )
        )

    def put_refund(self, refund: Refund) -> None:
        """The refund is new or changed to this; its payment shows it."""
        payment = self.payments[refund.payment_id]
        others = tuple(other for other in payment.refunds if other.id != refund.id)
        self.put_payment(replace(payment, refunds=(*others, refund)))
        self.refunds[refund.id] = refund

    def changes(self) -> Changes:
        """Everything that was done, at the versions to store: one more than before, however many moves."""
        for before in self._receivables_before.values():
            after = self.receivables[before.invoice_id]
            self.receivables[before.invoice_id] = replace(after, version=before.version + 1)
        for before_payment in self._payments_before.values():
            self.payments[before_payment.id] = self._finish_payment(before_payment)
        payments = [self.payments[id_] for id_ in self._payments_before]
        touched = [(p, a) for p in payments for a in p.allocations if a.id in self._touched.get(p.id, ())]
        return Changes(
            receivables=[self.receivables[id_] for id_ in sorted(self._receivables_before)],
            payments=payments,
            allocations=[(payment.workspace_id, allocation) for payment, allocation in touched],
            refunds=list(self.refunds.values()),
            transfers=self.transfers,
            credits=[credit for payment in payments for credit in self._credit(payment)],
            events=[event for payment in payments for event in self._events(payment)],
        )

    def _move_in(
        self, payment: Payment, receivable: Receivable, allocation_id: UUID, amount_minor: int
    ) -> None:
        occasion = self.occasion(payment.workspace_id, "allocation", allocation_id)
        self.transfers += reinstatement(receivable, amount_minor, occasion)
        self.transfers += transfer(
            payment.accounts.credit, payment.accounts.receivable, amount_minor, occasion
        )
        self.put_receivable(receivable_rules.pay(receivable, amount_minor))
        self.put_payment(replace(payment, unallocated_minor=payment.unallocated_minor - amount_minor))
        self._touch(payment.id, allocation_id, receivable.invoice_id)

    def _set(self, payment_id: UUID, allocation: Allocation) -> None:
        payment = self.payments[payment_id]
        changed = tuple(allocation if other.id == allocation.id else other for other in payment.allocations)
        self.payments[payment_id] = replace(payment, allocations=changed)
        self._touch(payment_id, allocation.id, allocation.invoice_id)

    def _touch(self, payment_id: UUID, allocation_id: UUID, invoice_id: UUID) -> None:
        self._touched.setdefault(payment_id, set()).add(allocation_id)
        if invoice_id in self.causes:
            self._caused.setdefault(payment_id, self.causes[invoice_id])

    def _finish_payment(self, before: Payment) -> Payment:
        payment = self.payments[before.id]
        touched = self._touched.get(payment.id, ())
        return replace(
            payment,
            version=before.version + 1,
            updated_at=self.now(payment.workspace_id),
            allocations=tuple(
                self._with_receivable(a) if a.id in touched else a for a in payment.allocations
            ),
        )

    def _with_receivable(self, allocation: Allocation) -> Allocation:
        """The allocation with what its receivable shows at the end of the batch."""
        receivable = self.receivables[allocation.invoice_id]
        return replace(
            allocation,
            receivable_due_minor=receivable.due_minor,
            receivable_paid_minor=receivable.paid_minor,
            receivable_version=receivable.version,
            receivable_written_off_minor=receivable.written_off_minor,
            receivable_write_off_version=receivable.write_off_version,
        )

    def _credit(self, payment: Payment) -> Iterator[Credit]:
        before = self._payments_before[payment.id]
        gains = {before.contact_id: -before.unallocated_minor}
        gains[payment.contact_id] = gains.get(payment.contact_id, 0) + payment.unallocated_minor
        for contact_id, gain_minor in gains.items():
            if gain_minor:
                yield Credit(
                    payment.workspace_id, contact_id, payment.currency, gain_minor, payment.updated_at
                )

    def _events(self, payment: Payment) -> Iterator[Event]:
        data, cause = snapshot(payment), self._caused.get(payment.id)
        facts = [fact for fact, payment_id in self.facts if payment_id == payment.id]
        for fact in (PaymentUpdated, *facts):
            event = fact.of(payment.workspace_id, data)
            yield event.caused_by(cause) if cause else event
