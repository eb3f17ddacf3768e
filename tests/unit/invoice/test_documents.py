"""Documents on paper: every language complete, values as readers expect them, bytes that stay the same."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from stdnum import iso11649

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import payment_code, pdf, view
from services.invoice.documents.rendering.formatting import Formatter
from services.invoice.documents.rendering.glyph_fallback import replace_missing_glyphs
from services.invoice.documents.rendering.wording import WORDS, language_of
from shared.events.invoice import ContactOnInvoice, LineData, LineTax, Seller, TaxBreakdown
from shared.kernel.ids import new_id

SELLER = Seller(name="Bakkerij de Vries B.V.", country="NL", iban="NL91ABNA0417164300", bic="ABNANL2A")


def a_line(description: str = "Work", **fields: Any) -> LineData:
    """A row of one item at 100.00 without tax."""
    usual = {"quantity": Decimal(1), "unit_price": Decimal(100), "tax_rate": Decimal(0)}
    amounts = {"net_minor": 10_000, "tax_minor": 0, "gross_minor": 10_000, "tax_behavior": "exclusive"}
    return LineData(id=new_id(), type="item", description=description, **{**usual, **amounts, **fields})


def a_paper(**fields: Any) -> PrintModel:
    """An open invoice of 100.00 euros to a Dutch contact."""
    locale = fields.pop("locale", "nl")
    usual: dict[str, Any] = {
        "kind": "invoice",
        "number": "2026-00042",
        "status": "open",
        "currency": "EUR",
        "seller": SELLER,
        "buyer": ContactOnInvoice(id=new_id(), name="Acme", locale=locale),
        "lines": [a_line()],
        "subtotal_minor": 10_000,
        "tax_minor": 0,
        "total_minor": 10_000,
        "due_minor": 10_000,
        "tax_breakdown": [TaxBreakdown(tax_rate=Decimal(0), taxable_minor=10_000, tax_minor=0)],
        "made_at": datetime(2026, 11, 21, tzinfo=UTC),
        "issue_date": date(2026, 11, 21),
        "due_date": date(2026, 12, 21),
    }
    return PrintModel(**{**usual, **fields})


@pytest.mark.parametrize("language", WORDS)
def test_a_language_has_every_word_and_keeps_its_places(language: str) -> None:
    words = WORDS[language]

    assert words.keys() == WORDS["en"].keys()
    for key, english in WORDS["en"].items():
        assert words[key]
        assert {p for p in ("{rate}", "{page}", "{number}", "{date}") if p in english} == {
            p for p in ("{rate}", "{page}", "{number}", "{date}") if p in words[key]
        }


@pytest.mark.parametrize(
    ("locale", "language"),
    [("nl-BE", "nl"), ("no", "nb"), ("nn_NO", "nb"), ("fr", "fr"), ("ja", "en"), (None, "en"), ("DA", "da")],
)
def test_a_locale_gets_its_language_or_english(locale: str | None, language: str) -> None:
    assert language_of(locale) == language


@pytest.mark.parametrize(
    ("language", "amount_minor", "currency", "text"),
    [
        ("nl", 144_715, "EUR", "€ 1.447,15"),
        ("en", 144_715, "EUR", "€1,447.15"),
        ("fr", 144_715, "EUR", "1 447,15 €"),
        ("nb", 144_715, "NOK", "1 447,15 NOK"),
        ("sv", 144_715, "SEK", "1 447,15 SEK"),
        ("en", 144_715, "GBP", "£1,447.15"),
        ("en", 144_715, "USD", "1,447.15 USD"),
        ("da", -144_715, "DKK", "−1.447,15 DKK"),
        ("en", 144_715, "JPY", "144,715 JPY"),
        ("en", 144_715, "KWD", "144.715 KWD"),
    ],
)
def test_money_is_written_as_readers_of_the_language_write_it(
    language: str, amount_minor: int, currency: str, text: str
) -> None:
    assert Formatter(language).money(amount_minor, currency).replace("\u00a0", " ") == text


def test_a_price_keeps_all_its_decimals_and_a_rate_is_not_rounded() -> None:
    form = Formatter("nl")

    assert form.price(Decimal("0.0005"), "EUR") == "0,0005"
    assert form.price(Decimal(3), "JPY") == "3"
    assert form.price(Decimal("95.5"), "EUR") == "95,50"
    assert form.percent(Decimal("25.5")) == "25,5%"


@pytest.mark.parametrize("number", ["2026-00042", "INV/7", "a1b2c3"])
def test_a_creditor_reference_is_one_by_iso_11649(number: str) -> None:
    reference = payment_code.creditor_reference(number)

    assert reference is not None
    assert iso11649.is_valid(reference)
    assert reference[4:] == "".join(c for c in number.upper() if c.isalnum())


@pytest.mark.parametrize("number", ["", "---", "1" * 22])
def test_a_number_that_makes_no_reference_gets_none(number: str) -> None:
    assert payment_code.creditor_reference(number) is None


def test_the_epc_code_says_whom_to_pay_how_much_and_why() -> None:
    lines = (payment_code.epc_text(a_paper()) or "").split("\n")

    assert lines[:4] == ["BCD", "002", "1", "SCT"]
    assert lines[4:8] == ["ABNANL2A", "Bakkerij de Vries B.V.", "NL91ABNA0417164300", "EUR100.00"]
    assert lines[9] == payment_code.creditor_reference("2026-00042")


@pytest.mark.parametrize("fields", [{"currency": "SEK"}, {"due_minor": 0}, {"seller": Seller(name="A")}])
def test_there_is_no_epc_code_where_it_could_not_be_paid(fields: dict[str, Any]) -> None:
    assert payment_code.epc_text(a_paper(**fields)) is None


def test_inclusive_lines_show_what_the_customer_was_told() -> None:
    line = a_line(tax_behavior="inclusive", net_minor=8264, tax_minor=1736, gross_minor=10_000)

    shown = view.build_view(a_paper(lines=[line]))

    assert shown["amount_head"] == "Bedrag incl. btw"
    assert shown["lines"][0]["amount"] == "100,00"


def test_several_taxes_are_shown_each() -> None:
    taxes = [LineTax(tax_rate=Decimal(5), name="GST"), LineTax(tax_rate=Decimal("9.975"), name="QST")]
    groups = [
        TaxBreakdown(tax_rate=tax.tax_rate, name=tax.name, taxable_minor=10_000, tax_minor=500)
        for tax in taxes
    ]

    shown = view.build_view(a_paper(locale="en", lines=[a_line(taxes=taxes)], tax_breakdown=groups))

    assert shown["lines"][0]["rate"] == "5% + 9.975%"
    assert [row["label"] for row in shown["totals"]] == ["Subtotal", "GST 5%", "QST 9.975%", "Total"]


def test_what_was_paid_and_credited_is_taken_off() -> None:
    shown = view.build_view(
        a_paper(locale="en", paid_minor=2_500, credited_minor=500, due_minor=7_000, is_current=True)
    )

    assert shown["due"]["rows"] == [["Paid", "−€25.00"], ["Credited", "−€5.00"]]
    assert shown["due"]["value"] == "€70.00"


def test_text_shows_a_box_for_what_no_font_has_and_loses_only_what_has_no_look() -> None:
    fonts = [frozenset(map(ord, "abcx□")), frozenset(map(ord, "日شركة\u0337"))]

    assert replace_missing_glyphs("a\x00b\nc\t", fonts) == "ab\nc "
    assert replace_missing_glyphs(["日", {"x": "شركة"}], fonts) == ["日", {"x": "شركة"}]
    # A character and its marks are of one font, or the mark is a box of its own.
    assert replace_missing_glyphs("日\u0337 x\u0337 ᚠ", fonts) == "日\u0337□x□□□"
    assert replace_missing_glyphs("a\u200d\ufe0f", fonts) == "a\u200d\ufe0f"


@pytest.mark.parametrize("kind", ["invoice", "credit_note", "quote"])
@pytest.mark.parametrize("locale", WORDS)
def test_a_document_is_pdf_a_3b_and_the_same_bytes_every_time(kind: Any, locale: str) -> None:
    document = a_paper(kind=kind, locale=locale)

    made = pdf.render_pdf(document)

    assert made.is_archival
    assert pdf.render_pdf(document).content == made.content
    with pikepdf.open(io.BytesIO(made.content)) as opened:
        with opened.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert opened.Root.Lang == locale
        assert "2026-00042" in str(opened.docinfo["/Title"])


def test_a_long_document_goes_over_several_pages() -> None:
    made = pdf.render_pdf(a_paper(lines=[a_line(f"Row {number}") for number in range(60)]))

    with pikepdf.open(io.BytesIO(made.content)) as opened:
        assert len(opened.pages) == 3


def test_other_scripts_and_markup_are_set_as_they_are() -> None:
    texts = ["#panic(1) *b* $x$ \\ @y <z>", "שירותי ייעוץ", "شركة الأمل", "日本語 한국어", "हिन्दी ไทย Ελλ Ж"]

    made = pdf.render_pdf(a_paper(lines=[a_line(text) for text in texts]))

    assert made.is_archival


@pytest.mark.parametrize(
    "text",
    [
        "ᚠᚢᚦ",
        "日\u0337本",
        "क\u0337 a\u0337",
        "\u0337x",
        "😀\u0337 👩‍💻 🇳🇱 1️⃣",
        "\U0001fae9\ue000\ufffd",
        "Ǆ\u0301\u0337ﷺ",
    ],
)
def test_whatever_is_written_gives_a_document_for_archives(text: str) -> None:
    made = pdf.render_pdf(a_paper(lines=[a_line(text)], notes=text))

    assert made.is_archival
