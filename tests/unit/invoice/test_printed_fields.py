"""Supply, tax numbers, tax in two currencies and several reasons, as they are printed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.invoice.documents.rendering import pdf, view
from services.invoice.e_invoices.rendering import cii
from shared.events.invoice import TaxConversion
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

D = Decimal
FIRST, DAY, LAST = date(2026, 11, 1), date(2026, 11, 7), date(2026, 11, 30)
IN_EUR = TaxConversion(
    currency="EUR",
    exchange_rate=D("0.9205"),
    exchange_rate_source="ECB",
    exchange_rate_date=DAY,
    tax_minor=1933,
)
EXEMPT: dict[str, Any] = {"tax_rate": D(0), "tax_category": "E"}


@pytest.mark.parametrize(
    ("locale", "label", "day"),
    [("en", "Date of supply", "7 November 2026"), ("de", "Leistungsdatum", "7. November 2026")],
)
def test_the_date_and_the_period_of_supply_stand_with_the_facts(locale: str, label: str, day: str) -> None:
    paper = a_computed_paper(
        supply_date=DAY, period_first=FIRST, period_last=LAST, buyer=a_buyer(locale=locale)
    )

    facts = view.build_view(paper)["facts"]

    assert [label, day] in facts
    assert any("–" in value and "30" in value for _, value in facts)


def test_a_row_says_its_period_where_it_is_not_the_documents() -> None:
    rows = [
        {"supply_start": FIRST, "supply_end": DAY},
        {"supply_start": FIRST, "supply_end": LAST},
        {"supply_start": DAY, "supply_end": DAY},
        {"text": "Thanks"},
        {},
    ]

    lines = view.build_view(a_computed_paper(*rows, period_first=FIRST, period_last=LAST))["lines"]

    assert [line["period"] for line in lines] == ["1 Nov 2026 – 7 Nov 2026", "", "7 Nov 2026", "", ""]


@pytest.mark.parametrize(
    ("seller", "numbers"),
    [
        (a_seller(tax_number="12/34"), ["VAT no. NL123456782B90", "Tax no. 12/34", "Reg. no. 12345678"]),
        (a_seller(vat_id=None, tax_number="12/34"), ["Tax no. 12/34", "Reg. no. 12345678"]),
        (
            a_seller("SE", vat_id=None, tax_number="GODKÄND FÖR F-SKATT"),
            ["Reg. no. 5560360793", "Godkänd för F-skatt"],
        ),
    ],
)
def test_a_tax_number_stands_with_the_sellers_numbers(seller: Any, numbers: list[str]) -> None:
    assert view.build_view(a_computed_paper(seller=seller))["seller"]["numbers"] == numbers


def test_tax_in_another_currency_stands_below_the_total_with_its_rate() -> None:
    shown = view.build_view(a_computed_paper(currency="USD", tax_conversion=IN_EUR))

    labels = [row["label"] for row in shown["totals"]]
    assert labels[-2:] == ["Total", "VAT in EUR"]
    assert shown["totals"][-1]["value"] == "€19.33"
    assert shown["reasons"] == ["Exchange rate: 1 USD = 0.9205 EUR (ECB, 7 November 2026)"]


def test_each_reason_is_a_sentence_of_its_own_that_its_rows_refer_to() -> None:
    one, other = ({**EXEMPT, "tax_exemption_reason": f"Article {number} of the law"} for number in (11, 25))
    reverse = {"tax_rate": D(0), "tax_category": "AE", "tax_exemption_reason": "Reverse charge"}

    shown = view.build_view(a_computed_paper(one, other, reverse, one, {}))

    assert shown["reasons"] == ["¹ Reverse charge", "² Article 11 of the law", "³ Article 25 of the law"]
    assert [line["rate"] for line in shown["lines"]] == ["0%²", "0%³", "0%¹", "0%²", "21%"]
    assert [row["label"] for row in shown["totals"]] == [
        "Subtotal",
        "VAT 21%",
        "VAT 0%¹",
        "VAT 0%²³",
        "Total",
    ]


def test_a_document_with_all_of_it_is_set() -> None:
    row = {"supply_start": FIRST, "supply_end": DAY}
    paper = a_computed_paper(
        row,
        currency="USD",
        supply_date=DAY,
        period_first=FIRST,
        period_last=LAST,
        tax_conversion=IN_EUR,
        seller=a_seller(tax_number="12/34"),
    )

    made = pdf.render_pdf(paper, data=cii.write(paper))

    assert (made.is_archival, made.is_factur_x) == (True, True)
