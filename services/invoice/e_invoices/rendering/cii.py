"""UN/CEFACT CII in the profile EN 16931 of Factur-X, which a PDF/A-3 carries."""

import facturx
from lxml import etree

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import business_terms, french, german

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def addresses(model: PrintModel) -> tuple[Participant, Participant]:
    """Sender and receiver as they stand in it; raises NotAnEInvoice."""
    return french.addresses(model)


def write(model: PrintModel) -> bytes:
    """The document as CII, UTF-8; raises NotAnEInvoice."""
    terms = business_terms.to_business_terms(model, addresses(model))
    terms = german.add_german_terms(french.add_french_terms(terms, model), model)
    with business_terms.WRITER_LOCK:
        xml: bytes = facturx.generate_cii_xml(terms, level="en16931", check_xsd=False, check_schematron=None)
    root = etree.fromstring(xml)
    for element in root.iter():
        # The library marks what it leaves empty as nil, which the schema does not allow.
        element.attrib.pop(_NIL, None)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
