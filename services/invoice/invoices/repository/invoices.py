"""SQL of invoices and their lines."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.invoice.common.repository.patterns import anywhere
from services.invoice.invoices.domain.invoice import BilledMeanwhile, Invoice, InvoiceExternalIdTaken, Status
from services.invoice.lines.domain.line import Line
from services.invoice.lines.repository import document_rows
from services.invoice.lines.repository.lines import INVOICE_LINES
from services.invoice.numbers.domain import EXTERNAL, NumberTaken, NumberTakenMeanwhile
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_TYPES = {
    "id": "uuid",
    "version": "bigint",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "contact_id": "uuid",
    "contact": "jsonb",
    "seller": "jsonb",
    "currency": "text",
    "status": "text",
    "series": "text",
    "number": "text",
    "issue_date": "date",
    "due_date": "date",
    "supply_date": "date",
    "supply_start": "date",
    "supply_end": "date",
    "payment_terms_days": "integer",
    "subtotal_minor": "bigint",
    "tax_minor": "bigint",
    "total_minor": "bigint",
    "tax_breakdown": "jsonb",
    "tax_conversion": "jsonb",
    "discount": "jsonb",
    "rounding_level": "text",
    "rounding_mode": "text",
    "amount_paid_minor": "bigint",
    "amount_credited_minor": "bigint",
    "receivable_version": "bigint",
    "notes": "text",
    "reference": "text",
    "external_id": "text",
    "collection_method": "text",
    "metadata": "jsonb",
    "sent_at": "timestamptz",
    "opened_at": "timestamptz",
    "issued_at": "timestamptz",
    "paid_at": "timestamptz",
    "voided_at": "timestamptz",
    "written_off_at": "timestamptz",
    "overdue_at": "timestamptz",
    "quote_id": "uuid",
    "subscription_id": "uuid",
    "period_start": "timestamptz",
    "period_end": "timestamptz",
    "billing_reason": "text",
    "subscription_version": "bigint",
    "payment_method_id": "uuid",
    "reminder_level": "smallint",
    "reminded_at": "timestamptz",
    "reminders_paused": "boolean",
    "public_token": "text",
    "amount_written_off_minor": "bigint",
    "write_off_reason": "text",
    "write_off_target_minor": "bigint",
    "write_off_version": "bigint",
    "edition": "smallint",
    "edited_at": "timestamptz",
    "pay_url": "text",
    "settled_at_issue_minor": "bigint",
}
_COLUMNS = ", ".join(_TYPES)
# A JSON array within an array would be taken for another dimension: JSON goes in as text.
_ARRAYS = ", ".join(
    f"${place}::{type_.replace('jsonb', 'text')}[]" for place, type_ in enumerate(_TYPES.values(), start=2)
)
_FROM_ARRAYS = ", ".join(name + ("::jsonb" if type_ == "jsonb" else "") for name, type_ in _TYPES.items())
_INSERT = f"""
INSERT INTO invoice (workspace_id, {_COLUMNS})
SELECT workspace_id, {_FROM_ARRAYS} FROM unnest($1::uuid[], {_ARRAYS}) AS new (workspace_id, {_COLUMNS})
"""
# What is sent, opened and reminded of is marked by sending (sending/repository/invoice_marks.py).
_MARKS = ("sent_at", "opened_at", "reminder_level", "reminded_at", "reminders_paused")
_UPDATED = [name for name in _TYPES if name not in _MARKS]
_UPDATE = f"""UPDATE invoice SET ({", ".join(_UPDATED)})
    = ROW({", ".join(f"${number}" for number in range(2, len(_UPDATED) + 2))})
