"""The public page: what it says for each standing of an invoice, in each language, and never as markup."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.invoice.documents.domain import print_model, printed_document
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Status
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.payer_page.domain import link_use
from services.invoice.payer_page.rendering import page
from services.invoice.payer_page.rendering.page import Visit
from services.invoice.payer_page.rendering.wording import PAGE_WORDS, language_asked_for
from tests.unit.invoice.builders import CONTACT, DUE, NOW, TODAY, a_draft, a_line, an_invoice
from tests.unit.invoice.papers import a_computed_paper, a_seller

VISIT = Visit("token", "Europe/Amsterdam", can_pay=True)
EVIL = '"><script>alert(1)</script>{{ 7*7 }}'


def shown(visit: Visit = VISIT, day: Any = TODAY, **fields: Any) -> str:
    invoice = an_invoice(**{"seller": a_seller(), **fields})
    return page.invoice_page(to_snapshot(invoice, day), [], None, visit)


@pytest.mark.parametrize("language", PAGE_WORDS)
def test_an_open_invoice_can_be_paid_in_every_language(language: str) -> None:
    html = shown(contact=CONTACT.model_copy(update={"locale": language}))

    assert f'<html lang="{language}">' in html
    assert '<form method="post" action="/i/token/pay">' in html
    assert PAGE_WORDS[language]["download"] in html
    assert PAGE_WORDS[language]["or_by_transfer"] in html
    assert "NL91 ABNA 0417 1643 00" in html
    assert 'viewBox="0 0' in html
    assert "{" not in html


def test_nothing_that_a_seller_or_buyer_writes_is_markup() -> None:
    seller = a_seller(name=EVIL, email=EVIL)
    html = shown(
        seller=seller,
        contact=CONTACT.model_copy(update={"name": EVIL}),
        notes=EVIL,
        reference=EVIL,
        lines=(a_line(339, description=EVIL),),
    )

    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 5
    assert html.count("{{ 7*7 }}") >= 5


@pytest.mark.parametrize(
    ("fields", "tone", "can_pay"),
    [
        ({}, None, True),
        ({"amount_paid_minor": 100}, "calm", True),
        ({"status": Status.UNCOLLECTIBLE}, "bad", True),
        ({"status": Status.PAID, "paid_at": NOW, "amount_paid_minor": 33900}, "good", False),
        ({"status": Status.VOID}, "muted", False),
        ({"amount_credited_minor": 100}, "calm", True),
        ({"status": Status.PAID, "paid_at": NOW, "amount_credited_minor": 33900}, "muted", False),
    ],
)
def test_the_badge_says_where_the_invoice_stands(fields: Any, tone: str | None, can_pay: bool) -> None:
    html = shown(**fields)

    assert re.findall(r'class="badge (\w+)"', html) == ([tone] if tone else [])
    assert ("/i/token/pay" in html) == can_pay
    assert ("IBAN" in html or "NL91" in html) == can_pay


def test_what_was_credited_is_never_called_paid() -> None:
    credited: dict[str, Any] = {"status": Status.PAID, "paid_at": NOW, "amount_credited_minor": 33900}

    nobody_paid = shown(**credited)
    both = shown(**{**credited, "amount_credited_minor": 3900, "amount_paid_minor": 30000})

    assert ">Credited</p>" in nobody_paid
    assert 'class="amount struck"' in nobody_paid
    assert "Paid" not in nobody_paid
    assert ">Paid and credited</p>" in both
    assert "Paid on" in both


def test_what_is_collected_by_itself_names_no_account() -> None:
    html = shown(collection_method="charge_automatically")

    assert "Will be collected automatically" in html
    assert "NL91" not in html
    assert "<svg" not in html


def test_a_late_invoice_says_so_and_one_without_provider_has_no_button() -> None:
    late = shown(replace(VISIT, can_pay=False), DUE + timedelta(days=1))

    assert 'class="badge bad"' in late
    assert "/i/token/pay" not in late
    assert "Pay by bank transfer" in late


@pytest.mark.parametrize(
    ("checkout", "collection", "word", "refreshes"),
    [
        ("done", "succeeded", "processing", True),
        ("done", "processing", "processing", True),
        ("done", "failed", "failed", False),
        ("done", "canceled", "canceled", False),
        ("canceled", "requires_action", "canceled", False),
        ("unavailable", None, "unavailable", False),
        (None, "processing", "processing", False),
        (None, "requires_action", None, False),
    ],
)
def test_a_payer_who_comes_back_is_told_what_came_of_it(
    checkout: Any, collection: str | None, word: str | None, refreshes: bool
) -> None:
    html = shown(replace(VISIT, checkout=checkout, collection=collection))

    told = re.findall(r'class="notice \w+" role="status">(.*?)</p>', html)
    assert told == ([PAGE_WORDS["en"][word]] if word else [])
    assert ('http-equiv="refresh"' in html) == refreshes
    last = shown(replace(VISIT, checkout=checkout, collection=collection, refreshes=page.MAX_REFRESHES))
    assert 'http-equiv="refresh"' not in last


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("ja, fr;q=0.5", "fr"),
        ("de-AT, fr;q=0.5", "de"),
        ("en-US,nl", "en"),
        ("no", "nb"),
        ("x" * 9000, "en"),
        (",,;;", "en"),
    ],
)
def test_the_page_for_nothing_is_in_the_browsers_language(asked: str, language: str) -> None:
    assert language_asked_for(asked) == language
    assert PAGE_WORDS[language]["not_found"] in page.not_found_page(language)


def test_an_invoice_is_opened_once_and_its_link_replaced_only_after_issue() -> None:
    invoice = invoice_rules.issue(a_draft(), CONTACT, None, "1", NOW)

    opened = link_use.mark_opened(invoice, NOW)
    renewed = link_use.renew_link(opened, NOW)

    assert (opened.opened_at, opened.version) == (NOW, invoice.version + 1)
    assert link_use.mark_opened(opened, NOW + timedelta(1)) is opened
    assert invoice.public_url
    assert renewed.public_url != invoice.public_url
    assert a_draft().public_url is None
    with pytest.raises(link_use.NoPublicLink):
        link_use.renew_link(a_draft(), NOW)


def test_the_hash_of_a_papers_content_changes_with_what_it_says_alone() -> None:
    document = a_computed_paper()

    same = replace(document, receiver=None, is_current=False)
    other = replace(document, notes="Other")
    logo = replace(document, seller=document.seller.model_copy(update={"logo_sha256": "0" * 64}))

    hashes = [printed_document.content_sha256(one) for one in (document, same, other, logo)]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert printed_document.is_kept(document)
    assert not printed_document.is_kept(replace(document, is_current=True))
    assert not printed_document.is_kept(
        print_model.from_invoice_data(to_snapshot(a_draft(number="7"), TODAY), "UTC")
    )
