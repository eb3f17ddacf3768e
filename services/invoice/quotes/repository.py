"""Quotes with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.invoice.lines.domain.line import Line
from services.invoice.lines.repository import document_rows
from services.invoice.lines.repository.lines import QUOTE_LINES
from services.invoice.numbers.domain import NumberTakenMeanwhile
from services.invoice.quotes.domain import Quote, QuoteExternalIdTaken, QuoteStatus
from shared.kernel.errors import raise_not_found
from shared.postgres import search
from shared.postgres.listing import Found, Listing, Window, in_order, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at contact_id contact seller currency status number issue_date "
    "valid_until supply_date supply_start supply_end subtotal_minor tax_minor total_minor tax_breakdown "
    "discount rounding_level rounding_mode "
    "notes reference external_id metadata invoice_id sent_at accepted_at declined_at"
).split()
_COLUMNS = f"workspace_id, {', '.join(_NAMES)}"
_BY_ID = f"SELECT {_COLUMNS} FROM quote WHERE workspace_id = :workspace_id AND id = :id"
_GET, _LOCK = Statement(_BY_ID), Statement(f"{_BY_ID} FOR NO KEY UPDATE")
_INSERT = Statement(f"INSERT INTO quote ({_COLUMNS}) VALUES (:workspace_id, {places(_NAMES)})")
_UPDATE = Statement(
    f"UPDATE quote SET ({', '.join(_NAMES)}) = ROW({places(_NAMES)}) "
    "WHERE workspace_id = :workspace_id AND id = :id"
)
_EXPIRED = """
SELECT quote.workspace_id, quote.id FROM quote LEFT JOIN workspace USING (workspace_id)
WHERE status = 'sent'
  AND valid_until < ((now() + make_interval(secs => coalesce(clock_offset_ms, 0) / 1000.0))
                     AT TIME ZONE coalesce(zone, 'Europe/Amsterdam'))::date
ORDER BY valid_until, quote.id LIMIT $1 FOR NO KEY UPDATE OF quote SKIP LOCKED
"""


_SEARCHED = ("number", "reference", "contact->>'name'")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteFilter:
    """Which quotes; `q` are beginnings of words of number, reference or the contact's name."""

    status: Annotated[Sequence[str] | None, where("status = ANY(:status)")] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    external_id: Annotated[str | None, in_order("external_id = :external_id")] = None
    q: Annotated[
        str | None,
        where(
            search.has_words(*_SEARCHED),
            found_in=search.either(search.found_in("quote"), search.found_in_contacts("quote")),
        ),
    ] = None
    literal: Annotated[str | None, where(search.has_literally(*_SEARCHED))] = None


_LIST = Listing(QuoteFilter, "quote", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, quote_id: UUID) -> Quote:
    """The quote with its lines; raises NotFound."""
    row = await _GET.fetchrow(tx, workspace_id=workspace_id, id=quote_id)
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("quote", quote_id)


async def lock(tx: Connection, workspace_id: UUID, quote_id: UUID) -> Quote:
    """The quote with its lines, locked against other changes; raises NotFound."""
    row = await _LOCK.fetchrow(tx, workspace_id=workspace_id, id=quote_id)
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("quote", quote_id)


async def insert(tx: Connection, quote: Quote) -> None:
    """Store a new quote with its lines; raises QuoteExternalIdTaken."""
    try:
        await _INSERT.execute(tx, quote, **document_rows.to_columns(quote, _NAMES))
    except asyncpg.UniqueViolationError as error:
        raise QuoteExternalIdTaken(field="external_id") from error
    await QUOTE_LINES.insert(tx, quote)


async def update(tx: Connection, quote: Quote) -> None:
    """Store a changed quote without its lines; raises QuoteExternalIdTaken or NumberTakenMeanwhile."""
    try:
        await _UPDATE.execute(tx, quote, **document_rows.to_columns(quote, _NAMES))
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


async def find(tx: Connection, workspace_id: UUID, filters: QuoteFilter, window: Window) -> Found[Quote]:
    """The quotes of this part of the list with their lines, newest first."""
    found = await _LIST.find(tx, workspace_id, filters, window, lambda row: row)
    return found.of(await _with_lines(tx, found.rows))


async def _with_lines(tx: Connection, rows: Sequence[asyncpg.Record]) -> list[Quote]:
    lines = await QUOTE_LINES.of(tx, [(row["workspace_id"], row["id"]) for row in rows])
    return [_quote(row, lines.get(row["id"], ())) for row in rows]


def _quote(row: asyncpg.Record, lines: Sequence[Line]) -> Quote:
    fields = document_rows.to_fields(row)
    return Quote(**fields | {"status": QuoteStatus(fields["status"])}, lines=tuple(lines))
