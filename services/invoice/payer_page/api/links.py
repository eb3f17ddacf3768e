"""An invoice's public link is replaced."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.payer_page import operations
from shared.events.invoice import InvoiceData
from shared.http import etag
from shared.http.etag import IfMatch
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.work import Work

router = APIRouter(prefix="/v1/invoices/{invoice_id}/public-link", route_class=Route, tags=["invoices"])


@router.post(
    "",
    dependencies=[require("invoices:write")],
    operation_id="invoices.renew_public_link",
    summary="Give an invoice another public link",
)
async def renew(invoice_id: UUID, response: Response, expected: IfMatch, work: Work) -> InvoiceData:
    """Give an issued invoice another `public_url`; the old one opens nothing any more."""
    renewed = await operations.renew_link(work, invoice_id, expected)
    etag.tag(response, renewed.version)
    return to_snapshot(renewed, work.clock.today())
