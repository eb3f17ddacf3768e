"""UN/CEFACT CII in the profile EN 16931 of Factur-X, which a PDF/A-3 carries."""

import facturx
from lxml import etree

from services.invoice.common.domain.electronic_address import Participant
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import e_invoice, french, german

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def addresses(model: PrintModel) -> tuple[Participant, Participant]:
    """Sender and receiver as they stand in it; raises NotAnEInvoice."""
    return french.addresses(model)


def write(model: PrintModel) -> bytes:
    """The document as CII, UTF-8; raises NotAnEInvoice."""
    terms = e_invoice.semantic(model, addresses(model))
    terms = german.completed(french.completed(terms, model), model)
    with e_invoice.ONE_AT_A_TIME:
        made: bytes = facturx.generate_cii_xml(terms, level="en16931", check_xsd=False, check_schematron=None)
    root = etree.fromstring(made)
    for element in root.iter():
        # The library marks what it leaves empty as nil, which the schema does not allow.
        element.attrib.pop(_NIL, None)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
