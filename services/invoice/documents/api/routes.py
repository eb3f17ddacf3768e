"""Documents as PDF and UBL: as they were issued, in an edition, or as they stand now."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.documents.api import pdf as pdf_replies
from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.operations import e_invoices
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.quotes import domain as quote_rules
from services.invoice.quotes import repository as quotes
from shared.http.internal_auth import Now, Who, require
from shared.http.queries import Route
from shared.http.transactions import Tx
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

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
UBL_REPLY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/xml": {"schema": {"type": "string"}}}, "description": "UBL 2.1."}
}


async def prepare_rules(request: Request) -> None:
    """Have the rules compiled before the transaction begins: that takes a second or two the first time."""
    access_points: AccessPoints = request.app.state.access_points
    await access_points.validation.prepare("ubl")


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
    invoice_id: UUID,
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


@router.get(
    "/invoices/{invoice_id}/ubl",
    response_class=Response,
    responses=UBL_REPLY,
    dependencies=[require("invoices:read"), Depends(prepare_rules)],
)
async def invoice_ubl(
    invoice_id: UUID, request: Request, who: Who, clock: Now, edition: AnEdition = None
) -> Response:
    """The issued invoice as UBL 2.1 (Peppol BIS Billing 3), validated; 422 names what it lacks or breaks.

    Void ones are 409.
    """
    await pdf_replies.require_credit_known(request, who, invoice_id)
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        invoice = await pdf_replies.load_edition(tx, who, invoice_id, edition)
    return await _reply_with_ubl(print_model.from_invoice(invoice, who.zone, clock.today()), request)


@router.get(
    "/credit-notes/{credit_note_id}/ubl",
    response_class=Response,
    responses=UBL_REPLY,
    dependencies=[require("invoices:read"), Depends(prepare_rules)],
)
async def credit_note_ubl(credit_note_id: UUID, request: Request, tx: Tx, who: Who) -> Response:
    """The credit note as UBL 2.1 (Peppol BIS Billing 3), validated; 422 names what it lacks or breaks."""
    data = credit_note_rules.to_snapshot(await credit_notes.get(tx, who.workspace_id, credit_note_id))
    return await _reply_with_ubl(print_model.from_credit_note(data), request)


async def _reply_with_ubl(document: PrintModel, request: Request) -> Response:
    access_points: AccessPoints = request.app.state.access_points
    content = await e_invoices.write_valid_ubl(document, access_points.validation)
    headers = {"content-disposition": f'attachment; filename="{print_model.file_name(document.number)}.xml"'}
    return Response(content, media_type="application/xml", headers=headers)
