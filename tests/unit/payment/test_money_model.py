"""Any sequence of payments, allocations, refunds, credits, write-offs and disputes keeps every identity.

A plain model knows only how much came in, went back and was asked for; the rules must agree with it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.payment.allocations import domain as allocating
from services.payment.collections.domain import collected_payment
from services.payment.disputes.domain import disputing
from services.payment.disputes.domain.dispute import DisputeReport
from services.payment.disputes.domain.dispute import DisputeState as Dispute
from services.payment.ledger.domain import AccountType, Transfer
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain import undoing
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import Target
from services.payment.receivables.domain import invoicing
from services.payment.receivables.domain.receivable import Payables, Receivable, ReceivableStatus
from services.payment.refunds.domain import refunding
from services.payment.refunds.domain.refund import Refund, RefundRequest, RefundStatus
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError
from shared.kernel.ids import new_id
from tests.unit.payment.booked import balance_of, balances
from tests.unit.payment.builders import NOW, WORKSPACE, a_receivable, a_registration, for_all_of

CONTACT, OTHER = new_id(), new_id()
CLOCKS: Mapping[UUID, Clock] = {WORKSPACE: Clock()}
amounts = st.integers(1, 500)
picks = st.integers(0, 10**6)


class Money(RuleBasedStateMachine):
    """What is stored after each transaction, and the few sums that the outside world would know."""

    def __init__(self) -> None:
        super().__init__()
        self.receivables: dict[UUID, Receivable] = {}
        self.payments: dict[UUID, Payment] = {}
        self.transfers: list[Transfer] = []
        self.credit_minor = 0
        self.came_in = self.went_back = self.asked = 0
        self.serials = count(1)
        self.disputed: dict[tuple[UUID, str], int] = {}

    @rule(total=amounts, tax=st.integers(0, 50))
    def open_invoice(self, total: int, tax: int) -> None:
        book = self._book()
        opened = a_receivable(
            contact_id=CONTACT, total_minor=total, tax_minor=tax, number=f"N{len(self.receivables)}"
        )
        invoicing.open_(book, opened)
        invoicing.settle_with_credit(book, [opened], self.serials)
        self._store(book)
        self.asked += total

    @rule(amount=amounts, pick=picks)
    def register(self, amount: int, pick: int) -> None:
        receivable = self._pick(self.receivables, pick)
        if receivable is None or receivable.status is ReceivableStatus.CLOSED:
            registration = a_registration(contact_id=CONTACT, amount_minor=amount, currency="EUR")
            payables = Payables({}, [])
        else:
            registration = a_registration(for_all_of(receivable), amount_minor=amount)
            payables = Payables({receivable.invoice_id: receivable}, [next(self.serials)])
        payment, paid = payment_rules.register(WORKSPACE, registration, payables, "EUR", CLOCKS[WORKSPACE])
        self.transfers += payment_rules.entries(payment, payables.receivables)
        self.receivables |= {one.invoice_id: one for one in paid}
        self.payments[payment.id] = payment
        self.credit_minor += payment.unallocated_minor
        self.came_in += amount

    @precondition(lambda self: self.receivables)
    @rule(amount=amounts, pick=picks, times=st.integers(1, 2))
    def collect(self, amount: int, pick: int, times: int) -> None:
        receivable = self._pick(self.receivables, pick)
        assert receivable
        payment = Payment(
            WORKSPACE, new_id(), 1, NOW, NOW, CONTACT, "processing", amount, 0, "EUR", "card", None,
            NOW.date(), None, invoice_id=receivable.invoice_id, provider="sandbox",
        )  # fmt: skip
        self.payments[payment.id] = payment
        for _ in range(times):
            book = self._book()
            collected_payment.succeed(book, payment.id, self.serials)
            self._store(book)
        self.came_in += amount

    @rule(pick=picks, other=picks, amount=st.none() | amounts)
    def allocate(self, pick: int, other: int, amount: int | None) -> None:
        payment, receivable = self._pick(self.payments, pick), self._pick(self.receivables, other)
        if payment and receivable:
            self._try(
                lambda book: allocating.allocate(
                    book, payment.id, receivable.invoice_id, amount, next(self.serials)
                )
            )

    @rule(pick=picks, amount=st.integers(0, 500))
    def change_or_reverse(self, pick: int, amount: int) -> None:
        made = {a.id: a for payment in self.payments.values() for a in payment.allocations}
        allocation = self._pick(made, pick)
        if allocation and amount:
            self._try(lambda book: allocating.change(book, allocation, amount))
        elif allocation:
            self._try(lambda book: allocating.reverse(book, allocation))

    @rule(pick=picks, amount=st.none() | amounts)
    def refund(self, pick: int, amount: int | None) -> None:
        payment = self._pick(self.payments, pick)
        if not payment:
            return

        def begin(book: MoneyBatch) -> None:
            made = refunding.begin(book, payment.id, RefundRequest(amount))
            if refunding.is_by_hand(payment):
                refunding.finish(book, made, succeeded=True)
                self.went_back += made.amount_minor

        self._try(begin)

    @rule(pick=picks, succeeded=st.booleans())
    def finish_refund(self, pick: int, succeeded: bool) -> None:
        """A provider's word about a refund, perhaps after another word."""
        refund = self._pick({one.id: one for one in self._refunds()}, pick)
        if not refund:
            return

        def hear(book: MoneyBatch) -> None:
            refunding.finish(book, refund, succeeded=succeeded)
            if succeeded:
                self.went_back += refund.amount_minor
            elif refund.state is RefundStatus.SUCCEEDED:
                self.went_back -= refund.amount_minor

        self._try(hear)

    @rule(pick=picks, amount=amounts, status=st.sampled_from(Dispute), reference=st.sampled_from("abc"))
    def dispute(self, pick: int, amount: int, status: Dispute, reference: str) -> None:
        payment = self._pick(self.payments, pick)
        if not payment:
            return
        key = (payment.id, reference)

        def hear(book: MoneyBatch) -> None:
            disputing.follow(book, payment.id, DisputeReport(reference, status, amount))
            if status is Dispute.WON:
                self.went_back -= self.disputed.get(key, 0)
                self.disputed[key] = 0
            elif key not in self.disputed:
                self.disputed[key] = amount
                self.went_back += amount

        self._try(hear)

    @rule(pick=picks)
    def void_payment(self, pick: int) -> None:
        payment = self._pick(self.payments, pick)

        def undo(book: MoneyBatch) -> None:
            undoing.void(book, payment.id, "Registered by mistake")
            if payment.state != "voided":
                self.came_in -= payment.amount_minor

        if payment:
            self._try(undo)

    @rule(pick=picks, other=picks, to=st.sampled_from([CONTACT, OTHER]), amount=amounts)
    def move(self, pick: int, other: int, to: UUID, amount: int) -> None:
        payment, receivable = self._pick(self.payments, pick), self._pick(self.receivables, other)
        targets = [Target(receivable.invoice_id, amount, "allocations.0.invoice_id")] if receivable else []
        if payment:
            self._try(lambda book: undoing.move(book, payment.id, to, targets, self.serials))

    @rule(pick=picks, share=st.integers(1, 4), refund=st.integers(0, 300), elsewhere=st.integers(0, 300))
    def credit(self, pick: int, share: int, refund: int, elsewhere: int) -> None:
        receivable = self._pick(self.receivables, pick)
        if not receivable or receivable.status is ReceivableStatus.CLOSED:
            return
        total = (receivable.total_minor - receivable.credited_minor) // share
        if not total:
            return
        book = self._book()
        kept = invoicing.credit(
            book,
            invoicing.CreditTerms(
                new_id(), receivable.invoice_id, "CN", NOW.date(), total, total // 6, refund, elsewhere
            ),
        )
        self._store(book)
        self.asked -= total
        self.went_back += sum(
            one.amount_minor for one in book.refunds.values() if one.state is RefundStatus.SUCCEEDED
        )
        assert kept.refunded_minor + kept.out_of_band_minor + kept.to_balance_minor <= total
        assert kept.refunded_minor <= refund
        assert kept.out_of_band_minor <= elsewhere

    @rule(pick=picks, wanted=st.none() | st.integers(0, 500), version=st.integers(1, 8))
    def write_off(self, pick: int, wanted: int | None, version: int) -> None:
        receivable = self._pick(self.receivables, pick)
        if receivable:
            self._try(lambda book: invoicing.write_off(book, receivable.invoice_id, wanted, version))

    @rule(pick=picks)
    def void(self, pick: int) -> None:
        receivable = self._pick(self.receivables, pick)
        if receivable and receivable.status is not ReceivableStatus.CLOSED:
            self._try(lambda book: invoicing.void(book, receivable.invoice_id))
            self.asked -= receivable.total_minor - receivable.credited_minor

    @invariant()
    def sums_agree(self) -> None:
        sums = balances(self.transfers)
        live = sum(a.live_minor for payment in self.payments.values() for a in payment.allocations)
        unallocated = sum(payment.unallocated_minor for payment in self.payments.values())
        expected = sum(one.expected_minor for one in self.receivables.values())
        written_off = sum(one.written_off_minor for one in self.receivables.values())
        assert sums[AccountType.CASH] == self.came_in - self.went_back
        assert sums[AccountType.CREDIT_BALANCE] == unallocated == self.credit_minor
        assert sums[AccountType.ACCOUNTS_RECEIVABLE] == expected
        assert sums[AccountType.WRITE_OFF] == written_off
        assert sums[AccountType.OVERDRAWN] == sum(one.overdrawn_minor for one in self.payments.values())
        for contact_id in (CONTACT, OTHER):
            mine = [one for one in self.payments.values() if one.contact_id == contact_id]
            accounts = {mine_.accounts.credit.id for mine_ in mine}
            assert sum(balance_of(self.transfers, id_) for id_ in accounts) == sum(
                one.unallocated_minor for one in mine
            )
        assert sums[AccountType.REVENUE] + sums[AccountType.TAX_PAYABLE] == self.asked
        assert self.asked == expected + written_off + live
        assert sums[AccountType.REFUNDS_PAYABLE] == sum(
            one.amount_minor for one in self._refunds() if one.state is RefundStatus.PENDING
        )

    @invariant()
    def each_row_is_right(self) -> None:
        paid: dict[UUID, int] = defaultdict(int)
        for payment in self.payments.values():
            for allocation in payment.allocations:
                paid[allocation.invoice_id] += allocation.live_minor
                assert 0 <= allocation.live_minor <= allocation.amount_minor
            held = payment.refundable_minor + payment.refunded_minor + payment.disputed_minor
            came_in = 0 if payment.state == "voided" else payment.amount_minor
            assert held == came_in + payment.overdrawn_minor
            assert payment.disputed_minor == sum(
                minor for (id_, _), minor in self.disputed.items() if id_ == payment.id
            )
            assert not payment.overdrawn_minor or not payment.refundable_minor
            assert payment.refunded_minor == sum(
                one.amount_minor for one in payment.refunds if one.state is not RefundStatus.FAILED
            )
        for receivable in self.receivables.values():
            assert receivable.paid_minor == paid[receivable.invoice_id]
            assert 0 <= receivable.written_off_minor <= receivable.due_minor
            if receivable.status is not ReceivableStatus.CLOSED:
                assert (receivable.status is ReceivableStatus.OPEN) == (receivable.expected_minor > 0)

    def _book(self) -> MoneyBatch:
        return MoneyBatch(CLOCKS, dict(self.receivables), dict(self.payments))

    def _try(self, move: Callable[[MoneyBatch], object]) -> None:
        book = self._book()
        try:
            move(book)
        except BillingError:
            return
        self._store(book)

    def _store(self, book: MoneyBatch) -> None:
        versions = {one.id: one.version for one in self.payments.values()}
        changes = book.changes()
        self.receivables, self.payments = book.receivables, book.payments
        self.transfers += changes.transfers
        self.credit_minor += sum(credit.amount_minor for credit in changes.credits)
        assert all(one.version == versions[one.id] + 1 for one in changes.payments)
        told = {event.subject for event in changes.events}
        assert told == {payment.id for payment in changes.payments}

    def _refunds(self) -> list[Refund]:
        return [one for payment in self.payments.values() for one in payment.refunds]

    @staticmethod
    def _pick(rows: Mapping[UUID, Any], pick: int) -> Any:
        keys = sorted(rows)
        return rows[keys[pick % len(keys)]] if keys else None


TestMoney = Money.TestCase
TestMoney.settings = settings(
    max_examples=max(20, settings.default.max_examples // 2), stateful_step_count=30
)