WHERE workspace_id = $1 AND id = $2"""
_FILTERS = """workspace_id = $1
  AND ($2::text[] IS NULL OR status = ANY($2))
  AND ($3::text IS NULL OR $3 = CASE WHEN status = 'paid' THEN 'paid'
       WHEN amount_paid_minor > 0 THEN 'partially_paid' ELSE 'unpaid' END)
  AND ($4::uuid IS NULL OR contact_id = $4)
  AND ($5::text IS NULL OR external_id = $5)
  AND ($6::boolean IS NULL OR $6 = (status = 'open' AND due_date < $7::date
       AND total_minor - amount_paid_minor - amount_credited_minor > 0))
  AND ($8::text IS NULL OR number ILIKE $8 OR reference ILIKE $8 OR contact->>'name' ILIKE $8)
  AND ($9::date IS NULL OR issue_date >= $9)
  AND ($10::date IS NULL OR issue_date <= $10)
  AND ($11::uuid IS NULL OR subscription_id = $11)
  AND ($12::boolean IS NULL OR $12 = (sent_at IS NOT NULL))
  AND ($13::boolean IS NULL OR $13 = (opened_at IS NOT NULL))
  AND ($14::smallint IS NULL OR reminder_level = $14)"""
_SETTLE = """
UPDATE invoice SET status = new.status, amount_paid_minor = new.paid, receivable_version = new.receivable,
    version = new.version, updated_at = new.updated_at, paid_at = new.paid_at, overdue_at = new.overdue_at,
    amount_written_off_minor = new.written_off, written_off_at = new.written_off_at,
    write_off_reason = new.reason
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[],
            $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::timestamptz[], $12::text[])
    AS new (workspace_id, id, status, paid, receivable, version, updated_at, paid_at, overdue_at, written_off,
        written_off_at, reason)
WHERE invoice.workspace_id = new.workspace_id AND invoice.id = new.id
"""


async def get(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Invoice:
    """The invoice with its lines; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM invoice WHERE workspace_id = $1 AND id = $2",
        workspace_id,
        invoice_id,
    )
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("invoice", invoice_id)


