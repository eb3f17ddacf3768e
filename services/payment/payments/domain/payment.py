"""Payments: money that came in, the invoices that it settles, and what is left of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.payment.credit_balances.domain import Credit
from services.payment.disputes.domain import dispute as dispute_rules
from services.payment.disputes.domain.dispute import Dispute
from services.payment.ledger.domain import Accounts, Occasion, Transfer, transfer
from services.payment.payments.domain.registration import (
    Registration,
    Target,
    contact_and_currency,
    total_minor,
)
from services.payment.receivables.domain import receivable as receivable_rules
from services.payment.receivables.domain.receivable import (
    Payables,
    Receivable,
    ReceivableClosed,
    ReceivableStatus,
)
from services.payment.refunds.domain.refund import Refund
from services.payment.refunds.domain.refund import snapshot as refund_snapshot
from shared.events.payment import Advice, AllocationData, FailureData, PaymentData, PaymentState
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Allocation:
    """The part of a payment that settles one invoice, and what the receivable showed after it."""

    id: UUID
    serial: int
    payment_id: UUID
    invoice_id: UUID
    amount_minor: int
    live_minor: int
    receivable_due_minor: int
    receivable_paid_minor: int
    receivable_version: int
    receivable_written_off_minor: int | None = None
    receivable_write_off_version: int | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in or is being collected, at one version; amounts in minor units of `currency`.

    Of a succeeded payment: amount + overdrawn = live allocations + unallocated + refunded + disputed, where
    refunds on their way count as refunded, and what a bank took beyond what was left is overdrawn. Before it
    succeeds, and once it is voided, a payment holds nothing.
    """

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    contact_id: UUID
    state: PaymentState
    amount_minor: int
    unallocated_minor: int
    currency: str
    method: str
    external_reference: str | None
    paid_on: date
    note: str | None
    refunded_minor: int = 0
    disputed_minor: int = 0
    invoice_id: UUID | None = None
    subscription_id: UUID | None = None
    is_automatic: bool = False
    provider: str | None = None
    provider_reference: str | None = None
    payment_method_id: UUID | None = None
    failure_code: str | None = None
    failure_advice: Advice | None = None
    failure_message: str | None = None
    voided_at: datetime | None = None
    void_reason: str | None = None
    moved_from_contact_id: UUID | None = None
    allocations: tuple[Allocation, ...] = ()
    refunds: tuple[Refund, ...] = ()
    overdrawn_minor: int = 0
    disputes: tuple[Dispute, ...] = ()

    @property
    def accounts(self) -> Accounts:
        """The ledger's accounts that its money moves between."""
        return Accounts(self.workspace_id, self.currency, self.contact_id)

    @property
    def is_released_credit(self) -> bool:
        """Whether it is no money that came in, but credit of a subscription that has stopped."""
        return self.subscription_id is not None and self.invoice_id is None

    @property
    def refundable_minor(self) -> int:
        """What of it has neither gone back nor is on its way back."""
        return self.unallocated_minor + sum(allocation.live_minor for allocation in self.allocations)


def register(
    workspace_id: UUID,
    registration: Registration,
    payables: Payables,
    default_currency: str,
    clock: Clock,
) -> tuple[Payment, list[Receivable]]:
    """Spread the money over its targets; what they do not ask for stays unallocated.

    Returns the payment and the receivables that it changed. Raises ReceivableClosed, ContactMismatch,
    CurrencyMismatch, TooManyDecimals or AllocationsExceedAmount.
    """
    contact_id, currency = contact_and_currency(registration, payables.receivables, default_currency)
    amount_minor = total_minor(registration, currency)
    payment_id, now = new_id(), clock.now()
    allocations, paid = _spread(payment_id, registration.targets, payables, amount_minor)
    payment = Payment(
        workspace_id=workspace_id,
        id=payment_id,
        version=1,
        created_at=now,
        updated_at=now,
        contact_id=contact_id,
        state="succeeded",
        amount_minor=amount_minor,
        unallocated_minor=amount_minor - sum(allocation.live_minor for allocation in allocations),
        currency=currency,
        method=registration.method,
        external_reference=registration.external_reference,
        paid_on=registration.paid_on or clock.today(),
        note=registration.note,
        allocations=tuple(allocations),
    )
    return payment, paid


def surplus(payment: Payment) -> Credit:
    """What no invoice took of a new payment."""
    return Credit(
        workspace_id=payment.workspace_id,
        contact_id=payment.contact_id,
        currency=payment.currency,
        amount_minor=payment.unallocated_minor,
        at=payment.created_at,
    )


def choose_reached(open_receivables: Iterable[Receivable], amount_minor: int) -> list[Receivable]:
    """Of open receivables those that so much money reaches, in the order in which they are due."""
    receivables = []
    for receivable in sorted(open_receivables, key=receivable_rules.due_order):
        if amount_minor <= 0:
            break
        if receivable.expected_minor > 0:
            receivables.append(receivable)
            amount_minor -= receivable.expected_minor
    return receivables


