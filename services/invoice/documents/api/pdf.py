"""How a document leaves as PDF: printed once, then known by its hash."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response

from services.invoice.documents import operations as documents
from services.invoice.documents.domain.document_data import NOT_AN_E_INVOICE, DataWriter
from services.invoice.documents.domain.print_model import PrintModel, file_name
from services.invoice.documents.operations import RenderedDocument
from services.invoice.invoices.domain import edition as edition_rules
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.repository import editions, invoices
from services.invoice.invoices.workers.credit_at_issue import CreditAtIssue, CreditUnknown
from shared.events.e_invoice import EInvoiceFinding
from shared.http.internal_auth import Principal
from shared.messaging.work import begin
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

Load = Callable[[Connection], Awaitable[PrintModel]]
AS_ISSUED = "document-as-issued"
"""`yes` or `no`: whether an issued document came out byte for byte as it was first given out."""

DATA = "document-data"
"""`factur-x` where the document carries its data (EN 16931, validated), else `none`."""
FINDINGS = "document-findings"
"""The rules that its data breaks, or the fields that it lacks; without data the fatal ones say why."""


async def require_credit_known(request: Request, who: Principal, invoice_id: UUID) -> None:
    """Learn what credit settled of the invoice; raises CreditUnknown while there may be some."""
    openings: CreditAtIssue = request.app.state.openings
    if not await openings.learn(who.workspace_id, invoice_id):
        raise CreditUnknown(retry_after_seconds=5)


async def load_edition(tx: Connection, who: Principal, invoice_id: UUID, edition: int | None) -> Invoice:
    """The invoice as an edition of it said, the newest where none is named; raises NotFound."""
    invoice = await invoices.get(tx, who.workspace_id, invoice_id)
    if edition is None or edition == invoice.edition:
        return invoice
    return edition_rules.restore(invoice, await editions.get(tx, who.workspace_id, invoice_id, edition))


async def reply_with_pdf(
    request: Request, who: Principal, document_id: UUID, load: Load, *, is_download: bool = False
) -> Response:
    """The document that `load` gives, as PDF; no transaction is open while it is set."""
    database: Database = request.app.state.database
    async with begin(database, who.workspace_id) as unit:
        model = await load(unit.tx)
        work = unit.within(who.workspace_id, who.clock)
        order = await documents.load_print_order(work, document_id, model)
    etags = request.headers.get("if-none-match", "")
    if order.sha256 and f'"{order.sha256}"' in etags:
        return Response(status_code=304, headers=_headers(order.sha256))
    writer: DataWriter = request.app.state.document_data
    order = await documents.attach_data(order, writer)
    rendered = await asyncio.to_thread(documents.render_document, order)
    async with begin(database, who.workspace_id) as unit:
        await documents.keep_rendering(unit.within(who.workspace_id, who.clock), rendered)
    if f'"{rendered.sha256}"' in etags:
        return Response(status_code=304, headers=_headers(rendered.sha256))
    return _full_reply(rendered, model, is_download=is_download)


def _full_reply(rendered: RenderedDocument, model: PrintModel, *, is_download: bool) -> Response:
    headers = _headers(rendered.sha256)
    if rendered.is_as_issued is not None:
        headers[AS_ISSUED] = "yes" if rendered.is_as_issued else "no"
    headers[DATA] = "factur-x" if rendered.is_factur_x else "none"
    if rendered.findings:
        headers[FINDINGS] = ", ".join(
            dict.fromkeys(_name_of_finding(finding) for finding in rendered.findings)
        )
    place = "attachment" if is_download else "inline"
    headers["content-disposition"] = f'{place}; filename="{file_name(model.number)}.pdf"'
    return Response(rendered.content, media_type="application/pdf", headers=headers)


def _name_of_finding(finding: EInvoiceFinding) -> str:
    return finding.location if finding.rule == NOT_AN_E_INVOICE else finding.rule


def _headers(sha256: str) -> dict[str, str]:
    return {"etag": f'"{sha256}"', "cache-control": "private, no-cache"}
