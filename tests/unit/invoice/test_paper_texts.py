"""What a reader finds on the PDF: rows that multiply, sums that add up, nothing asked for that is not due."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.domain.printed_document import as_printed_by_first_template, content_sha256
from services.invoice.documents.rendering import pdf, view
from services.invoice.documents.rendering.exemptions import SENTENCES, sentence
from services.invoice.documents.rendering.wording import WORDS
from services.invoice.lines.domain.discount import Discount
from shared.events import invoice as events
from shared.events.contact import Address
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

TEN = Discount(percent=Decimal(10))
LONG = "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichen"


def a_paper(*items: dict[str, Any], locale: str = "en", **fields: Any) -> PrintModel:
    """A paper in this language; `discount` is the document's own."""
    given = fields.pop("discount", None)
    made = a_computed_paper(*items, discount=given, buyer=a_buyer(locale=locale))
    return replace(made, **fields, discount=given.data if given else None)


def text_of(paper: PrintModel) -> str:
    """All that the PDF says, its words one space apart."""
    made = pdf.render_pdf(paper)
    assert made.is_archival
    pages = PdfReader(io.BytesIO(made.content)).pages
    return " ".join(" ".join(page.extract_text().replace("\u00a0", " ").split()) for page in pages)


def amounts_of(shown: dict[str, Any]) -> list[int]:
    """The totals that are printed, in minor units, in their order."""
    return [int(re.sub(r"[^\d−]", "", row["value"]).replace("−", "-")) for row in shown["totals"]]


def test_the_documents_own_discount_is_printed_with_what_it_takes_off() -> None:
    items = ({"unit_price": Decimal(100)}, {"unit_price": Decimal(50), "tax_rate": Decimal(9)})

    said = text_of(a_paper(*items, discount=TEN))

    assert "Sum of lines €150.00 Discount 10% −€15.00 Subtotal €135.00" in said
    assert "1 100.00 21% 100.00" in said
    assert "Discount −€7.00" in text_of(a_paper(*items, discount=Discount(amount_minor=700)))
    quote = text_of(a_paper(*items, discount=TEN, kind="quote", status="sent"))
    assert "Discount 10% −€15.00" in quote


def test_every_row_multiplies_whether_its_price_holds_tax_or_not() -> None:
    items = (
        {"quantity": Decimal("2.5"), "unit_price": Decimal(80), "unit": "h"},
        {
            "quantity": Decimal(3),
            "unit_price": Decimal("12.10"),
            "tax_behavior": "inclusive",
            "discount": TEN,
        },
    )

    document = a_paper(*items, discount=TEN)

    said = text_of(document)
    assert "2.5 h 80.00 21% 200.00" in said
    # 3 × 12.10 = 36.30, less 10 % = 32.67.
    assert "Discount 10% (−3.63)" in said
    assert "incl. VAT" in said
    assert "32.67" in said
    rows, discount, held, subtotal, tax, total = amounts_of(view.build_view(document))
    assert (rows, rows + discount + held, subtotal + tax) == (23267, subtotal, total)
    assert total == document.total_minor


def test_prices_that_all_hold_tax_say_so_in_the_head() -> None:
    said = text_of(a_paper({"tax_behavior": "inclusive", "unit_price": Decimal(121)}))

    assert "Price incl. VAT" in said
    assert "Amount incl. VAT (EUR)" in said
    assert "Subtotal excl. VAT €100.00" in said


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("nl", "Btw verlegd"),
        ("da", "Omvendt betalingspligt"),
        ("fr", "Autoliquidation"),
        ("sv", "Omvänd betalningsskyldighet"),
        ("nb", "Omvendt avgiftsplikt – Merverdiavgift ikke beregnet"),
        ("en", "Reverse charge"),
    ],
)
def test_reverse_charge_is_the_laws_sentence_alone(locale: str, words: str) -> None:
    item = {"tax_rate": Decimal(0), "tax_category": "AE", "tax_exemption_reason": "Reverse charge"}

    assert view.build_view(a_paper(item, locale=locale))["reasons"] == [words]


def test_a_reason_of_ones_own_is_told_and_several_are_told_apart() -> None:
    untaxed = {"tax_rate": Decimal(0)}
    items = (
        {**untaxed, "tax_category": "AE", "tax_exemption_reason": "Reverse charge"},
        {**untaxed, "tax_category": "E", "tax_exemption_reason": "KOR"},
    )

    shown = view.build_view(a_paper(*items, locale="nl"))

    assert shown["reasons"] == ["¹ Btw verlegd", "² Vrijgesteld van btw: KOR"]
    assert [line["rate"] for line in shown["lines"]] == ["0%¹", "0%²"]
    assert [row["label"] for row in shown["totals"][1:3]] == ["Btw 0%¹", "Btw 0%²"]
    assert sentence("fr", "E", "TVA non applicable, art. 293 B du CGI").startswith("TVA non applicable")
    assert sentence("de", "S", None) == ""
    assert SENTENCES.keys() == WORDS.keys()


