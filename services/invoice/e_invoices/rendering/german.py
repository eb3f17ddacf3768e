"""What a German invoice within Germany says besides in CII, so that it is an XRechnung by its content too."""

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.rendering import business_terms, ubl
from shared.kernel.json import JsonObject


def add_german_terms(terms: JsonObject, model: PrintModel) -> JsonObject:
    """The terms with the process (PEPPOL-EN16931-R001, of XRechnung 3.0 in CII too).

    With a period of supply and no date also where it went: Factur-X 1.08 and ZUGFeRD 2.4, BR-FX-EN-04.
    """
    if (model.seller.country, model.buyer.country) != ("DE", "DE"):
        return terms
    place = (
        {"BG-13": business_terms.deliver_to(model)} if model.period_first and not model.supply_date else {}
    )
    return {**place, "BT-23": ubl.PROFILE, **terms}
