"""HTTP in: an invoice's public link is replaced."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.payer_page import operations
from shared.events.invoice import InvoiceData
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Who, require
from shared.http.transactions import Tx

router = APIRouter(prefix="/v1/invoices/{invoice_id}/public-link", route_class=Route, tags=["invoices"])


@router.post("", dependencies=[require("invoices:write")])
async def renew(
    invoice_id: UUID, response: Response, expected: IfMatch, tx: Tx, who: Who, clock: Now
) -> InvoiceData:
    """Give an issued invoice another `public_url`; the old one opens nothing any more."""
    renewed = await operations.renew_link(tx, who.workspace_id, invoice_id, clock, expected)
    etag.tag(response, renewed.version)
    return to_snapshot(renewed, clock.today())
