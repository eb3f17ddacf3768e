"""HTTP in: files of banks, and the statements in them."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel, Field

from services.payment.bank_files.formats.bank_file import MAX_BYTES, FileFormat, read_bank_file
from services.payment.bank_imports import operations
from services.payment.bank_imports import repository as bank_imports
from services.payment.bank_imports.domain import BankImport
from services.payment.bank_imports.operations import Upload
from services.payment.bank_lines.domain.line import LineState
from services.payment.metrics import BANK_LINES
from shared.events.fields import Instant
from shared.http import queries
from shared.http.internal_auth import require
from shared.http.pagination import Page, Sliced
from shared.http.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.key_ring import KeyRing

# The file is known by its bytes: sent again it is the same import, with a key or without.
router = APIRouter(prefix="/v1", route_class=queries.Route, tags=["bank"])
READ, WRITE = require("bank:read"), require("bank:write")
_FILE = {
    "requestBody": {
        "required": True,
        "description": f"The file's bytes, at most {MAX_BYTES // 1024 // 1024} MiB.",
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "example": ":20:P261102000000001\n:25:NL69INGB0123456789EUR\n…",
            }
        },
    }
}


class ImportReply(BaseModel):
    """A file that was imported, and how far its lines are matched."""

    id: UUID
    created_at: Instant
    format: FileFormat
    file_name: str | None
    sha256: str = Field(description="Of the file's bytes, in hexadecimal.")
    status: str = Field(description="`matching` while lines wait to be looked at, then `finished`.")
    statement_count: int
    line_count: int
    new_line_count: int = Field(description="Lines that no file told of before.")
    progress_percent: int = Field(description="How many of the new lines were looked at.")
    line_counts: dict[LineState, int] = Field(description="The new lines by their state.")


class StatementReply(BaseModel):
    """A statement of a bank account; balances in minor units of `currency`."""

    id: UUID
    created_at: Instant
    import_id: UUID
    bank_account_id: UUID
    number: str | None
    currency: str
    from_on: date | None
    until_on: date | None
    opening_minor: int | None
    closing_minor: int | None
    is_balanced: bool | None = Field(
        description="Whether opening and lines come to closing; null where the file does not tell both."
    )
    line_count: int
    new_line_count: int


@router.post("/bank-imports", status_code=status.HTTP_202_ACCEPTED, dependencies=[WRITE], openapi_extra=_FILE)
async def import_file(
    request: Request,
    response: Response,
    work: Work,
    account_id: Annotated[
        UUID | None, Query(description="Whose the file is, where it does not name its account (some CSV).")
    ] = None,
    file_name: Annotated[str | None, Query(max_length=200, description="Shown with the import.")] = None,
) -> ImportReply:
    """Import a bank's file: CAMT.053, MT940, OFX, a known bank's CSV, or a ZIP of them.

    Every line is kept and booked from bank to suspense in one transaction; then lines that name what they
    pay are matched, and the others wait for a person. The same file again answers 200 with the first import;
    lines that another file told of are not taken twice, and two equal ones of a day are two.
    """
    data = await request.body()
    if not data:
        raise Invalid("Send the file's bytes as the body.", field="file")
    # Seconds of a large file's reading are no other request's.
    file = await asyncio.to_thread(read_bank_file, data)
    ring: KeyRing = request.app.state.key_ring
    done, is_new = await operations.import_file(work, Upload(data, file, file_name, account_id), ring)
    if is_new:
        BANK_LINES.labels("imported").inc(done.new_line_count)
    else:
        response.status_code = status.HTTP_200_OK
    return await to_reply(work, done)


@router.get("/bank-imports", dependencies=[READ])
async def list_imports(part: Sliced, work: Work) -> Page[ImportReply]:
    """List imported files, newest first."""
    filters = bank_imports.ImportFilter()
    rows = await bank_imports.find(work.tx, work.workspace_id, filters, part.window())
    counts = await bank_imports.count_by_state(work.tx, work.workspace_id, [done.id for done in rows.rows])
    return part.page(rows, lambda done: _to_reply(done, counts[done.id]))


@router.get("/bank-imports/{import_id}", dependencies=[READ])
async def get_import(import_id: UUID, work: Work) -> ImportReply:
    """Get an imported file, with how far its lines are."""
    return await to_reply(work, await bank_imports.get(work.tx, work.workspace_id, import_id))


@router.get("/bank-statements", dependencies=[READ])
async def list_statements(
    part: Sliced,
    work: Work,
    account_id: UUID | None = None,
    import_id: UUID | None = None,
    is_balanced: bool | None = None,
) -> Page[StatementReply]:
    """List the statements of imported files, newest first."""
    filters = bank_imports.StatementFilter(
        account_id=account_id, import_id=import_id, is_balanced=is_balanced
    )
    rows = await bank_imports.find_statements(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, lambda row: StatementReply.model_validate(row, from_attributes=True))


async def to_reply(work: Work, done: BankImport) -> ImportReply:
    """The import as the API shows it, with how far its lines are."""
    counts = await bank_imports.count_by_state(work.tx, work.workspace_id, [done.id])
    return _to_reply(done, counts[done.id])


def _to_reply(done: BankImport, counts: Mapping[str, int]) -> ImportReply:
    waiting = counts.get(LineState.IMPORTED, 0)
    total = done.new_line_count
    return ImportReply(
        id=done.id,
        created_at=done.created_at,
        format=FileFormat(done.format),
        file_name=done.file_name,
        sha256=done.sha256.hex(),
        status="matching" if waiting else "finished",
        statement_count=done.statement_count,
        line_count=done.line_count,
        new_line_count=total,
        progress_percent=100 * (total - waiting) // total if total else 100,
        line_counts={LineState(state): count for state, count in counts.items()},
    )
