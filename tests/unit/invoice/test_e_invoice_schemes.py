"""Electronic addresses: each country's scheme, from what a contact or a seller has."""

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from services.invoice.common.domain import electronic_address as addresses
from services.invoice.common.domain import electronic_address_schemes as schemes
from services.invoice.common.domain.electronic_address import NoSuchAddress
from services.invoice.e_invoices.rendering import cii, parties, ubl
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice
from services.invoice.e_invoices.validation.rule_sets import BUNDLED, content
from shared.events.invoice import Seller
from tests.unit.invoice.papers import a_buyer, a_computed_paper, a_seller
from tests.validation.companies import COMPANIES, OTHER_VAT

ENDPOINTS = {
    "AT": "9914:ATU13585627",
    "BE": "0208:0403170701",
    "BG": "9926:BG175074752",
    "CH": "9927:CHE107787577MWST",
    "CY": "9928:CY10259033P",
    "CZ": "9929:CZ25123891",
    "DE": "9930:DE136695976",
    "DK": "0184:DK13585628",
    "EE": "9931:EE100931558",
    "ES": "9920:ESJ99216582",
    "FI": "0216:003720774740",
    "FR": "9957:FR83404833048",
    "GB": "9932:GB980780684",
    "GR": "9933:094259216",
    "HR": "9934:HR33392005961",
    "HU": "9910:HU12892312",
    "IE": "9935:IE6433435F",
    "IT": "0211:IT00743110157",
    "LT": "9937:LT119511515",
    "LU": "9938:LU15027442",
    "LV": "9939:LV40003521600",
    "MT": "9943:MT11679112",
    "NL": "9944:NL004495445B01",
    "NO": "0192:974760673",
    "PL": "9945:PL8567346215",
    "PT": "9946:PT501964843",
    "RO": "9947:RO18547290",
    "SE": "0007:5567037485",
    "SI": "9949:SI50223054",
    "SK": "9950:SK2022749619",
}
_LIST = re.compile(r"'(?=[ ]?0002 0007)([0-9A-Z ]+)'")


def _codes(sheet: Path) -> list[set[str]]:
    return [set(found.split()) for found in _LIST.findall(content(sheet).decode())]


def test_the_schemes_are_those_of_the_rules_in_force() -> None:
    assert _codes(BUNDLED / "peppol-ubl.xslt.xz") == [set(schemes.PEPPOL)]
    assert set(schemes.EN_16931) in _codes(BUNDLED / "en16931-ubl.xslt.xz")


@pytest.mark.parametrize("country", COMPANIES)
def test_a_buyer_is_found_by_its_vat_number(country: str) -> None:
    vat_id = OTHER_VAT.get(country, COMPANIES[country][0])
    document = a_computed_paper(buyer=a_buyer(country, vat_id))

    _, receiver = ubl.addresses(document)

    assert str(receiver) == ENDPOINTS[country]
    assert receiver.scheme in schemes.PEPPOL
    assert addresses.parse(ENDPOINTS[country], "receiver") == receiver


@pytest.mark.parametrize(
    ("vat_id", "country", "address"),
    [
        # As they were stored before they were kept in one form, and as people outside the Union write them.
        ("GR094259216", "GR", "9933:094259216"),
        ("974760673MVA", "NO", "0192:974760673"),
        ("980780684", "GB", "9932:GB980780684"),
    ],
)
def test_a_number_without_its_countrys_letters_gets_them(vat_id: str, country: str, address: str) -> None:
    document = a_computed_paper(buyer=a_buyer(country, vat_id))

    assert str(ubl.addresses(document)[1]) == address
    root = etree.fromstring(ubl.write(document))
    path = "cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"
    written = root.findtext(path, namespaces=root.nsmap)
    assert written is not None
    assert written[:2] == ("EL" if country == "GR" else country)