def _spread(
    payment_id: UUID, targets: Sequence[Target], payables: Payables, left_minor: int
) -> tuple[list[Allocation], list[Receivable]]:
    allocations, paid = [], []
    for target, serial in zip(targets, payables.serials, strict=True):
        receivable = payables.receivables[target.invoice_id]
        if receivable.status is ReceivableStatus.CLOSED and target.field != "contact_id":
            raise ReceivableClosed(field=target.field, number=receivable.number)
        wanted = left_minor if target.amount_minor is None else target.amount_minor
        part = min(wanted, receivable.due_minor)
        if part > 0:
            after = receivable_rules.pay(receivable, part)
            paid.append(after)
            allocations.append(_allocation(payment_id, serial, after, part))
            left_minor -= part
    return allocations, paid


def _allocation(payment_id: UUID, serial: int, after: Receivable, amount_minor: int) -> Allocation:
    return Allocation(
        id=new_id(),
        serial=serial,
        payment_id=payment_id,
        invoice_id=after.invoice_id,
        amount_minor=amount_minor,
        live_minor=amount_minor,
        receivable_due_minor=after.due_minor,
        receivable_paid_minor=after.paid_minor,
        receivable_version=after.version,
        receivable_written_off_minor=after.written_off_minor,
        receivable_write_off_version=after.write_off_version,
    )


def entries(payment: Payment, before: Mapping[UUID, Receivable]) -> list[Transfer]:
    """What a payment books when its money comes in; `before` are the receivables before they took theirs."""
    occasion = Occasion("payment", payment.id, payment.paid_on, payment.updated_at)
    accounts, cash = payment.accounts, payment.accounts.cash(payment.method)
    transfers = list(transfer(cash, accounts.credit, payment.unallocated_minor, occasion))
    for allocation in payment.allocations:
        receivable = before[allocation.invoice_id]
        transfers += reinstatement(receivable, allocation.live_minor, occasion)
        transfers += transfer(cash, accounts.receivable, allocation.live_minor, occasion)
    return transfers


def reinstatement(receivable: Receivable, amount_minor: int, occasion: Occasion) -> list[Transfer]:
    """What is expected again because so much comes in, or is credited, beyond what was expected."""
    again = amount_minor - receivable.expected_minor
    if again <= 0:
        return []
    accounts = Accounts(receivable.workspace_id, receivable.currency, receivable.contact_id)
    why = replace(occasion, source_type="reinstatement", source_id=receivable.invoice_id)
    return list(transfer(accounts.receivable, accounts.write_off, again, why))


def allocation_snapshot(allocation: Allocation) -> AllocationData:
    """The allocation as the public API and events show it."""
    paid, due = allocation.receivable_paid_minor, allocation.receivable_due_minor
    return AllocationData(
        id=allocation.id,
        serial=allocation.serial,
        invoice_id=allocation.invoice_id,
        amount_minor=allocation.live_minor,
        amount_due_minor=due,
        invoice_amount_paid_minor=paid,
        invoice_payment_status=receivable_rules.payment_status(paid, due),
        receivable_version=allocation.receivable_version,
        invoice_amount_written_off_minor=allocation.receivable_written_off_minor,
        write_off_version=allocation.receivable_write_off_version or 0,
    )


def snapshot(payment: Payment) -> PaymentData:
    """The payment as the public API and events show it."""
    return PaymentData(
        id=payment.id,
        version=payment.version,
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        contact_id=payment.contact_id,
        state=payment.state,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        method=payment.method,
        external_reference=payment.external_reference,
        paid_on=payment.paid_on,
        note=payment.note,
        allocations=[allocation_snapshot(allocation) for allocation in payment.allocations],
        unallocated_minor=payment.unallocated_minor,
        amount_refunded_minor=payment.refunded_minor,
        amount_disputed_minor=payment.disputed_minor,
        amount_overdrawn_minor=payment.overdrawn_minor,
        disputes=[dispute_rules.snapshot(dispute) for dispute in payment.disputes],
        refunds=[refund_snapshot(refund) for refund in payment.refunds],
        invoice_id=payment.invoice_id,
        subscription_id=payment.subscription_id,
        is_automatic=payment.is_automatic,
        provider=payment.provider,
        provider_reference=payment.provider_reference,
        payment_method_id=payment.payment_method_id,
        failure=_failure(payment),
        voided_at=payment.voided_at,
        void_reason=payment.void_reason,
        moved_from_contact_id=payment.moved_from_contact_id,
    )


def _failure(payment: Payment) -> FailureData | None:
    if payment.failure_code is None or payment.failure_advice is None:
        return None
    return FailureData(
        code=payment.failure_code, advice=payment.failure_advice, message=payment.failure_message
    )
