"""What is checked and loaded before a document of an issued invoice is given out."""

from uuid import UUID

from fastapi import Request

from services.invoice.invoices.domain import edition as edition_rules
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.repository import editions, invoices
from services.invoice.invoices.workers.openings import CreditUnknown, Openings
from shared.http.internal_auth import Principal
from shared.postgres.pool import Connection


async def require_known(request: Request, who: Principal, invoice_id: UUID) -> None:
    """Learn what credit settled of the invoice; raises CreditUnknown while there may be some."""
    openings: Openings = request.app.state.openings
    if not await openings.learn(who.workspace_id, invoice_id):
        raise CreditUnknown(retry_after_seconds=5)


async def edition_of(tx: Connection, who: Principal, invoice_id: UUID, edition: int | None) -> Invoice:
    """The invoice as an edition of it said, the newest where none is named; raises NotFound."""
    invoice = await invoices.get(tx, who.workspace_id, invoice_id)
    if edition is None or edition == invoice.edition:
        return invoice
    return edition_rules.again(invoice, await editions.get(tx, who.workspace_id, invoice_id, edition))
