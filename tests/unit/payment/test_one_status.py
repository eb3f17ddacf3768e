"""An invoice has one status in both services, whatever happens to it and in whatever order they hear of it.

The invoice's rules and the payment service's rules run side by side; what each tells the other is delivered
late, repeated and out of order. Once all has arrived, both say the same, and there is a way on from it.
"""

from collections.abc import Callable
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain import settling
from services.invoice.invoices.domain.invoice import Status
from services.payment.disputes.domain import disputing
from services.payment.disputes.domain.dispute import DisputeReport
from services.payment.disputes.domain.dispute import DisputeState as DisputeStatus
from services.payment.payments.domain import payment as payment_rules
from services.payment.payments.domain import undoing
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Payment
from services.payment.receivables.domain import invoicing
from services.payment.receivables.domain.receivable import Payables
from services.payment.receivables.domain.receivable import ReceivableStatus as Receivable
from services.payment.refunds.domain import refunding
from services.payment.refunds.domain.refund import RefundRequest
from shared.events.payment import AllocationData, PaymentData
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError
from shared.kernel.ids import new_id
from tests.unit.invoice.builders import NOW, a_line, an_invoice
from tests.unit.payment.builders import WORKSPACE, a_receivable, a_registration, for_all_of

CLOCKS = {WORKSPACE: Clock()}
SAME = {
    Status.OPEN: Receivable.OPEN,
    Status.PAID: Receivable.SETTLED,
    Status.UNCOLLECTIBLE: Receivable.WRITTEN_OFF,
}
TOTAL = 1000
amounts = st.integers(1, TOTAL + 200)
picks = st.integers(0, 10**6)


class OneInvoice(RuleBasedStateMachine):
    """One invoice of 10.00, its receivable, its payments, and what is under way between the two services."""

    def __init__(self) -> None:
        super().__init__()
        self.invoice = an_invoice(a_line("10.00"))
        self.key = self.invoice.id
        receivable = a_receivable(
            invoice_id=self.key, contact_id=self.invoice.contact_id, total_minor=TOTAL, tax_minor=0
        )
        self.receivables = {self.key: receivable}
        self.payments: dict[object, Payment] = {}
        self.serials = count(1)
        self.to_payment: list[Callable[[MoneyBatch], object]] = []
        self.to_invoice: list[AllocationData] = []

    @rule(amount=st.none() | amounts)
    def write_off(self, amount: int | None) -> None:
        self._decide(lambda: settling.write_off(self.invoice, NOW, amount))

    @rule()
    def reverse_write_off(self) -> None:
        self._decide(lambda: settling.reverse_write_off(self.invoice, NOW))

    @rule(amount=amounts)
    def credit(self, amount: int) -> None:
        left = TOTAL - self.invoice.amount_credited_minor
        if not left:
            return
        amount = min(amount, left)
        self.invoice = settling.credit(self.invoice, amount, NOW)
        note = invoicing.CreditTerms(new_id(), self.key, "CN", NOW.date(), amount, 0, amount // 3, 0)
        self.to_payment.append(lambda book: invoicing.credit(book, note))

    @rule(amount=amounts, by_provider=st.booleans())
    def pay(self, amount: int, by_provider: bool) -> None:
        receivable = self.receivables[self.key]
        registration = a_registration(for_all_of(receivable), amount_minor=amount)
        payables = Payables({self.key: receivable}, [next(self.serials)])
        payment, paid = payment_rules.register(WORKSPACE, registration, payables, "EUR", CLOCKS[WORKSPACE])
        self.receivables |= {one.invoice_id: one for one in paid}
        self.payments[payment.id] = payment
        self._tell(payment_rules.snapshot(payment))

    @rule(pick=picks, amount=st.none() | amounts)
    def refund(self, pick: int, amount: int | None) -> None:
        def give_back(book: MoneyBatch, payment: Payment) -> None:
            refunding.finish(book, refunding.begin(book, payment.id, RefundRequest(amount)), succeeded=True)

        self._with_payment(pick, give_back)

    @rule(pick=picks, amount=amounts, status=st.sampled_from(DisputeStatus))
    def dispute(self, pick: int, amount: int, status: DisputeStatus) -> None:
        """Of one payment; said again with another status, it is decided."""

        def follow(book: MoneyBatch, payment: Payment) -> None:
            disputing.follow(book, payment.id, DisputeReport(f"dp_{payment.id}", status, amount))

        self._with_payment(pick, follow)

    @rule(pick=picks)
    def void_payment(self, pick: int) -> None:
        self._with_payment(pick, lambda book, payment: undoing.void(book, payment.id, "A mistake"))

    @rule(pick=picks)
    def payment_service_hears(self, pick: int) -> None:
        if self.to_payment:
            self._apply(self.to_payment.pop(pick % len(self.to_payment)))

    @rule(pick=picks, is_repeated=st.booleans())
    def invoice_service_hears(self, pick: int, is_repeated: bool) -> None:
        if self.to_invoice:
            told = self.to_invoice[pick % len(self.to_invoice)]
            if not is_repeated:
                self.to_invoice.remove(told)
            self._hear(told)

    @rule()
    def all_arrives(self) -> None:
        while self.to_payment:
            self.payment_service_hears(0)
        while self.to_invoice:
            self.invoice_service_hears(0, is_repeated=False)
        receivable = self.receivables[self.key]
        assert self.invoice.amount_paid_minor == receivable.paid_minor
        assert self.invoice.amount_credited_minor == receivable.credited_minor
        assert self.invoice.amount_written_off_minor == receivable.written_off_minor
        assert self.invoice.amount_due_minor == receivable.due_minor
        assert SAME[self.invoice.status] is receivable.status

    def teardown(self) -> None:
        self.all_arrives()
        self._go_on()
        self.all_arrives()

    def _go_on(self) -> None:
        """Whatever it came to, somebody can end it: open is written off, written off is asked for again."""
        match self.invoice.status:
            case Status.OPEN:
                self.write_off(None)
                assert self.invoice.status is Status.UNCOLLECTIBLE
            case Status.UNCOLLECTIBLE:
                self.reverse_write_off()
                assert self.invoice.status is Status.OPEN

    def _decide(self, change: Callable[[], invoice_rules.Invoice]) -> None:
        try:
            self.invoice = change()
        except BillingError:
            return
        target, version = self.invoice.amount_written_off_minor, self.invoice.version
        self.to_payment.append(lambda book: invoicing.write_off(book, self.key, target, version))

    def _with_payment(self, pick: int, change: Callable[[MoneyBatch, Payment], object]) -> None:
        found = list(self.payments.values())
        if found:
            payment = found[pick % len(found)]
            self._apply(lambda book: change(book, payment))

    def _apply(self, change: Callable[[MoneyBatch], object]) -> None:
        book = MoneyBatch(CLOCKS, dict(self.receivables), dict(self.payments))
        try:
            change(book)
        except BillingError:
            return
        changes = book.changes()
        self.receivables, self.payments = book.receivables, dict(book.payments)
        for event in changes.events:
            self._tell(event.data)

    def _tell(self, data: PaymentData) -> None:
        self.to_invoice += data.allocations

    def _hear(self, told: AllocationData) -> None:
        shown = settling.ReceivableState(
            told.invoice_amount_paid_minor,
            told.receivable_version,
            told.invoice_amount_written_off_minor,
            told.write_off_version,
        )
        self.invoice = settling.settle(self.invoice, shown, NOW)
        assert self.invoice.status in SAME


TestOneInvoice = OneInvoice.TestCase
TestOneInvoice.settings = settings(
    max_examples=max(50, settings.default.max_examples), stateful_step_count=25
)