async def lock(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Invoice:
    """The invoice with its lines, locked against other changes; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM invoice WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE",
        workspace_id,
        invoice_id,
    )
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("invoice", invoice_id)


async def lock_many(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Invoice]:
    """The invoices of these (workspace, invoice) ids, locked in id order, so that batches cannot deadlock."""
    rows = await tx.fetch(
        f"""SELECT workspace_id, {_COLUMNS} FROM invoice
        WHERE (workspace_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
        ORDER BY id FOR NO KEY UPDATE""",
        [workspace_id for workspace_id, _ in keys],
        [invoice_id for _, invoice_id in keys],
    )
    return {invoice.id: invoice for invoice in await _with_lines(tx, rows)}


async def insert(tx: Connection, *invoices: Invoice) -> None:
    """Store new invoices with their lines; raises what _taken() says of its keys."""
    columns = zip(*(_values_as_text(invoice) for invoice in invoices), strict=True)
    workspaces = [invoice.workspace_id for invoice in invoices]
    try:
        await tx.execute(_INSERT, workspaces, *(list(column) for column in columns))
    except asyncpg.UniqueViolationError as error:
        raise _taken(error, *invoices) from error
    await INVOICE_LINES.insert(tx, *invoices)


async def update(tx: Connection, invoice: Invoice) -> None:
    """Store a changed invoice without its lines and without its marks; raises InvoiceExternalIdTaken."""
    try:
        await tx.execute(_UPDATE, invoice.workspace_id, *document_rows.values(invoice, _UPDATED))
    except asyncpg.UniqueViolationError as error:
        raise _taken(error, invoice) from error


async def settle(tx: Connection, invoices: Sequence[Invoice]) -> None:
    """Store what payments changed of many invoices at once."""
    rows = [
        (
            i.workspace_id,
            i.id,
            i.status,
            i.amount_paid_minor,
            i.receivable_version,
            i.version,
            i.updated_at,
            i.paid_at,
            i.overdue_at,
            i.amount_written_off_minor,
            i.written_off_at,
            i.write_off_reason,
        )
        for i in invoices
    ]
    await tx.execute(_SETTLE, *(list(column) for column in zip(*rows, strict=True)))


async def delete(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> None:
    """Remove a draft and its lines."""
    await tx.execute(
        "DELETE FROM invoice WHERE workspace_id = $1 AND id = $2 AND status = 'draft'",
        workspace_id,
        invoice_id,
    )


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Invoice]:
    """Invoices with their lines, newest first; see `_filter_values` for the filters."""
    rows = await document_rows.page(
        tx, "invoice", _COLUMNS, _FILTERS, workspace_id, _filter_values(filters), filters
    )
    return await _with_lines(tx, rows)


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many invoices the filters find."""
    return await document_rows.count(tx, "invoice", _FILTERS, workspace_id, _filter_values(filters))


async def taken(tx: Connection, workspace_id: UUID, external_ids: list[str]) -> set[str]:
    """Which of these external ids invoices of the workspace have."""
    rows = await tx.fetch(
        "SELECT external_id FROM invoice WHERE workspace_id = $1 AND external_id = ANY($2::text[])",
        workspace_id,
        external_ids,
    )
    return {row["external_id"] for row in rows}


async def open_amounts(tx: Connection, workspace_id: UUID, contact_id: UUID) -> list[Any]:
    """Per currency, how many invoices of the contact are open and what remains on them, in minor units."""
    return await tx.fetch(
        """SELECT currency, count(*) AS invoice_count,
            sum(total_minor - amount_paid_minor - amount_credited_minor)::bigint AS amount_minor
        FROM invoice WHERE workspace_id = $1 AND contact_id = $2 AND status = 'open'
        GROUP BY currency ORDER BY currency""",
        workspace_id,
        contact_id,
    )


async def shows_receivable(tx: Connection, workspace_id: UUID, invoice_id: UUID, version: int) -> bool:
    """Whether the invoice shows this version of its receivable, or a newer one; raises NotFound."""
    shown = await tx.fetchval(
        "SELECT receivable_version FROM invoice WHERE workspace_id = $1 AND id = $2", workspace_id, invoice_id
    )
    return raise_not_found("invoice", invoice_id) if shown is None else bool(shown >= version)


def _taken(error: asyncpg.UniqueViolationError, *invoices: Invoice) -> Exception:
    if error.constraint_name == "invoice_number_is_unique":
        if any(invoice.number and invoice.series == EXTERNAL for invoice in invoices):
            return NumberTaken(field="number")
        return NumberTakenMeanwhile(retry_after_seconds=1)
    if error.constraint_name in ("invoice_one_per_cycle", "invoice_one_per_change"):
        return BilledMeanwhile(retry_after_seconds=1)
    return InvoiceExternalIdTaken(field="external_id")


def _filter_values(filters: dict[str, Any]) -> tuple[Any, ...]:
    return (
        filters["status"],
        filters["payment_status"],
        filters["contact_id"],
        filters["external_id"],
        filters["overdue"],
        filters["today"],
        anywhere(filters["q"]),
        filters["issued_from"],
        filters["issued_to"],
        filters["subscription_id"],
        filters["sent"],
        filters["opened"],
        filters["reminder_level"],
    )


def _values_as_text(invoice: Invoice) -> list[Any]:
    return [
        json.dumps(value) if type_ == "jsonb" and value is not None else value
        for value, type_ in zip(document_rows.values(invoice, _TYPES), _TYPES.values(), strict=True)
    ]


async def _with_lines(tx: Connection, rows: Sequence[Any]) -> list[Invoice]:
    lines = await INVOICE_LINES.of(tx, [(row["workspace_id"], row["id"]) for row in rows])
    return [_invoice(row, lines.get(row["id"], ())) for row in rows]


def _invoice(row: Any, lines: Sequence[Line]) -> Invoice:
    fields = document_rows.fields(row)
    return Invoice(**fields | {"status": Status(fields["status"])}, lines=tuple(lines))
