"""Documents as PDF: as they were issued, in an edition, or as they stand now."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.documents.api import pdf as pdf_replies
from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.invoices.api.named import InvoiceId
from services.invoice.quotes import domain as quote_rules
from services.invoice.quotes import repository as quotes
from shared.http.internal_auth import Now, Who, require
from shared.http.queries import Route
from shared.postgres.pool import Connection

router = APIRouter(prefix="/v1", route_class=Route, tags=["documents"])
PDF_REPLY: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The document, PDF/A-3b; its ETag is the SHA-256 of its bytes.",
        "headers": {
            pdf_replies.AS_ISSUED: {
                "description": "Of an issued document: whether these are, byte for byte, what it was first "
                "given out as; `no` where another release of the renderer sets them otherwise.",
                "schema": {"type": "string", "enum": ["yes", "no"]},
            },
            pdf_replies.DATA: {
                "description": "Whether it carries its data (Factur-X, EN 16931), which kept every rule.",
                "schema": {"type": "string", "enum": ["factur-x", "none"]},
            },
            pdf_replies.FINDINGS: {
                "description": "The rules that its data breaks, or pointers to the fields that it lacks, "
                "comma-separated; without data the fatal ones say why.",
                "schema": {"type": "string"},
                "example": "BR-E-02, /contact/country",
            },
        },
    },
    304: {"description": "The caller has these bytes already."},
}

DocumentState = Annotated[
    Literal["issued", "current"],
    Query(description="As it was issued, which never changes, or with what was paid and credited since."),
]
AnEdition = Annotated[
    int | None,
    Query(ge=1, le=32767, description="An edition of it; without, the newest. Editions never change."),
]
IfNoneMatch = Annotated[str | None, Header(alias="if-none-match")]


@router.get(
    "/invoices/{invoice_id}/pdf",
    response_class=Response,
    responses=PDF_REPLY,
    dependencies=[require("invoices:read")],
)
async def invoice_pdf(
    invoice_id: InvoiceId,
    request: Request,
    who: Who,
    clock: Now,
    state: DocumentState = "issued",
    edition: AnEdition = None,
    _: IfNoneMatch = None,
) -> Response:
    """The invoice as PDF, in the language of its contact."""
    await pdf_replies.require_credit_known(request, who, invoice_id)

    async def load(tx: Connection) -> PrintModel:
        invoice = await pdf_replies.load_edition(tx, who, invoice_id, edition)
        return print_model.from_invoice(invoice, who.zone, clock.today(), is_current=state == "current")

    return await pdf_replies.reply_with_pdf(request, who, invoice_id, load)


@router.get(
    "/quotes/{quote_id}/pdf",
    response_class=Response,
    responses=PDF_REPLY,
    dependencies=[require("quotes:read")],
)
async def quote_pdf(quote_id: UUID, request: Request, who: Who, _: IfNoneMatch = None) -> Response:
    """The quote as PDF, in the language of its contact."""

    async def load(tx: Connection) -> PrintModel:
        return print_model.from_quote(
            quote_rules.to_snapshot(await quotes.get(tx, who.workspace_id, quote_id))
        )

    return await pdf_replies.reply_with_pdf(request, who, quote_id, load)


@router.get(
    "/credit-notes/{credit_note_id}/pdf",
    response_class=Response,
    responses=PDF_REPLY,
    dependencies=[require("invoices:read")],
)
async def credit_note_pdf(
    credit_note_id: UUID, request: Request, who: Who, _: IfNoneMatch = None
) -> Response:
    """The credit note as PDF, in the language of its contact."""

    async def load(tx: Connection) -> PrintModel:
        note = await credit_notes.get(tx, who.workspace_id, credit_note_id)
        return print_model.from_credit_note(credit_note_rules.to_snapshot(note))

    return await pdf_replies.reply_with_pdf(request, who, credit_note_id, load)
