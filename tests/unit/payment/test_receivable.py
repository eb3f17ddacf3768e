"""What an invoice asks for, and how that ends."""

import pytest

from services.payment.receivables.domain.receivable import (
    MOVES,
    InvoiceNotIssued,
    ReceivableStatus,
    close,
    of_invoice,
    of_reply,
    pay,
)
from shared.kernel.errors import IllegalMove
from tests.unit.payment.builders import WORKSPACE, a_receivable, an_invoice


@pytest.mark.parametrize(
    ("invoice_status", "total_minor", "status", "due_minor"),
    [
        ("open", 33900, ReceivableStatus.OPEN, 33900),
        ("uncollectible", 33900, ReceivableStatus.OPEN, 33900),
        ("paid", 0, ReceivableStatus.SETTLED, 0),
        ("void", 33900, ReceivableStatus.CLOSED, 0),
    ],
)
def test_an_invoice_opens_a_receivable_by_its_status(
    invoice_status: str, total_minor: int, status: ReceivableStatus, due_minor: int
) -> None:
    invoice = an_invoice(status=invoice_status, total_minor=total_minor)

    receivable = of_invoice(WORKSPACE, invoice)

    assert (receivable.status, receivable.due_minor) == (status, due_minor)
    assert receivable.invoice_sequence == invoice.version


def test_a_draft_asks_for_nothing() -> None:
    draft = an_invoice(status="draft", number=None, issue_date=None)

    with pytest.raises(InvoiceNotIssued):
        of_invoice(WORKSPACE, draft)


def test_the_owners_reply_gives_the_same_receivable_as_its_event() -> None:
    invoice = an_invoice()

    assert of_reply(WORKSPACE, invoice.model_dump(mode="json")) == of_invoice(WORKSPACE, invoice)


def test_a_reply_that_is_no_invoice_is_refused() -> None:
    with pytest.raises(ValueError, match="validation error"):
        of_reply(WORKSPACE, {"id": "surprise"})


@pytest.mark.parametrize(
    ("amount_minor", "status", "words"),
    [
        (1, ReceivableStatus.OPEN, "partially_paid"),
        (33899, ReceivableStatus.OPEN, "partially_paid"),
        (33900, ReceivableStatus.SETTLED, "paid"),
    ],
)
def test_paying_moves_amounts_status_and_version(
    amount_minor: int, status: ReceivableStatus, words: str
) -> None:
    before = a_receivable()

    after = pay(before, amount_minor)

    assert (after.paid_minor, after.due_minor) == (amount_minor, 33900 - amount_minor)
    assert (after.status, after.payment_status) == (status, words)
    assert after.version == before.version + 1


@pytest.mark.parametrize("amount_minor", [0, -1, 33901])
def test_a_receivable_takes_neither_nothing_nor_more_than_is_due(amount_minor: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pay(a_receivable(), amount_minor)


def test_a_closed_receivable_holds_no_money_and_takes_none() -> None:
    closed = close(pay(a_receivable(), 100))

    assert (closed.paid_minor, closed.due_minor, closed.payment_status) == (0, 0, "unpaid")
    with pytest.raises(ValueError, match="does not fit"):
        pay(closed, 1)
    with pytest.raises(IllegalMove):
        close(closed)


def test_every_status_has_its_moves() -> None:
    assert set(MOVES) == set(ReceivableStatus)
