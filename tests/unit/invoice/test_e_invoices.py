"""E-invoices keep the rules of EN 16931, Peppol and Factur-X, and say what the document says."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import facturx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import pdf
from services.invoice.e_invoices.rendering import cii, ubl
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice
from services.invoice.e_invoices.rendering.units import unit_code
from services.invoice.e_invoices.validation.validation import Finding, Syntax, Validator
from services.invoice.lines.domain.discount import Discount
from shared.events.invoice import LineData, LineTax, TaxConversion
from shared.kernel.errors import Invalid
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

D = Decimal

# The empty delivery that CII's schema asks for is an empty element to a Peppol rule that is only a warning.
EXPECTED_WARNINGS = {"PEPPOL-EN16931-R008"}
INCLUSIVE = {"tax_behavior": "inclusive"}
ZERO: dict[str, Any] = {"tax_rate": D(0)}
CREDIT: dict[str, Any] = {
    "kind": "credit_note",
    "due_date": None,
    "credited_number": "2026-00041",
    "credited_on": date(2026, 11, 1),
}
A_GERMAN = a_buyer("DE", "DE136695976")
IN_EUR = TaxConversion(currency="EUR", exchange_rate=D("0.92"), exchange_rate_source="ECB", tax_minor=1932)
# Sellers known by their e-mail addresses: Factur-X has them, Peppol has not.
WITHOUT_PEPPOL: dict[str, PrintModel] = {
    "Kleinunternehmer": a_computed_paper(
        {**ZERO, "tax_category": "E", "tax_exemption_reason": "Kein Ausweis von Umsatzsteuer, § 19 UStG"},
        seller=a_seller("DE", vat_id=None, tax_number="133/8150/8159", registration_number=None),
        supply_date=date(2026, 11, 7),
        buyer=A_GERMAN,
    ),
    "Kleinunternehmer outside VAT": a_computed_paper(
        {**ZERO, "tax_category": "O", "tax_exemption_reason": "§ 19 UStG"},
        seller=a_seller("DE", vat_id=None, tax_number="133/8150/8159", registration_number=None),
    ),
    "tax number and VAT": a_computed_paper(
        {"tax_rate": D(19)},
        seller=a_seller("DE", vat_id=None, tax_number="133/8150/8159", registration_number=None),
    ),
}
KINDS: dict[str, PrintModel] = {
    "several rates": a_computed_paper({}, {"tax_rate": D(9), "quantity": D("2.5")}, ZERO),
    "inclusive prices": a_computed_paper(
        {**INCLUSIVE, "unit_price": D(89)}, {**INCLUSIVE, "unit_price": D(125), "quantity": D(2)}
    ),
    "inclusive thirds": a_computed_paper(
        *[{**INCLUSIVE, "unit_price": D("0.33"), "quantity": D(7), "tax_rate": D(20)}] * 3
    ),
    "both ways": a_computed_paper({**INCLUSIVE, "unit_price": D("12.34")}, {}),
    "line discounts": a_computed_paper(
        {"discount": Discount(percent=D(10))}, {"discount": Discount(amount_minor=500), "quantity": D(3)}
    ),
    "invoice discount": a_computed_paper({}, {"tax_rate": D(9)}, discount=Discount(percent=D("7.5"))),
    "discount on both ways": a_computed_paper(
        INCLUSIVE, {"unit_price": D("33.33")}, discount=Discount(amount_minor=1234)
    ),
    "reverse charge": a_computed_paper(
        {**ZERO, "tax_category": "AE", "tax_exemption_reason": "Reverse charge"}
    ),
    "intra-community": a_computed_paper(
        {**ZERO, "tax_category": "K", "tax_exemption_reason": "Intra-community supply"}
    ),
    "export": a_computed_paper({**ZERO, "tax_category": "G", "tax_exemption_reason": "Export"}),
    "exempt": a_computed_paper({**ZERO, "tax_category": "E", "tax_exemption_reason": "Education"}),
    "not subject": a_computed_paper({**ZERO, "tax_category": "O", "tax_exemption_reason": "Not subject"}),
    "negative price": a_computed_paper({}, {"unit_price": D(-20)}, {"quantity": D(-1)}, {}),
    "a quantity of nothing": a_computed_paper({"quantity": D(0)}, {}),
    "metered": a_computed_paper({"quantity": D(48213), "unit_price": D("0.0005")}),
    "Norwegian": a_computed_paper({"tax_rate": D(25)}, currency="NOK", seller=a_seller("NO")),
    "Danish": a_computed_paper({"tax_rate": D(25)}, currency="DKK", seller=a_seller("DK")),
    "Swedish": a_computed_paper({"tax_rate": D(25)}, currency="SEK", seller=a_seller("SE")),
    "French": a_computed_paper({"tax_rate": D(20)}, seller=a_seller("FR")),
    "within France": a_computed_paper(
        {"tax_rate": D(20)}, seller=a_seller("FR"), buyer=a_buyer("FR", "FR83404833048")
    ),
    "German": a_computed_paper({"tax_rate": D(19)}, seller=a_seller("DE")),
    "no decimals": a_computed_paper({"tax_rate": D(10)}, currency="JPY"),
    "a period": a_computed_paper(period_first=date(2026, 11, 1), period_last=date(2026, 11, 30)),
    "a date of supply": a_computed_paper(supply_date=date(2026, 11, 7)),
    "periods of lines": a_computed_paper(
        {"supply_start": date(2026, 11, 3), "supply_end": date(2026, 11, 9)},
        period_first=date(2026, 11, 1),
        period_last=date(2026, 11, 30),
    ),
    "intra-community in a period": a_computed_paper(
        {**ZERO, "tax_category": "K", "tax_exemption_reason": "Intra-community supply"},
        period_first=date(2026, 11, 1),
        period_last=date(2026, 11, 30),
    ),
    "within Germany": a_computed_paper(
        {"tax_rate": D(19)}, supply_date=date(2026, 11, 7), seller=a_seller("DE"), buyer=A_GERMAN
    ),
    "a German period": a_computed_paper(
        {"tax_rate": D(19)},
        period_first=date(2026, 11, 1),
        period_last=date(2026, 11, 30),
        seller=a_seller("DE"),
        buyer=A_GERMAN,
    ),
    "Dutch small business": a_computed_paper(
        {**ZERO, "tax_category": "E", "tax_exemption_reason": "KOR"},
        seller=a_seller(vat_id=None, tax_number="123456782B01"),
    ),
    "two reasons": a_computed_paper(
        {**ZERO, "tax_category": "E", "tax_exemption_reason": "Education"},
        {**ZERO, "tax_category": "E", "tax_exemption_reason": "Health care"},
        {**ZERO, "tax_category": "AE", "tax_exemption_reason": "Reverse charge"},
    ),
    "tax in two currencies": a_computed_paper(currency="USD", tax_conversion=IN_EUR),
    "no tax in two currencies": a_computed_paper(
        ZERO, currency="USD", tax_conversion=IN_EUR.model_copy(update={"tax_minor": 0})
    ),
    "rows of text": a_computed_paper({"text": "Part one"}, {}, {"text": "^of it"}, {}, {"text": "The end"}),
    "long descriptions": a_computed_paper({"description": "word " * 500 + "\nmore"}),
    "Swedish with F-skatt": a_computed_paper(
        {"tax_rate": D(25)},
        currency="SEK",
        seller=a_seller("SE", tax_number="Godkänd för F-skatt"),
    ),
    "without an account": a_computed_paper(seller=a_seller(iban=None)),
    "collected": a_computed_paper(is_collected=True),
    "collected in Denmark": a_computed_paper({"tax_rate": D(25)}, seller=a_seller("DK"), is_collected=True),
    "collected within Germany": a_computed_paper(
        {"tax_rate": D(19)},
        supply_date=date(2026, 11, 7),
        seller=a_seller("DE"),
        buyer=A_GERMAN,
        is_collected=True,
    ),
    "credit note": a_computed_paper({}, {"tax_rate": D(9)}, reason="Too much", notes="Sorry", **CREDIT),
}


def _two_taxes() -> LineData:
    line = a_computed_paper().lines[0]
    return line.model_copy(update={"taxes": [LineTax(tax_rate=D(5)), LineTax(tax_rate=D(16))]})


@pytest.fixture(scope="module")
def validator() -> Validator:
    """The rules, compiled."""
    return Validator("ubl", "cii")


def _broken(validator: Validator, document: bytes, syntax: Syntax) -> list[Finding]:
    return [one for one in validator.findings(document, syntax) if one.rule not in EXPECTED_WARNINGS]


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_keeps_every_rule_in_both_syntaxes(validator: Validator, kind: str) -> None:
    document = KINDS[kind]

    assert _broken(validator, ubl.write(document), "ubl") == []
    assert _broken(validator, cii.write(document), "cii") == []


@pytest.mark.parametrize("kind", WITHOUT_PEPPOL)
def test_a_seller_with_a_tax_number_alone_keeps_every_rule(validator: Validator, kind: str) -> None:
    assert _broken(validator, cii.write(WITHOUT_PEPPOL[kind]), "cii") == []


RATES = st.sampled_from([D(0), D("5.5"), D(9), D(21)])
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "quantity": st.decimals("0.001", 500, places=3),
            "unit_price": st.decimals(-50, 900, places=4),
            "tax_rate": RATES,
            "tax_behavior": st.sampled_from(["inclusive", "exclusive"]),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40)
@given(items=ITEMS, percent=st.none() | st.decimals(0, 50, places=1))
def test_any_invoice_that_can_be_issued_keeps_every_rule(
    validator: Validator, items: list[dict[str, Any]], percent: D | None
) -> None:
    document = a_computed_paper(*items, discount=Discount(percent=percent) if percent else None)
    if document.total_minor < 0:
        return

    assert _broken(validator, ubl.write(document), "ubl") == []


def test_the_xml_says_what_the_invoice_says() -> None:
    root = etree.fromstring(ubl.write(KINDS["inclusive prices"]))

    def text(path: str) -> str | None:
        return root.findtext(path, namespaces=root.nsmap)

    assert text("cac:LegalMonetaryTotal/cbc:PayableAmount") == "339.00"
    assert text("cac:TaxTotal/cbc:TaxAmount") == "58.83"
    assert text("cbc:ID") == "2026-00042"
    assert text("cac:PaymentMeans/cbc:PaymentID") == "RF89202600042"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currency": "KWD"}, "currency"),
        ({"number": None}, "number"),
        ({"lines": [_two_taxes()]}, "lines"),
        ({"seller": a_seller(country="NL", name="")}, "seller.name"),
        ({"seller": a_seller(vat_id=None)}, "seller.vat_id"),
        ({"buyer": a_buyer(country=None)}, "contact.country"),
        ({"buyer": a_buyer(vat_id=None)}, "contact.vat_id"),
        ({"buyer": a_buyer(vat_id=None, email="a@b.nl")}, "contact.vat_id"),
    ],
)
def test_what_is_missing_for_an_e_invoice_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(NotAnEInvoice) as refused:
        ubl.write(a_computed_paper(**changes))

    assert [error.pointer for error in refused.value.errors] == ["/" + field.replace(".", "/")]


def test_a_contact_with_an_email_alone_gets_factur_x_but_no_peppol() -> None:
    document = a_computed_paper(buyer=a_buyer(vat_id=None, email="a@b.nl"))

    assert b"a@b.nl" in cii.write(document)
    with pytest.raises(NotAnEInvoice):
        ubl.write(document)


@pytest.mark.parametrize("kind", ["several rates", "credit note"])
def test_the_pdf_carries_the_same_data(kind: str) -> None:
    made = pdf.render_pdf(KINDS[kind], data=cii.write(KINDS[kind]))

    name, attached = facturx.get_xml_from_pdf(io.BytesIO(made.content), check_xsd=True)

    assert made.is_factur_x
    assert name == "factur-x.xml"
    assert attached == cii.write(KINDS[kind])
    assert pdf.render_pdf(KINDS[kind], data=attached).content == made.content


@pytest.mark.parametrize(
    "changes", [{"kind": "quote"}, {"status": "draft"}, {"currency": "KWD"}, {"buyer": a_buyer(country=None)}]
)
def test_a_pdf_without_data_is_still_a_pdf(changes: dict[str, Any]) -> None:
    made = pdf.render_pdf(a_computed_paper(**changes))

    assert made.is_archival
    assert not made.is_factur_x


def test_a_sum_that_is_wrong_is_found(validator: Validator) -> None:
    document = ubl.write(KINDS["several rates"]).replace(b">2026-00042<", b"><")
    wrong = ubl.write(KINDS["metered"]).replace(b"29.17", b"29.18")

    assert {one.rule for one in validator.findings(document, "ubl")} & {"BR-02", "PEPPOL-EN16931-R008"}
    assert any(one.severity == "fatal" for one in validator.findings(wrong, "ubl"))


@pytest.mark.parametrize(
    "document", [b"no xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>']
)
def test_what_is_no_plain_xml_is_refused(validator: Validator, document: bytes) -> None:
    with pytest.raises(Invalid):
        validator.findings(document, "ubl")


@pytest.mark.parametrize(("unit", "code"), [("uur", "HUR"), ("Months", "MON"), ("kg.", "KGM"), (None, "C62")])
def test_units_are_coded_as_people_write_them(unit: str | None, code: str) -> None:
    assert unit_code(unit) == code
