"""SQL of credit notes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.invoice.common.repository.patterns import anywhere
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
_COLUMNS = ", ".join(_NAMES)
_PLACES = ", ".join(f"${number}" for number in range(2, len(_NAMES) + 2))
FILTERS = ("invoice_id", "contact_id", "external_id", "issued_from", "issued_to", "q")
_FILTERS = """workspace_id = $1
  AND ($2::uuid IS NULL OR invoice_id = $2)
  AND ($3::uuid IS NULL OR contact_id = $3)
  AND ($4::text IS NULL OR external_id = $4)
  AND ($5::date IS NULL OR issue_date >= $5)
  AND ($6::date IS NULL OR issue_date <= $6)
  AND ($7::text IS NULL OR number ILIKE $7 OR reason ILIKE $7 OR invoice->>'number' ILIKE $7
       OR contact->>'name' ILIKE $7)"""
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


async def get(tx: Connection, workspace_id: UUID, credit_note_id: UUID) -> CreditNote:
    """The credit note with its lines; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM credit_note WHERE workspace_id = $1 AND id = $2",
        workspace_id,
        credit_note_id,
    )
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("credit note", credit_note_id)


async def credited(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> dict[UUID, Credited]:
    """What has been credited of each line of the invoice, which the caller has locked."""
    found: dict[UUID, Credited] = {}
    for row in await tx.fetch(_CREDITED, workspace_id, invoice_id):
        so_far = found.get(row["invoice_line_id"], Credited())
        found[row["invoice_line_id"]] = so_far.plus(row["quantity"], row["amount_minor"], row["taxes_minor"])
    return found


async def insert(tx: Connection, note: CreditNote) -> None:
    """Store a new credit note with its lines; raises CreditNoteExternalIdTaken or NumberTakenMeanwhile."""
    try:
        await tx.execute(
            f"INSERT INTO credit_note (workspace_id, {_COLUMNS}) VALUES ($1, {_PLACES})",
            note.workspace_id,
            *document_rows.values(note, _NAMES),
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "credit_note_number_is_unique":
            raise NumberTakenMeanwhile(retry_after_seconds=1) from error
        raise CreditNoteExternalIdTaken(field="external_id") from error
    await CREDIT_NOTE_LINES.insert(tx, note)


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[CreditNote]:
    """Credit notes with their lines, newest first; see FILTERS."""
    rows = await document_rows.page(
        tx, "credit_note", _COLUMNS, _FILTERS, workspace_id, _filter_values(filters), filters
    )
    return await _with_lines(tx, rows)


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many credit notes the filters find."""
    return await document_rows.count(tx, "credit_note", _FILTERS, workspace_id, _filter_values(filters))


def _filter_values(filters: dict[str, Any]) -> tuple[Any, ...]:
    values = filters | {"q": anywhere(filters["q"])}
    return tuple(values[name] for name in FILTERS)


async def _with_lines(tx: Connection, rows: Sequence[Any]) -> list[CreditNote]:
    lines = await CREDIT_NOTE_LINES.of(tx, [(row["workspace_id"], row["id"]) for row in rows])
    return [CreditNote(**document_rows.fields(row), lines=tuple(lines[row["id"]])) for row in rows]
