"""Quotes are offered to the customer, and sent."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.invoice.quotes import domain as quote_rules
from services.invoice.sending.api.bodies import QuoteSending
from services.invoice.sending.api.deliveries import require_channels
from services.invoice.sending.operations.deliveries import offer_quote
from shared.events.quote import QuoteData
from shared.http import etag
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work

router = APIRouter(prefix="/v1/quotes", route_class=Route, tags=["quotes"])
WRITE = require("quotes:write")


@router.post("/{quote_id}/send", dependencies=[WRITE])
async def send(
    quote_id: UUID,
    request: Request,
    response: Response,
    work: Work,
    who: Who,
    body: QuoteSending | None = None,
) -> QuoteData:
    """Offer it to the customer: it gets its number and is fixed; with `channels` it is sent there too."""
    sending = body or QuoteSending()
    await require_channels(request, work.tx, who, list(sending.channels))
    quote = await offer_quote(work, quote_id, sending.to_request())
    etag.tag(response, quote.version)
    return quote_rules.to_snapshot(quote)
