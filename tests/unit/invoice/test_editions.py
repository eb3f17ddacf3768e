"""Editions: an edit after issue is told from what was given out before, which can be had again."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.printed_document import content_sha256
from services.invoice.invoices.domain import edition
from services.invoice.invoices.domain import invoice as rules
from services.invoice.invoices.domain.invoice import Invoice, InvoiceEdit, Status
from services.invoice.invoices.domain.settling import ReceivableState, settle
from services.invoice.payer_page.domain import link_use
from tests.unit.invoice.builders import CONTACT, NOW, TODAY, a_draft, an_invoice
from tests.unit.invoice.papers import a_seller

LATER = NOW + timedelta(days=3)


def edited(invoice: Invoice, **fields: Any) -> Invoice:
    return edition.follow(invoice, rules.edit(invoice, InvoiceEdit(**fields), LATER), LATER)


@pytest.mark.parametrize(
    "fields", [{"notes": "New"}, {"reference": "PO 7"}, {"due_date": date(2027, 1, 1)}, {"due_date": None}]
)
def test_what_is_printed_changes_in_another_edition(fields: dict[str, Any]) -> None:
    invoice = an_invoice(seller=a_seller(), notes="Old")
    was = content_sha256(print_model.from_invoice(invoice, "UTC", TODAY))

    second = edited(invoice, **fields)
    third = edited(second, notes="Newest")

    assert (second.edition, second.edited_at, third.edition) == (2, LATER, 3)
    paper = print_model.from_invoice(second, "Europe/Amsterdam", TODAY)
    assert (paper.edition, paper.edited_on) == (2, LATER.date())
    again = edition.restore(third, edition.edition_of(invoice))
    assert content_sha256(print_model.from_invoice(again, "UTC", TODAY)) == was
    assert content_sha256(paper) != was


def test_what_is_not_printed_makes_no_edition_and_nor_does_a_draft() -> None:
    invoice = an_invoice(notes="Same")

    assert edited(invoice, metadata={"a": "b"}, notes="Same").edition == 1
    assert edited(an_invoice(reference="1"), notes="", reference="1").edition == 1
    assert edited(a_draft(), notes="New").edition == 1


def test_another_link_makes_another_edition_since_it_is_printed() -> None:
    issued = rules.issue(a_draft(), CONTACT, None, "1", NOW)

    renewed = link_use.renew_link(issued, LATER)

    assert print_model.from_invoice(issued, "UTC", TODAY).pay_url == issued.public_url
    assert (renewed.edition, renewed.edited_at) == (2, LATER)
    assert print_model.from_invoice(renewed, "UTC", TODAY).pay_url == renewed.public_url != issued.public_url


@pytest.mark.parametrize(
    ("settled", "paid", "due", "status"),
    [(None, 0, 33900, "open"), (0, 0, 33900, "open"), (900, 900, 33000, "open"), (33900, 33900, 0, "paid")],
)
def test_what_credit_settled_at_issue_is_never_asked_for(
    settled: int | None, paid: int, due: int, status: str
) -> None:
    invoice = an_invoice(settled_at_issue_minor=settled, issued_at=NOW)

    issued = print_model.from_invoice(invoice, "UTC", TODAY)
    current = print_model.from_invoice(invoice, "UTC", TODAY, is_current=True)

    assert (issued.paid_minor, issued.due_minor) == (paid, due)
    assert (current.paid_minor, current.due_minor, current.status) == (paid, due, status)


def test_later_payments_change_what_stands_now_alone() -> None:
    invoice = an_invoice(settled_at_issue_minor=900, issued_at=NOW)

    paid = settle(invoice, ReceivableState(33900, 5), LATER)
    reopened = settle(paid, ReceivableState(0, 6), LATER)

    assert print_model.from_invoice(paid, "UTC", TODAY) == print_model.from_invoice(invoice, "UTC", TODAY)
    assert print_model.from_invoice(paid, "UTC", TODAY, is_current=True).displayed_status == "paid"
    assert print_model.from_invoice(reopened, "UTC", TODAY, is_current=True).due_minor == 33900
    assert reopened.status is Status.OPEN
    assert replace(invoice, receivable_version=1, amount_paid_minor=0).amount_due_minor == 33900
