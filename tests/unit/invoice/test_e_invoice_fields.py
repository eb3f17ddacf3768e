"""Where an e-invoice says what its document says: supply, tax numbers, tax in two currencies, long texts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import cii, ubl
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice
from shared.events.invoice import TaxConversion
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

D = Decimal
DAY, FIRST, LAST = date(2026, 11, 7), date(2026, 11, 1), date(2026, 11, 30)
ZERO: dict[str, Any] = {"tax_rate": D(0)}
EXEMPT: dict[str, Any] = {**ZERO, "tax_category": "E", "tax_exemption_reason": "KOR"}
KLEINUNTERNEHMER = a_seller(
    "DE", vat_id=None, tax_number="133/8150/8159", registration_number=None, email="k@example.de"
)
IN_EUR = TaxConversion(currency="EUR", exchange_rate=D("0.92"), exchange_rate_source="ECB", tax_minor=1932)
DATE_OF_SUPPLY = {
    "ubl": "cac:Delivery/cbc:ActualDeliveryDate",
    "cii": ".//ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString",
}
PERIOD = {
    "ubl": ("cac:InvoicePeriod/cbc:StartDate", "cac:InvoicePeriod/cbc:EndDate"),
    "cii": (
        ".//ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod/ram:StartDateTime/udt:DateTimeString",
        ".//ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod/ram:EndDateTime/udt:DateTimeString",
    ),
}
PERIOD_OF_LINE = {
    "ubl": (
        "cac:InvoiceLine/cac:InvoicePeriod/cbc:StartDate",
        "cac:InvoiceLine/cac:InvoicePeriod/cbc:EndDate",
    ),
    "cii": (
        ".//ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod/ram:StartDateTime/udt:DateTimeString",
        ".//ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod/ram:EndDateTime/udt:DateTimeString",
    ),
}
ADDRESS = ("PostcodeCode", "CityName", "CountryID")
BOTH = pytest.mark.parametrize("syntax", ["ubl", "cii"])


def texts(paper: PrintModel, syntax: str, *paths: str) -> list[str]:
    """What the document says at these places, in their order."""
    root = etree.fromstring((ubl if syntax == "ubl" else cii).write(paper))
    names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    said = [found.text for path in paths for found in root.findall(path, names)]
    return [text.replace("-", "") if text.startswith("2026-") else text for text in said]


@BOTH
def test_a_date_of_supply_is_told(syntax: str) -> None:
    assert texts(a_computed_paper(supply_date=DAY), syntax, DATE_OF_SUPPLY[syntax]) == ["20261107"]
    assert texts(a_computed_paper(), syntax, DATE_OF_SUPPLY[syntax]) == []


@BOTH
def test_a_period_of_supply_is_told_of_the_document_and_of_each_line(syntax: str) -> None:
    of_line = {"supply_start": DAY, "supply_end": LAST}
    found = a_computed_paper(of_line, {}, period_first=FIRST, period_last=LAST)

    assert texts(found, syntax, *PERIOD[syntax]) == ["20261101", "20261130"]
    assert texts(found, syntax, *PERIOD_OF_LINE[syntax]) == ["20261107", "20261130"]


@BOTH
@pytest.mark.parametrize(
    ("changes", "dates"),
    [
        ({}, ["20261121"]),
        ({"supply_date": DAY}, ["20261107"]),
        ({"period_first": FIRST, "period_last": LAST}, []),
    ],
)
def test_a_supply_within_the_union_has_a_date_or_a_period(
    syntax: str, changes: dict[str, Any], dates: list[str]
) -> None:
    found = a_computed_paper({**ZERO, "tax_category": "K", "tax_exemption_reason": "K"}, **changes)

    assert texts(found, syntax, DATE_OF_SUPPLY[syntax]) == dates


def test_a_german_period_without_a_date_says_where_it_went() -> None:
    parts = [f".//ram:ShipToTradeParty/ram:PostalTradeAddress/ram:{name}" for name in ADDRESS]
    german = {"seller": a_seller("DE"), "buyer": a_buyer("DE", "DE136695976")}
    period = {"period_first": FIRST, "period_last": LAST}

    assert texts(a_computed_paper(**german, **period), "cii", *parts) == ["1000", "Bruxelles", "DE"]
    assert texts(a_computed_paper(**german, supply_date=DAY), "cii", *parts) == []
    assert texts(a_computed_paper(**period), "cii", *parts) == []


@pytest.mark.parametrize(("country", "process"), [("DE", [ubl.PROFILE]), ("NL", [])])
def test_an_invoice_within_germany_names_its_process_in_cii_too(country: str, process: list[str]) -> None:
    place = ".//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
    paper = a_computed_paper(seller=a_seller(country), buyer=a_buyer("DE", "DE136695976"))

    assert texts(paper, "cii", place) == process


@pytest.mark.parametrize(
    ("seller", "in_ubl", "in_cii"),
    [
        (a_seller("NL", tax_number="NL001"), ["NL123456782B90", "NL001"], ["NL123456782B90", "NL001"]),
        (KLEINUNTERNEHMER, ["133/8150/8159"], ["133/8150/8159"]),
        # A Norwegian seller's second registration is that in the register (NO-R-002); UBL has two at most.
        (
            a_seller("NO", tax_number="1"),
            ["NO974760673MVA", "Foretaksregisteret"],
            ["NO974760673MVA"],
        ),
        # SE-R-005: in Sweden it is a statement, not a number.
        (a_seller("SE", tax_number="556036-0793"), ["SE556036079301"], ["SE556036079301"]),
        (
            a_seller("SE", tax_number="godkänd för F-skatt"),
            ["SE556036079301", "Godkänd för F-skatt"],
            ["SE556036079301", "Godkänd för F-skatt"],
        ),
    ],
)
def test_a_tax_number_stands_beside_the_vat_number(seller: Any, in_ubl: list[str], in_cii: list[str]) -> None:
    items = [EXEMPT] if seller.vat_id is None else [{}]
    paper = a_computed_paper(*items, seller=seller, receiver=None, buyer=a_buyer())
    of_seller = "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"

    if seller is not KLEINUNTERNEHMER:
        assert texts(paper, "ubl", of_seller) == in_ubl
    assert texts(paper, "cii", ".//ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID") == in_cii


def test_who_has_a_tax_number_alone_is_identified_by_it() -> None:
    paper = a_computed_paper(EXEMPT, seller=KLEINUNTERNEHMER)

    assert texts(paper, "cii", ".//ram:SellerTradeParty/ram:ID") == ["133/8150/8159"]
    assert texts(a_computed_paper(), "cii", ".//ram:SellerTradeParty/ram:ID") == []


@pytest.mark.parametrize(
    ("item", "changes", "field"),
    [
        (EXEMPT, {"seller": a_seller(vat_id=None)}, "seller.vat_id"),
        (ZERO, {"seller": a_seller(vat_id=None)}, "seller.vat_id"),
        ({}, {"seller": a_seller(vat_id=None)}, "seller.vat_id"),
        ({**ZERO, "tax_category": "G"}, {"seller": a_seller(vat_id=None, tax_number="1")}, "seller.vat_id"),
        ({**ZERO, "tax_category": "K"}, {"seller": a_seller(vat_id=None, tax_number="1")}, "seller.vat_id"),
        ({**ZERO, "tax_category": "K"}, {"buyer": a_buyer(vat_id=None, email="a@b.nl")}, "contact.vat_id"),
        ({**ZERO, "tax_category": "AE"}, {"buyer": a_buyer(vat_id=None, email="a@b.nl")}, "contact.vat_id"),
        ({**ZERO, "tax_category": "O"}, {"seller": a_seller("DE")}, "seller.registration_number"),
        ([{}, {**ZERO, "tax_category": "O"}], {}, "lines"),
    ],
)
def test_a_category_names_the_number_that_it_needs(item: Any, changes: dict[str, Any], field: str) -> None:
    items = item if isinstance(item, list) else [item]
    with pytest.raises(NotAnEInvoice) as refused:
        cii.write(a_computed_paper(*items, **changes))

    assert [error.pointer for error in refused.value.errors] == ["/" + field.replace(".", "/")]


@BOTH
def test_tax_is_told_in_the_currency_of_the_sellers_accounts_too(syntax: str) -> None:
    places = {
        "ubl": ("cbc:TaxCurrencyCode", "cac:TaxTotal/cbc:TaxAmount"),
        "cii": (".//ram:TaxCurrencyCode", ".//ram:TaxTotalAmount"),
    }

    found = a_computed_paper(currency="USD", tax_conversion=IN_EUR)

    assert texts(found, syntax, *places[syntax]) == ["EUR", "21.00", "19.32"]
    with pytest.raises(NotAnEInvoice):
        in_dinars = IN_EUR.model_copy(update={"currency": "KWD"})
        texts(a_computed_paper(currency="USD", tax_conversion=in_dinars), syntax)


@BOTH
@pytest.mark.parametrize(
    ("description", "name", "full"),
    [
        ("Advice", "Advice", []),
        ("Advice\nOn taxes\nand more", "Advice", ["On taxes\nand more"]),
        ("word " * 60, ("word " * 40).strip() + "…", [("word " * 60).strip()]),
        ("x" * 300, "x" * 199 + "…", ["x" * 300]),
        ("y" * 201 + "\nmore", "y" * 199 + "…", ["y" * 201 + "\nmore"]),
        ("\n\nBelow", "Below", []),
        ("  ", "1", []),
    ],
)
def test_a_long_description_is_told_in_full(
    syntax: str, description: str, name: str, full: list[str]
) -> None:
    found = a_computed_paper({"description": description})
    places = {
        "ubl": ("cac:InvoiceLine/cac:Item/cbc:Name", "cac:InvoiceLine/cac:Item/cbc:Description"),
        "cii": (".//ram:SpecifiedTradeProduct/ram:Name", ".//ram:SpecifiedTradeProduct/ram:Description"),
    }

    assert texts(found, syntax, places[syntax][0]) == [name]
    assert texts(found, syntax, places[syntax][1]) == full


@BOTH
@pytest.mark.parametrize(
    ("rows", "notes"),
    [
        (["I", "I"], []),
        (["Before", "I", "I"], ["1 Before"]),
        (["First", "Second", "I", "Between", "I"], ["1 First\nSecond", "2 Between"]),
        (["I", "Between", "I", "After", "Last"], ["2 Between\nAfter\nLast"]),
        (["I", "^Below", "I"], ["1 Below"]),
    ],
)
def test_rows_of_text_are_notes_of_the_item_that_they_stand_with(
    syntax: str, rows: list[str], notes: list[str]
) -> None:
    found = a_computed_paper(*({} if row == "I" else {"text": row} for row in rows))
    number, note = {
        "ubl": (".//cbc:ID", ".//cbc:Note"),
        "cii": (".//ram:LineID", ".//ram:IncludedNote/ram:Content"),
    }[syntax]
    root = etree.fromstring((ubl if syntax == "ubl" else cii).write(found))
    names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    items = "cac:InvoiceLine" if syntax == "ubl" else ".//ram:AssociatedDocumentLineDocument"
    told = [
        f"{item.findtext(number, namespaces=names)} {text.text}"
        for item in root.findall(items, names)
        for text in item.findall(note, names)
    ]

    assert told == notes


@BOTH
def test_every_reason_of_an_exemption_is_told(syntax: str) -> None:
    places = {
        "ubl": "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReason",
        "cii": ".//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:ExemptionReason",
    }
    other = {**EXEMPT, "tax_exemption_reason": "Education"}
    reverse = {**ZERO, "tax_category": "AE", "tax_exemption_reason": "Reverse charge"}

    found = a_computed_paper(EXEMPT, other, EXEMPT, reverse)

    assert texts(found, syntax, places[syntax]) == ["Reverse charge", "KOR; Education"]


@BOTH
def test_a_later_edition_says_that_it_is_one(syntax: str) -> None:
    where = "cbc:Note" if syntax == "ubl" else ".//ram:IncludedNote/ram:Content"
    first = a_computed_paper(notes="Thank you")
    second = replace(first, edition=2, edited_on=LAST)

    assert texts(first, syntax, where) == ["Thank you"]
    [note] = texts(second, syntax, where)
    assert note.splitlines() == [
        "Edition 2 of 30 November 2026; it replaces those before it",
        "Thank you",
    ]
