"""What a German invoice within Germany says besides in CII (Factur-X 1.08, ZUGFeRD 2.4: BR-FX-EN-04)."""

from typing import Any

from services.invoice.documents import e_invoice
from services.invoice.domain.paper import Paper


def completed(terms: dict[str, Any], paper: Paper) -> dict[str, Any]:
    """The terms; with a period of supply and no date also the country where it went, as the rule asks."""
    is_domestic = paper.seller.country == "DE" and paper.buyer.country == "DE"
    if not is_domestic or paper.supply_date or not paper.period_first:
        return terms
    return {"BG-13": e_invoice.deliver_to(paper), **terms}
