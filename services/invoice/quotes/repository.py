"""SQL of quotes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.invoice.common.repository.patterns import anywhere
from services.invoice.lines.domain.line import Line
from services.invoice.lines.repository import document_rows
from services.invoice.lines.repository.lines import QUOTE_LINES
from services.invoice.numbers.domain import NumberTakenMeanwhile
from services.invoice.quotes.domain import Quote, QuoteExternalIdTaken, Status
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at contact_id contact seller currency status number issue_date "
    "valid_until supply_date supply_start supply_end subtotal_minor tax_minor total_minor tax_breakdown "
    "discount rounding_level rounding_mode "
    "notes reference external_id metadata invoice_id sent_at accepted_at declined_at"
).split()
_COLUMNS = ", ".join(_NAMES)
_PLACES = ", ".join(f"${number}" for number in range(2, len(_NAMES) + 2))
_FILTERS = """workspace_id = $1
  AND ($2::text[] IS NULL OR status = ANY($2))
  AND ($3::uuid IS NULL OR contact_id = $3)
  AND ($4::text IS NULL OR external_id = $4)
  AND ($5::text IS NULL OR number ILIKE $5 OR reference ILIKE $5 OR contact->>'name' ILIKE $5)"""
_EXPIRED = """
SELECT quote.workspace_id, quote.id FROM quote LEFT JOIN workspace USING (workspace_id)
WHERE status = 'sent'
  AND valid_until < ((now() + make_interval(secs => coalesce(clock_offset_ms, 0) / 1000.0))
                     AT TIME ZONE coalesce(zone, 'Europe/Amsterdam'))::date
ORDER BY valid_until, quote.id LIMIT $1 FOR NO KEY UPDATE OF quote SKIP LOCKED
"""


async def get(tx: Connection, workspace_id: UUID, quote_id: UUID) -> Quote:
    """The quote with its lines; raises NotFound."""
    return await _one(tx, workspace_id, quote_id, "")


async def lock(tx: Connection, workspace_id: UUID, quote_id: UUID) -> Quote:
    """The quote with its lines, locked against other changes; raises NotFound."""
    return await _one(tx, workspace_id, quote_id, "FOR NO KEY UPDATE")


async def insert(tx: Connection, quote: Quote) -> None:
    """Store a new quote with its lines; raises QuoteExternalIdTaken."""
    try:
        await tx.execute(
            f"INSERT INTO quote (workspace_id, {_COLUMNS}) VALUES ($1, {_PLACES})",
            quote.workspace_id,
            *document_rows.values(quote, _NAMES),
        )
    except asyncpg.UniqueViolationError as error:
        raise QuoteExternalIdTaken(field="external_id") from error
    await QUOTE_LINES.insert(tx, quote)


async def update(tx: Connection, quote: Quote) -> None:
    """Store a changed quote without its lines; raises QuoteExternalIdTaken or NumberTakenMeanwhile."""
    try:
        await tx.execute(
            f"UPDATE quote SET ({_COLUMNS}) = ROW({_PLACES}) WHERE workspace_id = $1 AND id = $2",
            quote.workspace_id,
            *document_rows.values(quote, _NAMES),
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "quote_number_is_unique":
            raise NumberTakenMeanwhile(retry_after_seconds=1) from error
        raise QuoteExternalIdTaken(field="external_id") from error


async def delete(tx: Connection, workspace_id: UUID, quote_id: UUID) -> None:
    """Remove a draft and its lines."""
    await tx.execute(
        "DELETE FROM quote WHERE workspace_id = $1 AND id = $2 AND status = 'draft'", workspace_id, quote_id
    )


async def claim_expired(tx: Connection, limit: int) -> list[tuple[UUID, UUID]]:
    """(workspace, quote) ids of sent quotes whose validity passed on their workspaces' clocks, locked."""
    return [(row["workspace_id"], row["id"]) for row in await tx.fetch(_EXPIRED, limit)]


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Quote]:
    """Quotes with their lines, newest first: `status`, `contact_id`, `external_id`, `q`, and the slice."""
    rows = await document_rows.page(
        tx, "quote", _COLUMNS, _FILTERS, workspace_id, _filter_values(filters), filters
    )
    return await _with_lines(tx, rows)


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many quotes the filters find."""
    return await document_rows.count(tx, "quote", _FILTERS, workspace_id, _filter_values(filters))


async def _one(tx: Connection, workspace_id: UUID, quote_id: UUID, locking: str) -> Quote:
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM quote WHERE workspace_id = $1 AND id = $2 {locking}",
        workspace_id,
        quote_id,
    )
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("quote", quote_id)


def _filter_values(filters: dict[str, Any]) -> tuple[Any, ...]:
    return (filters["status"], filters["contact_id"], filters["external_id"], anywhere(filters["q"]))


async def _with_lines(tx: Connection, rows: Sequence[Any]) -> list[Quote]:
    lines = await QUOTE_LINES.of(tx, [(row["workspace_id"], row["id"]) for row in rows])
    return [_quote(row, lines.get(row["id"], ())) for row in rows]


def _quote(row: Any, lines: Sequence[Line]) -> Quote:
    fields = document_rows.fields(row)
    return Quote(**fields | {"status": Status(fields["status"])}, lines=tuple(lines))
