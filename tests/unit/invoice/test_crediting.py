"""Credit notes: what each takes back, and what is refused."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain import crediting
from services.invoice.invoices.domain.invoice import Status
from services.invoice.lines.domain.discount import Discount
from shared.kernel.errors import BillingError
from tests.unit.invoice.book import Book, of_line
from tests.unit.invoice.builders import TODAY, a_line, an_invoice, taxes


def test_thirds_of_a_line_add_up_to_it() -> None:
    book = Book(an_invoice(a_line("10.00", 3, 21, "exclusive", discount={"amount_minor": 1})))

    notes = [book.credit(of_line(book.invoice, quantity=Decimal(1))) for _ in range(3)]

    assert [note.subtotal_minor for note in notes] == [1000, 999, 1000]
    assert [note.tax_minor for note in notes] == [210, 210, 210]
    assert sum(note.total_minor for note in notes) == book.invoice.total_minor == 3629
    assert [note.lines[0].discount for note in notes] == [
        Discount(amount_minor=0),
        Discount(amount_minor=1),
        Discount(amount_minor=0),
    ]


def test_the_tax_of_a_note_is_that_of_what_it_takes_back_together() -> None:
    # Seven times 0.066 are 0.46: rounded alone each of them would be 0.07, together 0.49.
    book = Book(an_invoice(*(a_line("0.66", 2, 20, "exclusive") for _ in range(7))))
    half = [{"invoice_line_id": line.id, "quantity": Decimal("0.5")} for line in book.invoice.lines]

    note = book.credit(half)

    assert (note.subtotal_minor, note.tax_minor) == (7 * 33, 46)


def test_an_invoices_discount_is_taken_back_in_proportion() -> None:
    lines = (a_line(100, 2, 21, "exclusive"), a_line("89.00", 1, 9))
    book = Book(an_invoice(*lines, discount=Discount(percent=Decimal(10))))

    first = book.credit(of_line(book.invoice, 0, quantity=Decimal(1)))
    second = book.credit(of_line(book.invoice, 1, amount_minor=4005))

    assert (first.subtotal_minor, first.tax_minor) == (9000, 1890)
    assert (second.total_minor, second.tax_minor) == (4005, 331)
    assert first.lines[0].discount == Discount(amount_minor=1000)


def test_several_taxes_are_each_taken_back() -> None:
    book = Book(an_invoice(a_line("114.98", 1, taxes=taxes(5, "9.975"))))

    half, rest = book.credit(of_line(book.invoice, amount_minor=5749)), book.credit()

    assert [levied.tax_minor for levied in book.invoice.lines[0].taxes] == [500, 998]
    assert [[levied.tax_minor for levied in note.lines[0].taxes] for note in (half, rest)] == [
        [250, 499],
        [250, 499],
    ]
    assert half.subtotal_minor + rest.subtotal_minor == book.invoice.subtotal_minor


def test_rows_stay_below_their_parents_where_both_are_taken_back() -> None:
    parent = a_line(10, 2)
    book = Book(an_invoice(parent, a_line(5, 2, parent_line_id=parent.id)))

    child = book.credit(of_line(book.invoice, 1, quantity=Decimal(1)))
    both = book.credit()

    assert child.lines[0].parent_line_id is None
    assert both.lines[1].parent_line_id == both.lines[0].id != parent.id


LINES = (a_line("10.00", 4, 20, "exclusive"), a_line("-5.00", 1, 20, "exclusive"))


@pytest.mark.parametrize(
    ("wanted", "code", "pointer"),
    [
        ({"quantity": Decimal(5)}, "credit_exceeds_line", "/lines/0/quantity"),
        ({"amount_minor": 4001}, "credit_exceeds_line", "/lines/0/amount_minor"),
        ({"amount_minor": -1}, "invalid", "/lines/0/amount_minor"),
        ({"amount_minor": 0}, "invalid", "/lines/0/amount_minor"),
        ({"quantity": Decimal(0)}, "invalid", "/lines/0/quantity"),
        ({}, "credit_exceeds_invoice", "/lines"),
        ({"invoice_line_id": UUID(int=1)}, "invalid", "/lines/0/invoice_line_id"),
    ],
)
def test_more_than_a_line_or_the_invoice_is_refused(wanted: Any, code: str, pointer: str) -> None:
    book = Book(an_invoice(*LINES))

    with pytest.raises(BillingError) as caught:
        book.credit([of_line(book.invoice)[0] | wanted])

    assert (caught.value.code, caught.value.errors[0].pointer) == (code, pointer)


def test_a_line_is_named_once_and_ends() -> None:
    book = Book(an_invoice(*LINES))
    first = of_line(book.invoice, 0, quantity=Decimal(1))

    with pytest.raises(BillingError) as twice:
        book.credit(first + first)
    with pytest.raises(BillingError) as negative:
        book.credit(of_line(book.invoice, 1))
    book.credit()
    with pytest.raises(crediting.CreditExceedsLine) as over:
        book.credit(of_line(book.invoice, 0))

    assert twice.value.errors[0].pointer == "/lines/1/invoice_line_id"
    assert negative.value.errors[0].pointer == "/lines"
    assert over.value.errors[0].pointer == "/lines/0"


def test_amounts_and_quantities_of_one_line_count_together() -> None:
    book = Book(an_invoice(a_line("10.00", 4, 20, "exclusive")))

    book.credit(of_line(book.invoice, amount_minor=500))
    book.credit(of_line(book.invoice, quantity=Decimal(3)))
    with pytest.raises(crediting.CreditExceedsLine):
        book.credit(of_line(book.invoice, quantity=Decimal(1)))
    rest = book.credit()

    assert (rest.subtotal_minor, rest.lines[0].credited_quantity) == (500, None)
    assert (rest.lines[0].quantity, rest.lines[0].unit_price) == (1, Decimal("5.00"))


@pytest.mark.parametrize(
    ("paid", "fields", "pointer"),
    [
        (0, {"refund_minor": 1}, "/refund_minor"),
        (3000, {"refund_minor": 3001}, "/refund_minor"),
        (3000, {"refund_minor": 2000, "out_of_band_minor": 1001}, "/out_of_band_minor"),
        (0, {"issue_date": TODAY.replace(day=1)}, "/issue_date"),
    ],
)
def test_no_more_is_given_back_than_was_paid(paid: int, fields: dict[str, Any], pointer: str) -> None:
    book = Book(an_invoice(amount_paid_minor=paid))

    with pytest.raises(BillingError) as caught:
        book.credit(**fields)

    assert caught.value.errors[0].pointer == pointer
    assert book.credit(refund_minor=paid).invoice.amount_credited_minor == book.invoice.total_minor


@pytest.mark.parametrize("status", [Status.DRAFT, Status.VOID])
def test_only_an_issued_invoice_is_credited(status: Status) -> None:
    with pytest.raises(credit_note_rules.InvoiceNotCreditable):
        Book(an_invoice(status=status)).credit()
