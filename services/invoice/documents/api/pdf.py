"""How a document leaves as PDF: printed once, then known by its hash."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response

from services.invoice.documents import operations as printing
from services.invoice.documents.domain.paper import Paper, file_name
from services.invoice.documents.operations import Printed
from services.invoice.e_invoices.domain.facts import EInvoiceFinding
from services.invoice.e_invoices.operations.access_points import AccessPoints
from services.invoice.e_invoices.rendering.e_invoice import NotAnEInvoice
from shared.http.internal_auth import Principal
from shared.postgres.pool import Connection
from shared.postgres.transaction import Database

Load = Callable[[Connection], Awaitable[Paper]]
AS_ISSUED = "document-as-issued"
"""`yes` or `no`: whether an issued document came out byte for byte as it was first given out."""

DATA = "document-data"
"""`factur-x` where the document carries its data (EN 16931, validated), else `none`."""
FINDINGS = "document-findings"
"""The rules that its data breaks, or the fields that it lacks; without data the fatal ones say why."""


async def reply(
    request: Request, who: Principal, document_id: UUID, load: Load, *, is_download: bool = False
) -> Response:
    """The document that `load` gives, as PDF; no transaction is open while it is set."""
    database: Database = request.app.state.database
    async with database.transaction(who.workspace_id) as tx:
        paper = await load(tx)
        order = await printing.prepare(tx, who.workspace_id, document_id, paper)
    known = request.headers.get("if-none-match", "")
    if order.sha256 and f'"{order.sha256}"' in known:
        return Response(status_code=304, headers=_headers(order.sha256))
    access_points: AccessPoints = request.app.state.access_points
    order = await printing.with_data(order, access_points.validation)
    made = await asyncio.to_thread(printing.render, order)
    async with database.transaction(who.workspace_id) as tx:
        await printing.keep(tx, made, who.clock.now())
    if f'"{made.sha256}"' in known:
        return Response(status_code=304, headers=_headers(made.sha256))
    return _whole(made, paper, is_download=is_download)


def _whole(made: Printed, paper: Paper, *, is_download: bool) -> Response:
    headers = _headers(made.sha256)
    if made.is_as_issued is not None:
        headers[AS_ISSUED] = "yes" if made.is_as_issued else "no"
    headers[DATA] = "factur-x" if made.is_factur_x else "none"
    if made.findings:
        headers[FINDINGS] = ", ".join(dict.fromkeys(_told(found) for found in made.findings))
    place = "attachment" if is_download else "inline"
    headers["content-disposition"] = f'{place}; filename="{file_name(paper.number)}.pdf"'
    return Response(made.content, media_type="application/pdf", headers=headers)


def _told(found: EInvoiceFinding) -> str:
    return found.location if found.rule == NotAnEInvoice.code else found.rule


def _headers(sha256: str) -> dict[str, str]:
    return {"etag": f'"{sha256}"', "cache-control": "private, no-cache"}
