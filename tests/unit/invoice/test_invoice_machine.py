"""An invoice under any sequence of changes, beside a model that only knows amounts."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.invoices.domain import drafting, settling
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice, InvoiceEdit, Status
from services.invoice.invoices.domain.snapshot import is_overdue, to_snapshot
from shared.events.invoice import Seller
from shared.kernel.errors import BillingError, Conflict, IllegalMove
from shared.kernel.ids import new_id
from tests.unit.invoice.book import Book, of_line
from tests.unit.invoice.builders import CONTACT, NOW, TODAY, a_draft, a_line, an_invoice

SELLER = Seller(name="Bakkerij de Vries B.V.")
PRICES = st.sampled_from(["0", "0.01", "339.00", "1250.50"])


class InvoiceMachine(RuleBasedStateMachine):
    """The model: what is asked, paid and credited, and what somebody decided."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book(a_draft(a_line("339.00")))
        self.paid, self.receivable_version = 0, 0
        self.written_off = 0
        self.is_issued = self.is_void = False
        self.version = 1

    @property
    def invoice(self) -> Invoice:
        return self.book.invoice

    @property
    def remaining(self) -> int:
        return self.invoice.total_minor - self.paid - sum(note.total_minor for note in self.book.notes)

    def change(self, changed: Invoice) -> None:
        self.book.invoice = changed
        self.version += 1

    @rule(price=PRICES)
    def edit(self, price: str) -> None:
        if self.is_issued:
            with pytest.raises(invoice_rules.InvoiceIsIssued):
                invoice_rules.edit(self.invoice, InvoiceEdit(contact_id=CONTACT.id), NOW)
        else:
            edited = invoice_rules.touch(self.invoice, NOW)
            self.change(drafting.price(edited, [a_line(price)]))

    @rule(days=st.integers(0, 60))
    def move_the_due_date(self, days: int) -> None:
        self.change(invoice_rules.edit(self.invoice, InvoiceEdit(due_date=TODAY + timedelta(days)), NOW))

    @rule()
    def issue(self) -> None:
        if self.is_issued:
            with pytest.raises(invoice_rules.InvoiceIsIssued):
                invoice_rules.require_issuable(self.invoice, SELLER)
        else:
            invoice_rules.require_issuable(self.invoice, SELLER)
            ready = invoice_rules.set_dates(self.invoice, TODAY)
            self.change(invoice_rules.issue(ready, CONTACT, None, "INV-2026-00001", NOW))
            self.is_issued = True

    @rule()
    def void(self) -> None:
        has_money = self.paid > 0 or bool(self.book.notes)
        if self.invoice.status in (Status.OPEN, Status.UNCOLLECTIBLE) and not has_money:
            self.change(invoice_rules.void(self.invoice, NOW))
            self.is_void, self.written_off = True, 0
        else:
            with pytest.raises(Conflict):
                invoice_rules.void(self.invoice, NOW)

    @rule(share=st.none() | st.sampled_from([1, 2, 4]))
    def write_off(self, share: int | None) -> None:
        """All of what is expected, a share of it, or too much."""
        expected = self.invoice.amount_expected_minor
        amount = None if share is None else max(1, expected // share)
        if self.invoice.status is Status.OPEN:
            self.change(settling.write_off(self.invoice, NOW, amount, "Too small"))
            self.written_off += expected if amount is None else amount
            with pytest.raises(BillingError):
                settling.write_off(self.invoice, NOW, expected + 1)
        else:
            with pytest.raises(IllegalMove):
                settling.write_off(self.invoice, NOW, amount)

    @rule()
    def reverse_write_off(self) -> None:
        if self.written_off:
            self.change(settling.reverse_write_off(self.invoice, NOW))
            self.written_off = 0
        else:
            with pytest.raises(settling.NothingWrittenOff):
                settling.reverse_write_off(self.invoice, NOW)

    @precondition(lambda self: self.is_issued)
    @rule(part=st.sampled_from([0, 1, 2, 4]), ahead=st.integers(-2, 3), left=st.sampled_from([0, 1, 2]))
    def hear_what_is_paid(self, part: int, ahead: int, left: int) -> None:
        """A payment, a refund or a dispute: the newest version of the receivable wins."""
        paid, version = self.invoice.total_minor * part // 4, self.receivable_version + ahead
        written_off = self.written_off * left // 2
        shown = settling.ReceivableState(paid, version, written_off, self.invoice.write_off_version)
        settled = settling.settle(self.invoice, shown, NOW)
        if ahead <= 0:
            assert settled is self.invoice
        else:
            self.paid, self.receivable_version = paid, version
            if not self.is_void:
                self.written_off = written_off
            self.change(settled)

    @precondition(lambda self: self.is_issued)
    @rule(part=st.integers(1, 4))
    def credit(self, part: int) -> None:
        amount = self.invoice.total_minor * part // 4
        left = self.invoice.total_minor - self.invoice.amount_credited_minor
        if self.is_void or not 0 < amount <= left:
            with pytest.raises(BillingError):
                self.book.credit(of_line(self.invoice, amount_minor=amount))
        else:
            self.book.credit(of_line(self.invoice, amount_minor=amount))
            self.version += 1

    @rule(days=st.integers(0, 90))
    def tell_that_it_is_late(self, days: int) -> None:
        is_late = is_overdue(self.invoice, TODAY + timedelta(days))
        if is_late and not self.invoice.overdue_at:
            self.change(invoice_rules.mark_overdue(self.invoice, NOW))

    @invariant()
    def no_more_is_written_off_than_is_due(self) -> None:
        if not self.is_void:
            self.written_off = min(self.written_off, max(0, self.remaining))
        assert self.invoice.amount_written_off_minor == self.written_off
        assert (self.invoice.written_off_at is not None) == (self.written_off > 0) or self.is_void

    @invariant()
    def its_status_follows_from_the_amounts_and_decisions(self) -> None:
        if not self.is_issued:
            expected = Status.DRAFT
        elif self.is_void:
            expected = Status.VOID
        elif self.remaining <= 0:
            expected = Status.PAID
        else:
            expected = Status.UNCOLLECTIBLE if self.written_off >= self.remaining else Status.OPEN
        assert self.invoice.status is expected
        assert (self.invoice.paid_at is not None) == (expected is Status.PAID)

    @invariant()
    def what_is_due_is_never_negative_and_never_of_a_void_invoice(self) -> None:
        expected = 0 if self.is_void else max(0, self.remaining)
        assert self.invoice.amount_due_minor == expected

    @invariant()
    def every_change_makes_one_version(self) -> None:
        assert self.invoice.version == self.version

    @invariant()
    def its_public_form_is_made_of_the_same(self) -> None:
        data = to_snapshot(self.invoice, TODAY)
        assert data.total_minor == data.subtotal_minor + data.tax_minor
        assert data.payment_status == (
            "paid" if self.invoice.status is Status.PAID else "partially_paid" if self.paid else "unpaid"
        )
        assert not data.is_overdue or data.amount_due_minor > 0


TestInvoiceMachine = InvoiceMachine.TestCase


@given(st.data())
def test_payments_refunds_and_disputes_end_alike_in_any_order_and_however_often(data: Any) -> None:
    amounts = data.draw(st.lists(st.sampled_from([0, 10_000, 33_900]), min_size=1, max_size=5))
    told = [(version, paid) for version, paid in enumerate(amounts, start=2)]
    order = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told), max_size=5))))
    places = st.integers(-1, len(order))
    credited_at = data.draw(places)
    book = Book(an_invoice(a_line("339.00")))

    for place, (version, paid) in enumerate(order):
        if place == credited_at:
            book.credit(of_line(book.invoice, amount_minor=23_900))
        book.invoice = settling.settle(book.invoice, settling.ReceivableState(paid, version), NOW)

    ended = book.invoice
    remaining = 33_900 - amounts[-1] - ended.amount_credited_minor
    assert (ended.amount_paid_minor, ended.receivable_version) == told[-1][::-1]
    assert ended.status is (Status.PAID if remaining <= 0 else Status.OPEN)
    assert ended.amount_due_minor == max(0, remaining)


