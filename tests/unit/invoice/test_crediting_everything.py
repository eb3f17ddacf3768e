"""Credit notes: any way to take an invoice back ends at exactly its amounts, and none goes beyond."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain.credit_note import CreditNote
from services.invoice.credit_notes.domain.crediting import Credited
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import totals
from services.invoice.lines.domain.discount import Discount
from shared.kernel.errors import BillingError
from shared.kernel.pricing import Arithmetic, Rounding
from tests.unit.invoice import builders
from tests.unit.invoice.book import Book
from tests.unit.invoice.builders import an_invoice

STEPS = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.sampled_from(["quantity", "amount", "rest"]), st.decimals(0, 1, places=3)
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda step: step[0],
    ),
    max_size=8,
)


def wanted_of(book: Book, step: list[tuple[int, str, Decimal]]) -> list[dict[str, Any]]:
    """What the step wants of the book's lines: a part of what remains of each."""
    found = []
    for index, kind, part in step:
        if index < len(book.invoice.lines):
            line = book.invoice.lines[index]
            so_far = book.before.get(line.id, Credited())
            left = {
                "quantity": ((line.quantity or Decimal(0)) - so_far.quantity) * part,
                "amount_minor": int((line.amount_minor - so_far.amount_minor) * part),
            }
            name = {"quantity": "quantity", "amount": "amount_minor"}.get(kind)
            found.append({"invoice_line_id": line.id, **({name: left[name]} if name else {})})
    return found


@given(
    st.lists(builders.line_strategy(low=-50), min_size=1, max_size=6),
    builders.CURRENCIES,
    builders.ROUNDINGS,
    builders.DISCOUNTS,
    STEPS,
)
def test_any_way_of_crediting_everything_returns_exactly_everything(
    lines: list[line_rules.Line], currency: str, rounding: Rounding, discount: Discount | None, steps: Any
) -> None:
    invoice = an_invoice(*lines, currency=currency, rounding=rounding, discount=discount)
    assume(invoice.total_minor > 0)
    book = Book(invoice)

    for step in steps:
        try:
            book.credit(wanted_of(book, step))
        except BillingError:
            continue
        _require_within(book)
    try:
        book.credit()
    except credit_note_rules.NothingToCredit:
        assert book.invoice.amount_credited_minor == invoice.total_minor

    credited = _sums(book)
    assert book.invoice.amount_credited_minor == invoice.total_minor
    assert (book.invoice.status, book.invoice.amount_due_minor) == (Status.PAID, 0)
    for line in invoice.lines:
        expected = (line.net_minor, line.tax_minor, line.gross_minor)
        assert credited.get(line.id, (0, 0, 0)) == expected
    assert _breakdown(book.notes) == _breakdown([invoice])
    with pytest.raises(credit_note_rules.NothingToCredit):
        book.credit()


def _require_within(book: Book) -> None:
    note = book.notes[-1]
    assert note.total_minor == note.subtotal_minor + note.tax_minor == sum(x.gross_minor for x in note.lines)
    assert sum(row.tax_minor for row in note.tax_breakdown) == note.tax_minor
    for line in note.lines:
        assert line.gross_minor == line.net_minor + line.tax_minor
        assert line_rules.amount_minor(line, Arithmetic(note.currency, note.rounding)) in range(
            line.amount_minor - 1, line.amount_minor + 2
        )
    for line in book.invoice.lines:
        so_far = book.before.get(line.id, Credited())
        assert abs(so_far.amount_minor) <= abs(line.amount_minor)
        assert abs(so_far.quantity) <= abs(line.quantity or 0)
        for levied, minor in zip(line.levied, so_far.taxes_minor or [0] * len(line.levied), strict=True):
            assert abs(minor) <= abs(levied.tax_minor)


def _sums(book: Book) -> dict[UUID, tuple[int, int, int]]:
    found: dict[UUID, tuple[int, int, int]] = {}
    for line in (line for note in book.notes for line in note.lines):
        net, tax, gross = found.get(line.invoice_line_id, (0, 0, 0))
        found[line.invoice_line_id] = (net + line.net_minor, tax + line.tax_minor, gross + line.gross_minor)
    return found


def _breakdown(documents: Sequence[Invoice | CreditNote]) -> dict[Any, tuple[int, int]]:
    found: dict[Any, tuple[int, int]] = {}
    for row in (row for document in documents for row in document.tax_breakdown):
        key = (row.tax_rate, row.tax_category, row.name)
        taxable, minor = found.get(key, (0, 0))
        found[key] = (taxable + row.taxable_minor, minor + row.tax_minor)
    return {key: sums for key, sums in found.items() if sums != (0, 0)}


@given(
    st.lists(builders.line_strategy(low=0), min_size=1, max_size=6), builders.CURRENCIES, builders.ROUNDINGS
)
def test_one_full_note_repeats_the_invoice(
    lines: list[line_rules.Line], currency: str, rounding: Rounding
) -> None:
    invoice = an_invoice(*lines, currency=currency, rounding=rounding)
    assume(invoice.total_minor > 0)

    note = Book(invoice).credit()

    assert (note.subtotal_minor, note.tax_minor) == (invoice.subtotal_minor, invoice.tax_minor)
    assert {line.invoice_line_id: line.levied for line in note.lines} == {
        line.id: line.levied for line in invoice.lines if line.amount_minor
    }
    assert totals.break_down(note.lines) == note.tax_breakdown
