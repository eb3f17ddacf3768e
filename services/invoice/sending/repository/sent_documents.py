"""Any document that is sent, by its kind."""

from uuid import UUID

from services.invoice.credit_notes import repository as credit_notes
from services.invoice.documents.domain.print_model import Kind
from services.invoice.invoices.repository import invoices
from services.invoice.quotes import repository as quotes
from services.invoice.sending.domain.sendable import SendableDocument
from shared.postgres.pool import Connection


async def get(tx: Connection, workspace_id: UUID, kind: Kind, document_id: UUID) -> SendableDocument:
    """The invoice, credit note or quote with its lines; raises NotFound."""
    if kind == "invoice":
        return await invoices.get(tx, workspace_id, document_id)
    if kind == "quote":
        return await quotes.get(tx, workspace_id, document_id)
    return await credit_notes.get(tx, workspace_id, document_id)
