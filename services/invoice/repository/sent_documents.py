"""Any document that is sent, by its kind."""

from uuid import UUID

from services.invoice.domain.paper import Kind
from services.invoice.domain.sending import Document
from services.invoice.repository import credit_notes, invoices, quotes
from shared.postgres.pool import Connection


async def get(tx: Connection, workspace_id: UUID, kind: Kind, document_id: UUID) -> Document:
    """The invoice, credit note or quote with its lines; raises NotFound."""
    if kind == "invoice":
        return await invoices.get(tx, workspace_id, document_id)
    if kind == "quote":
        return await quotes.get(tx, workspace_id, document_id)
    return await credit_notes.get(tx, workspace_id, document_id)