@pytest.mark.parametrize("kind", ["invoice", "credit_note", "quote"])
def test_german_documents_are_german(kind: Any) -> None:
    said = text_of(a_paper(locale="de-AT", kind=kind, status="sent" if kind == "quote" else "open"))

    assert WORDS["de"][kind] in said
    assert "21. November 2026" in said
    assert "Gesamtbetrag 121,00 €" in said
    assert "Invoice" not in said


def test_what_credit_settled_at_issue_is_not_asked_for() -> None:
    part = text_of(a_paper(paid_minor=5000, due_minor=7100, pay_url="https://pay.example/i/x"))
    whole = text_of(a_paper(paid_minor=12100, due_minor=0, pay_url="https://pay.example/i/x"))

    assert "Settled from your credit −€50.00 Amount due €71.00" in part
    assert "Please pay €71.00" in part
    assert "Nothing remains to be paid." in whole
    for absent in ("Please pay", "Scan to pay", "NL91", "Pay online"):
        assert absent not in whole


def test_what_is_collected_by_itself_asks_nobody_to_pay() -> None:
    said = text_of(a_paper(is_collected=True, pay_url="https://pay.example/i/x"))

    assert "€121.00 will be collected automatically" in said
    for absent in ("Please pay", "Scan to pay", "NL91", "Pay online"):
        assert absent not in said


def test_the_link_to_pay_can_be_clicked() -> None:
    made = pdf.render_pdf(a_paper(pay_url="https://pay.example/i/token"))

    with pikepdf.open(io.BytesIO(made.content)) as opened:
        links = [str(one.A.URI) for page in opened.pages for one in page.get("/Annots", [])]
    assert made.is_archival
    assert links == ["https://pay.example/i/token"]


@pytest.mark.parametrize(
    ("fields", "stamp"),
    [
        ({"credited_minor": 12100}, "CREDITED"),
        ({"credited_minor": 2100, "paid_minor": 10000}, "PAID AND CREDITED"),
        ({"paid_minor": 12100}, "PAID"),
    ],
)
def test_credited_is_not_paid(fields: dict[str, Any], stamp: str) -> None:
    said = text_of(a_paper(status="paid", due_minor=0, is_current=True, **fields))

    assert f"2026-00042 {stamp}" in said
    assert ("Paid" in said) == ("paid_minor" in fields)


def test_a_void_invoice_says_so_and_asks_for_nothing() -> None:
    said = text_of(a_paper(status="void", pay_url="https://pay.example/i/x"))

    assert said.count("VOID") == 2
    assert "This invoice is void. Nothing is to be paid." in said
    for absent in ("Please pay", "NL91", "Pay online"):
        assert absent not in said


def test_an_edition_says_which_it_is_and_since_when() -> None:
    said = text_of(a_paper(edition=2, edited_on=date(2026, 11, 30)))

    assert "Edition 2 of 30 November 2026" in said
    assert said.count("2026-00042") == 1


def test_words_without_end_are_printed_to_their_last_letter() -> None:
    address = Address(line1=LONG, line2=LONG, city=LONG, postal_code="1")
    document = a_paper(
        {"description": LONG, "unit": LONG[:30], "quantity": Decimal("123456.123456")},
        buyer=a_buyer(name=LONG * 3, address=address),
        seller=a_seller(name=LONG, address=address, email=f"{LONG}@{LONG}.example"),
        number="INV-" + "9" * 60,
        reference=LONG,
        notes=LONG * 4,
    )
    made = pdf.render_pdf(document)

    assert made.is_archival
    reader = PdfReader(io.BytesIO(made.content))
    words = [word for page in reader.pages for word in page.extract_text().split()]
    # Notes have the whole width for them, in 9 points.
    assert max(map(len, words)) < 110
    whole = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert whole.count(LONG) >= 10
    assert "9" * 60 in whole
    assert "\u200b" not in whole


def test_a_seller_who_says_nothing_has_a_document() -> None:
    assert "Quote" in text_of(a_paper(seller=events.Seller(name=""), kind="quote", status="draft"))


def test_emoji_are_printed() -> None:
    assert "Pizza 🍕 Co" in text_of(a_paper({"description": "Pizza 🍕 Co"}))


def test_what_the_first_template_was_given_has_the_hash_of_then() -> None:
    """Documents that it printed are found again by what they said then."""
    then = a_paper()
    now = replace(
        then,
        discount=events.Discount(percent=Decimal(10)),
        is_collected=True,
        pay_url="https://pay.example/i/x",
        paid_minor=100,
        due_minor=12000,
    )

    assert content_sha256(as_printed_by_first_template(now)) == content_sha256(then)
    assert content_sha256(now) != content_sha256(then)
