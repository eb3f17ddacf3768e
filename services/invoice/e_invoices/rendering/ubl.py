"""UBL 2.1 as Peppol BIS Billing 3 wants it."""

import facturx
from lxml import etree

from services.invoice.common.domain.electronic_address import EMAIL, Participant
from services.invoice.common.domain.electronic_address_schemes import PEPPOL
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import business_terms
from services.invoice.e_invoices.rendering.business_terms import NotAnEInvoice

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


def addresses(model: PrintModel) -> tuple[Participant, Participant]:
    """Sender and receiver as they stand in it; raises NotAnEInvoice, for an e-mail address too."""
    participants = business_terms.addresses(model)
    for side, address in zip(("seller", "contact"), participants, strict=True):
        # PEPPOL-EN16931-CL008: an e-mail address is none on this network, nor is what it has dropped.
        if address.scheme == EMAIL:
            raise NotAnEInvoice("Peppol needs a VAT or registration number.", field=f"{side}.vat_id")
        if address.scheme not in PEPPOL:
            raise NotAnEInvoice(f"Peppol has no scheme {address.scheme}.", field=f"{side}.e_invoice_address")
    return participants


def write(model: PrintModel) -> bytes:
    """The document as UBL, UTF-8; raises NotAnEInvoice."""
    terms = business_terms.to_business_terms(model, addresses(model)) | {"BT-23": PROFILE}
    with business_terms.WRITER_LOCK:
        xml: bytes = facturx.generate_ubl_xml(terms, level="en16931", check_xsd=False, check_schematron=None)
    root = etree.fromstring(xml)
    _as_peppol(root)
    if model.seller.country == "NO":
        _register_in_norway(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _as_peppol(root: etree._Element) -> None:
    root.remove(root.find(f"{_CBC}UBLVersionID"))
    root.find(f"{_CBC}CustomizationID").text = CUSTOMIZATION
    for scheme in root.iter(f"{_CAC}TaxScheme"):
        # The library's own word; the lists of codes, and CII, say FC.
        code = scheme.find(f"{_CBC}ID")
        code.text = "FC" if code.text == "LOC" else code.text
    for percent in root.iter(f"{_CBC}Percent"):
        percent.text = percent.text.strip()


def _register_in_norway(root: etree._Element) -> None:
    """NO-R-002: a Norwegian seller says that it is in the register of business enterprises."""
    party = root.find(f"{_CAC}AccountingSupplierParty/{_CAC}Party")
    scheme = etree.Element(f"{_CAC}PartyTaxScheme")
    etree.SubElement(scheme, f"{_CBC}CompanyID").text = "Foretaksregisteret"
    etree.SubElement(etree.SubElement(scheme, f"{_CAC}TaxScheme"), f"{_CBC}ID").text = "TAX"
    party.insert(party.index(party.find(f"{_CAC}PartyLegalEntity")), scheme)
