"""What a German invoice within Germany says besides in CII, so that it is an XRechnung by its content too."""

from typing import Any

from services.invoice.documents.domain.paper import Paper
from services.invoice.e_invoices.rendering import e_invoice, ubl


def completed(terms: dict[str, Any], paper: Paper) -> dict[str, Any]:
    """The terms with the process (PEPPOL-EN16931-R001, of XRechnung 3.0 in CII too).

    With a period of supply and no date also where it went: Factur-X 1.08 and ZUGFeRD 2.4, BR-FX-EN-04.
    """
    if (paper.seller.country, paper.buyer.country) != ("DE", "DE"):
        return terms
    place = {"BG-13": e_invoice.deliver_to(paper)} if paper.period_first and not paper.supply_date else {}
    return {**place, "BT-23": ubl.PROFILE, **terms}