@pytest.mark.parametrize(
    ("country", "changes", "address", "legal"),
    [
        ("SE", {"registration_number": None}, "0007:5560360793", "5560360793"),
        ("DK", {"registration_number": None}, "0184:DK13585628", "DK13585628"),
        ("NO", {"registration_number": None}, "0192:974760673", "974760673"),
        ("FR", {"registration_number": None}, "9957:FR83404833048", "404833048"),
        ("NL", {}, "0106:12345678", "12345678"),
        ("DE", {}, "9930:DE136695976", None),
        # A foreign VAT number is of no use in the register of another country.
        ("NL", {"registration_number": None, "vat_id": "BE0403170701"}, "0208:0403170701", None),
    ],
)
def test_a_seller_has_an_address_and_a_number_of_its_register(
    country: str, changes: dict[str, Any], address: str, legal: str | None
) -> None:
    document = a_computed_paper(seller=a_seller(country, **changes))

    root = etree.fromstring(ubl.write(document))

    path = "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID"
    assert str(ubl.addresses(document)[0]) == address
    assert root.findtext(path, namespaces=root.nsmap) == legal


def test_a_finnish_seller_is_found_by_its_business_id() -> None:
    changes = {"vat_id": "FI20774740", "registration_number": "2077474-0", "iban": None}
    seller = a_seller("DE").model_copy(update={"country": "FI", **changes})
    document = a_computed_paper(seller=seller)

    assert str(ubl.addresses(document)[0]) == "0216:003720774740"


@pytest.mark.parametrize("address", ["9955:SE556703748501", "9999:1", "0216:20774740", "0216:003720774741"])
def test_an_address_of_a_scheme_that_is_no_more_is_refused_where_it_is_entered(address: str) -> None:
    with pytest.raises(NoSuchAddress):
        addresses.parse(address, "e_invoice_address")


def test_an_address_that_peppol_has_dropped_is_no_peppol_address() -> None:
    document = a_computed_paper(buyer=a_buyer("FI", "FI20774740", e_invoice_address="0213:FI20774740"))

    with pytest.raises(NotAnEInvoice) as refused:
        ubl.addresses(document)

    assert [error.pointer for error in refused.value.errors] == ["/contact/e_invoice_address"]
    assert str(cii.addresses(document)[1]) == "0213:FI20774740"


@pytest.mark.parametrize(
    ("country", "written", "number"),
    [
        ("BE", "0403.170.701", "0403170701"),
        ("BE", "BE 0403.170.701", "0403170701"),
        ("BE", "403 170 701", "0403170701"),
        ("DK", "CVR 13585628", "DK13585628"),
        ("DK", "DK 13 58 56 28", "DK13585628"),
        ("FI", "FI20774740", "2077474-0"),
        ("FI", "Y-tunnus 2077474-0", "2077474-0"),
        ("FR", "404 833 048 00022", "404833048"),
        ("FR", "RCS Paris B 404 833 048", "404833048"),
        ("FR", "FR83404833048", "404833048"),
        ("NL", "KvK 12345678", "12345678"),
        ("NO", "NO 974 760 673 MVA", "974760673"),
        ("NO", "Org.nr. 974760673", "974760673"),
        ("SE", "556036-0793", "5560360793"),
        ("SE", "SE556036079301", "5560360793"),
        ("SE", "16556036-0793", "5560360793"),
        # Neither has a form that is known here: as it was written, for whoever reads it.
        ("DE", "HRB  12345 B, Amtsgericht Charlottenburg", "HRB 12345 B, Amtsgericht Charlottenburg"),
        ("NL", "NL123456782B90", "NL123456782B90"),
    ],
)
def test_a_register_number_is_known_however_people_write_it(country: str, written: str, number: str) -> None:
    seller = _registered(country, written)

    assert parties.seller_party(seller)["legal_identifier"] == number
    if country != "DE" and not written.startswith("NL"):
        usual = _registered(country, number)
        assert parties.sender(seller) == parties.sender(usual)


def _registered(country: str, number: str) -> Seller:
    return a_seller().model_copy(update={"country": country, "vat_id": None, "registration_number": number})
