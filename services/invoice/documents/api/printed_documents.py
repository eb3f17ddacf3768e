"""What issued documents were printed as, and what was found when their data was validated."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.invoice.credit_notes import repository as credit_notes
from services.invoice.documents import repository as printed_documents
from services.invoice.documents.domain.printed_document import PrintedDocument
from services.invoice.invoices.api.named import InvoiceId
from services.invoice.invoices.repository import invoices
from shared.events.e_invoice import EInvoiceFinding
from shared.events.fields import Instant
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.work import Work

router = APIRouter(prefix="/v1", route_class=Route, tags=["documents"])
READ = require("invoices:read")


class PrintedDocumentData(BaseModel):
    """One edition of an issued document: bytes that were given out, and how they were checked before."""

    sha256: str = Field(description="Of its bytes, in hexadecimal digits: the ETag of the PDF.")
    template_version: int
    is_archival: bool = Field(description="Whether it is PDF/A-3b.")
    is_factur_x: bool = Field(description="Whether it carries its data (Factur-X, EN 16931).")
    rule_set: str | None = Field(
        description="The rules that the data was validated by; null where there was none to validate."
    )
    findings: list[EInvoiceFinding] = Field(
        description="What they found; without data the fatal ones say why. `not_an_e_invoice`: the field is "
        "missing that the location names."
    )
    printed_at: Instant


class PrintedDocuments(BaseModel):
    """Every edition that was given out, the newest first."""

    data: list[PrintedDocumentData]


@router.get("/invoices/{invoice_id}/documents", dependencies=[READ])
async def of_invoice(invoice_id: InvoiceId, work: Work) -> PrintedDocuments:
    """List what an issued invoice was printed as, and what was found in its data."""
    await invoices.get(work.tx, work.workspace_id, invoice_id)
    return _reply(await printed_documents.of_document(work.tx, work.workspace_id, "invoice", invoice_id))


@router.get("/credit-notes/{credit_note_id}/documents", dependencies=[READ])
async def of_credit_note(credit_note_id: UUID, work: Work) -> PrintedDocuments:
    """List what a credit note was printed as, and what was found in its data."""
    await credit_notes.get(work.tx, work.workspace_id, credit_note_id)
    return _reply(
        await printed_documents.of_document(work.tx, work.workspace_id, "credit_note", credit_note_id)
    )


def _reply(editions: list[PrintedDocument]) -> PrintedDocuments:
    names = PrintedDocumentData.model_fields
    return PrintedDocuments(
        data=[PrintedDocumentData(**{name: getattr(edition, name) for name in names}) for edition in editions]
    )
