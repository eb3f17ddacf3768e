"""Credit notes with their lines, and what has been credited of an invoice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg

from services.invoice.credit_notes.domain.credit_note import (
    CreditNote,
    CreditNoteExternalIdTaken,
    CreditNoteLine,
)
from services.invoice.credit_notes.domain.crediting import Credited
from services.invoice.lines.repository import document_rows
from services.invoice.lines.repository.lines import COLUMN_TYPES, LineTable
from services.invoice.numbers.domain import NumberTakenMeanwhile
from shared.kernel.errors import raise_not_found
from shared.postgres import search
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

CREDIT_NOTE_LINES = LineTable(
    "credit_note",
    CreditNoteLine,
    COLUMN_TYPES | {"invoice_line_id": "uuid", "credited_quantity": "numeric"},
)
_NAMES = (
    "id version created_at updated_at invoice_id invoice contact_id contact seller currency number "
    "issue_date reason subtotal_minor tax_minor total_minor tax_breakdown rounding_level rounding_mode "
    "refund_minor out_of_band_minor notes external_id metadata supply_date supply_start supply_end "
    "tax_conversion"
).split()
_COLUMNS = f"workspace_id, {', '.join(_NAMES)}"
_GET = Statement(f"SELECT {_COLUMNS} FROM credit_note WHERE workspace_id = :workspace_id AND id = :id")
_INSERT = Statement(f"INSERT INTO credit_note ({_COLUMNS}) VALUES (:workspace_id, {places(_NAMES)})")
_CREDITED = """
SELECT line.invoice_line_id, coalesce(line.credited_quantity, 0) AS quantity,
    CASE line.tax_behavior WHEN 'inclusive' THEN line.gross_minor ELSE line.net_minor END AS amount_minor,
    CASE WHEN line.taxes = '[]' THEN ARRAY[line.tax_minor] ELSE ARRAY(
        SELECT (levied->>'tax_minor')::bigint
        FROM jsonb_array_elements(line.taxes) WITH ORDINALITY AS tax (levied, place) ORDER BY place
    ) END AS taxes_minor
FROM credit_note JOIN credit_note_line AS line
    ON line.workspace_id = credit_note.workspace_id AND line.credit_note_id = credit_note.id
WHERE credit_note.workspace_id = $1 AND credit_note.invoice_id = $2
"""


_SEARCHED = ("number", "reason", "invoice->>'number'", "contact->>'name'")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteFilter:
    """Which credit notes; `q` are beginnings of words of numbers, reason or the contact's name."""

    invoice_id: Annotated[UUID | None, in_order("invoice_id = :invoice_id")] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    external_id: Annotated[str | None, in_order("external_id = :external_id")] = None
    issued_from: Annotated[date | None, where("issue_date >= :issued_from")] = None
    issued_to: Annotated[date | None, where("issue_date <= :issued_to")] = None
    q: Annotated[
        str | None,
        where(
            search.has_words(*_SEARCHED),
            found_in=search.either(search.found_in("credit_note"), search.found_in_contacts("credit_note")),
        ),
    ] = None
    literal: Annotated[str | None, where(search.has_literally(*_SEARCHED))] = None


_LIST = Listing(CreditNoteFilter, "credit_note", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, credit_note_id: UUID) -> CreditNote:
    """The credit note with its lines; raises NotFound."""
    row = await _GET.fetchrow(tx, workspace_id=workspace_id, id=credit_note_id)
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("credit note", credit_note_id)


async def credited(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> dict[UUID, Credited]:
    """What has been credited of each line of the invoice, which the caller has locked."""
    by_line: dict[UUID, Credited] = {}
    for row in await tx.fetch(_CREDITED, workspace_id, invoice_id):
        so_far = by_line.get(row["invoice_line_id"], Credited())
        by_line[row["invoice_line_id"]] = so_far.plus(
            row["quantity"], row["amount_minor"], row["taxes_minor"]
        )
    return by_line


async def insert(tx: Connection, note: CreditNote) -> None:
    """Store a new credit note with its lines; raises CreditNoteExternalIdTaken or NumberTakenMeanwhile."""
    try:
        await _INSERT.execute(tx, note, **document_rows.to_columns(note, _NAMES))
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "credit_note_number_is_unique":
            raise NumberTakenMeanwhile(retry_after_seconds=1) from error
        raise CreditNoteExternalIdTaken(field="external_id") from error
    await CREDIT_NOTE_LINES.insert(tx, note)


async def find(
    tx: Connection, workspace_id: UUID, filters: CreditNoteFilter, window: Window
) -> Found[CreditNote]:
    """The credit notes of this part of the list with their lines, newest first."""
    found = await _LIST.find(tx, workspace_id, filters, window, lambda row: row)
    return found.of(await _with_lines(tx, found.rows))


async def _with_lines(tx: Connection, rows: Sequence[asyncpg.Record]) -> list[CreditNote]:
    lines = await CREDIT_NOTE_LINES.of(tx, [(row["workspace_id"], row["id"]) for row in rows])
    return [CreditNote(**document_rows.to_fields(row), lines=tuple(lines[row["id"]])) for row in rows]
