"""Issued documents as UBL, for whoever sends them through an access point of their own."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.documents.api import pdf as pdf_replies
from services.invoice.documents.api.routes import AnEdition
from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.e_invoices.operations import e_invoices
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.invoices.api.named import InvoiceId
from shared.http.internal_auth import Now, Who, require
from shared.http.queries import Route
from shared.http.work import Work
from shared.postgres.transaction import Database

router = APIRouter(prefix="/v1", route_class=Route, tags=["documents"])
UBL_REPLY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/xml": {"schema": {"type": "string"}}}, "description": "UBL 2.1."}
}


async def prepare_rules(request: Request) -> None:
    """Have the rules compiled before the transaction begins: that takes a second or two the first time."""
    access_points: AccessPoints = request.app.state.access_points
    await access_points.validation.prepare("ubl")


@router.get(
    "/invoices/{invoice_id}/ubl",
    response_class=Response,
    responses=UBL_REPLY,
    dependencies=[require("invoices:read"), Depends(prepare_rules)],
)
async def invoice_ubl(
    invoice_id: InvoiceId, request: Request, who: Who, clock: Now, edition: AnEdition = None
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
async def credit_note_ubl(credit_note_id: UUID, request: Request, work: Work, who: Who) -> Response:
    """The credit note as UBL 2.1 (Peppol BIS Billing 3), validated; 422 names what it lacks or breaks."""
    data = credit_note_rules.to_snapshot(await credit_notes.get(work.tx, who.workspace_id, credit_note_id))
    return await _reply_with_ubl(print_model.from_credit_note(data), request)


async def _reply_with_ubl(document: PrintModel, request: Request) -> Response:
    access_points: AccessPoints = request.app.state.access_points
    content = await e_invoices.write_valid_ubl(document, access_points.validation)
    headers = {"content-disposition": f'attachment; filename="{print_model.file_name(document.number)}.xml"'}
    return Response(content, media_type="application/xml", headers=headers)