def test_an_invoice_that_is_refunded_is_asked_for_again_and_told_of_when_late() -> None:
    late = invoice_rules.mark_overdue(an_invoice(due_date=date(2026, 4, 12)), NOW)
    paid = settling.settle(late, settling.ReceivableState(late.total_minor, 2), NOW)

    reopened = settling.settle(paid, settling.ReceivableState(0, 3), NOW)

    assert (paid.status, paid.paid_at) == (Status.PAID, NOW)
    assert (reopened.status, reopened.paid_at, reopened.overdue_at) == (Status.OPEN, None, None)
    assert is_overdue(reopened, date(2026, 4, 13))


def test_what_was_given_up_on_and_paid_after_all_is_asked_for_again_after_a_refund() -> None:
    written_off = settling.write_off(an_invoice(), NOW, reason="Bankrupt")
    total, version = written_off.total_minor, written_off.write_off_version
    paid = settling.settle(written_off, settling.ReceivableState(total, 3, 0, version), NOW)

    refunded = settling.settle(paid, settling.ReceivableState(0, 4, 0, version), NOW)
    again = settling.write_off(refunded, NOW)

    assert (written_off.status, written_off.write_off_reason) == (Status.UNCOLLECTIBLE, "Bankrupt")
    assert (paid.status, paid.amount_written_off_minor, paid.write_off_reason) == (Status.PAID, 0, None)
    assert (refunded.status, refunded.amount_due_minor) == (Status.OPEN, total)
    assert (again.status, again.amount_written_off_minor) == (Status.UNCOLLECTIBLE, total)


def test_a_payment_that_does_not_know_of_the_write_off_yet_leaves_it_standing() -> None:
    written_off = settling.write_off(an_invoice(), NOW)

    paid_in_part = settling.settle(written_off, settling.ReceivableState(400, 2, 0, 0), NOW)

    assert paid_in_part.status is Status.UNCOLLECTIBLE
    assert paid_in_part.amount_written_off_minor == paid_in_part.amount_due_minor


def test_a_payment_that_crosses_a_full_credit_leaves_nothing_due() -> None:
    book = Book(an_invoice())
    book.credit()
    crossed = settling.settle(book.invoice, settling.ReceivableState(book.invoice.total_minor, 2), NOW)

    put_right = settling.settle(crossed, settling.ReceivableState(0, 3), NOW)

    assert (crossed.status, crossed.amount_due_minor) == (Status.PAID, 0)
    assert (put_right.status, put_right.amount_due_minor) == (Status.PAID, 0)
    with pytest.raises(credit_note_rules.NothingToCredit):
        book.credit()


def test_a_field_of_an_issued_invoice_that_is_fixed_is_named_as_the_caller_names_it() -> None:
    changes = InvoiceEdit(contact_id=new_id(), number="7")

    with pytest.raises(invoice_rules.InvoiceIsIssued) as caught:
        invoice_rules.edit(an_invoice(), changes, NOW, CONTACT)

    assert caught.value.errors[0].pointer == "/contact_id"
