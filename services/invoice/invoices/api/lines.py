"""The single lines of invoices: add, list, get, change, delete."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Response, status

from services.invoice.invoices.operations import lines as operations
from services.invoice.lines.api import LineFields
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.repository.lines import INVOICE_LINES
from shared.events.invoice import LineData
from shared.http.idempotency import Route
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import BillingError, naming

router = APIRouter(prefix="/v1/invoice-lines", route_class=Route, tags=["invoice lines"])
READ, WRITE = require("invoices:read"), require("invoices:write")


class InvoiceLineData(LineData):
    """A line, and the invoice that it belongs to."""

    invoice_id: UUID


class NewLine(LineFields):
    """A line to add at the end of a draft."""

    invoice_id: UUID


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def add(body: NewLine, work: Work) -> InvoiceLineData:
    """Add a line at the end of a draft."""
    with _naming_own_fields(), naming("invoice_id"):
        invoice, line = await operations.add_line(work, body.invoice_id, body.edit())
    return _reply(invoice.id, line)


@router.get("", dependencies=[READ])
async def list_(part: Sliced, work: Work, invoice_id: UUID | None = None) -> Page[InvoiceLineData]:
    """List lines of one invoice or of all, newest first."""
    rows = await INVOICE_LINES.find(work.tx, work.workspace_id, invoice_id, part.window())
    return part.page(rows, lambda row: _reply(*row), lambda row: row[1].id)


@router.get("/{line_id}", dependencies=[READ])
async def get(line_id: UUID, work: Work) -> InvoiceLineData:
    """Get a line."""
    invoice_id = await INVOICE_LINES.document_of(work.tx, work.workspace_id, line_id)
    lines = await INVOICE_LINES.of(work.tx, [(work.workspace_id, invoice_id)])
    return _reply(invoice_id, next(line for line in lines[invoice_id] if line.id == line_id))


@router.patch("/{line_id}", dependencies=[WRITE])
async def change(line_id: UUID, body: LineFields, work: Work) -> InvoiceLineData:
    """Change a line of a draft; totals follow."""
    with _naming_own_fields():
        invoice, line = await operations.change_line(work, line_id, body.edit())
    return _reply(invoice.id, line)


@router.delete("/{line_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(line_id: UUID, work: Work) -> Response:
    """Remove a line of a draft, and the rows below it."""
    await operations.delete_line(work, line_id)
    return Response(status_code=204)


def _reply(invoice_id: UUID, line: line_rules.Line) -> InvoiceLineData:
    return InvoiceLineData(**line_rules.to_data(line).model_dump(), invoice_id=invoice_id)


@contextmanager
def _naming_own_fields() -> Iterator[None]:
    """The body is one line: errors name its fields, not those of a document's line."""
    try:
        yield
    except BillingError as error:
        error.errors = tuple(
            replace(each, pointer=re.sub(r"^/lines/[0-9]+/", "/", each.pointer)) for each in error.errors
        )
        raise
