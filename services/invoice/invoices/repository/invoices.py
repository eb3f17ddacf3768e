"""Invoices and their lines; what is late of them, and what they show of their money."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg

from services.invoice.invoices.domain.invoice import (
    BilledMeanwhile,
    Invoice,
    InvoiceExternalIdTaken,
    Status,
)
from services.invoice.lines.domain.line import Line
from services.invoice.lines.repository import document_rows
from services.invoice.lines.repository.lines import INVOICE_LINES
from services.invoice.numbers.domain import EXTERNAL, NumberTaken, NumberTakenMeanwhile
from shared.kernel.errors import raise_not_found
from shared.postgres import search
from shared.postgres.listing import Found, Listing, Window, in_order, where, where_by
from shared.postgres.named import Statement, places
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
_NAMES = ", ".join(_TYPES)
_COLUMNS = f"workspace_id, {_NAMES}"
_BY_ID = f"SELECT {_COLUMNS} FROM invoice WHERE workspace_id = :workspace_id AND id = :id"
_GET, _LOCK = Statement(_BY_ID), Statement(f"{_BY_ID} FOR NO KEY UPDATE")
# A JSON array within an array would be taken for another dimension: JSON goes in as text.
_ARRAYS = ", ".join(f":{name}::{type_.replace('jsonb', 'text')}[]" for name, type_ in _TYPES.items())
_FROM_ARRAYS = ", ".join(name + ("::jsonb" if type_ == "jsonb" else "") for name, type_ in _TYPES.items())
_INSERT = Statement(f"""
INSERT INTO invoice ({_COLUMNS})
SELECT workspace_id, {_FROM_ARRAYS} FROM unnest(:workspace_id::uuid[], {_ARRAYS}) AS new ({_COLUMNS})
""")
# What is sent, opened and reminded of is marked by sending (sending/repository/invoice_marks.py).
_MARKS = ("sent_at", "opened_at", "reminder_level", "reminded_at", "reminders_paused")
_UPDATED = [name for name in _TYPES if name not in _MARKS]
_UPDATE = Statement(
    f"UPDATE invoice SET ({', '.join(_UPDATED)}) = ROW({places(_UPDATED)}) "
    "WHERE workspace_id = :workspace_id AND id = :id"
)
_SETTLE = Statement("""
UPDATE invoice SET status = new.status, amount_paid_minor = new.paid, receivable_version = new.receivable,
    version = new.version, updated_at = new.updated_at, paid_at = new.paid_at, overdue_at = new.overdue_at,
    amount_written_off_minor = new.written_off, written_off_at = new.written_off_at,
    write_off_reason = new.reason
FROM unnest(:workspace_id::uuid[], :id::uuid[], :status::text[], :amount_paid_minor::bigint[],
            :receivable_version::bigint[], :version::bigint[], :updated_at::timestamptz[],
            :paid_at::timestamptz[], :overdue_at::timestamptz[], :amount_written_off_minor::bigint[],
            :written_off_at::timestamptz[], :write_off_reason::text[])
    AS new (workspace_id, id, status, paid, receivable, version, updated_at, paid_at, overdue_at, written_off,
        written_off_at, reason)
WHERE invoice.workspace_id = new.workspace_id AND invoice.id = new.id
""")
_CLAIM_OVERDUE = """
SELECT invoice.workspace_id, invoice.id FROM invoice LEFT JOIN workspace USING (workspace_id)
WHERE status = 'open' AND overdue_at IS NULL
  AND due_date < ((now() + make_interval(secs => coalesce(clock_offset_ms, 0) / 1000.0))
                  AT TIME ZONE coalesce(zone, 'Europe/Amsterdam'))::date
  AND total_minor > amount_paid_minor + amount_credited_minor
ORDER BY due_date, invoice.id LIMIT $1 FOR NO KEY UPDATE OF invoice SKIP LOCKED
"""
_MARK_OVERDUE = Statement("""
UPDATE invoice SET overdue_at = new.at, updated_at = new.at, version = new.version
FROM unnest(:workspace_id::uuid[], :id::uuid[], :overdue_at::timestamptz[], :version::bigint[])
    AS new (workspace_id, id, at, version)
WHERE invoice.workspace_id = new.workspace_id AND invoice.id = new.id
""")


_SEARCHED = ("number", "reference", "contact->>'name'")
_OVERDUE = """status = 'open' AND due_date < :today
    AND total_minor - amount_paid_minor - amount_credited_minor > 0"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """Which invoices; `today` is the day on which they are late or not, days are inclusive."""

    today: date
    status: Annotated[Sequence[str] | None, where("status = ANY(:status)")] = None
    payment_status: Annotated[
        str | None,
        where_by(
            {
                "paid": "status = 'paid'",
                "partially_paid": "status <> 'paid' AND amount_paid_minor > 0",
                "unpaid": "status <> 'paid' AND amount_paid_minor <= 0",
            }
        ),
    ] = None
    is_overdue: Annotated[bool | None, where_by({True: _OVERDUE, False: f"NOT ({_OVERDUE})"})] = None
    contact_id: Annotated[UUID | None, in_order("contact_id = :contact_id")] = None
    external_id: Annotated[str | None, in_order("external_id = :external_id")] = None
    number: Annotated[str | None, in_order("number = :number")] = None
    reference: Annotated[str | None, in_order("reference = :reference")] = None
    q: Annotated[
        str | None,
        where(
            search.has_words(*_SEARCHED),
            found_in=search.either(search.found_in("invoice"), search.found_in_contacts("invoice")),
        ),
    ] = None
    literal: Annotated[str | None, where(search.has_literally(*_SEARCHED))] = None
    issued_from: Annotated[date | None, where("issue_date >= :issued_from")] = None
    issued_to: Annotated[date | None, where("issue_date <= :issued_to")] = None
    due_from: Annotated[date | None, where("due_date >= :due_from")] = None
    due_to: Annotated[date | None, where("due_date <= :due_to")] = None
    subscription_id: Annotated[UUID | None, in_order("subscription_id = :subscription_id")] = None
    is_sent: Annotated[bool | None, where_by({True: "sent_at IS NOT NULL", False: "sent_at IS NULL"})] = None
    is_opened: Annotated[
        bool | None, where_by({True: "opened_at IS NOT NULL", False: "opened_at IS NULL"})
    ] = None
    reminder_level: Annotated[int | None, where("reminder_level = :reminder_level")] = None


_LIST = Listing(InvoiceFilter, "invoice", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Invoice:
    """The invoice with its lines; raises NotFound."""
    row = await _GET.fetchrow(tx, workspace_id=workspace_id, id=invoice_id)
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("invoice", invoice_id)


async def id_of_number(tx: Connection, workspace_id: UUID, number: str) -> UUID:
    """The id of the invoice that has this number; raises NotFound."""
    found: UUID | None = await tx.fetchval(
        "SELECT id FROM invoice WHERE workspace_id = $1 AND number = $2", workspace_id, number
    )
    return found or raise_not_found("invoice", number)


async def lock(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> Invoice:
    """The invoice with its lines, locked against other changes; raises NotFound."""
    row = await _LOCK.fetchrow(tx, workspace_id=workspace_id, id=invoice_id)
    return (await _with_lines(tx, [row]))[0] if row else raise_not_found("invoice", invoice_id)


async def lock_many(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Invoice]:
    """The invoices of these (workspace, invoice) ids, locked in id order, so that batches cannot deadlock."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS} FROM invoice
        WHERE (workspace_id, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
        ORDER BY id FOR NO KEY UPDATE""",
        [workspace_id for workspace_id, _ in keys],
        [invoice_id for _, invoice_id in keys],
    )
    return {invoice.id: invoice for invoice in await _with_lines(tx, rows)}


async def insert(tx: Connection, *invoices: Invoice) -> None:
    """Store new invoices with their lines; raises what its keys have in common with others: NumberTaken,
    NumberTakenMeanwhile, BilledMeanwhile or InvoiceExternalIdTaken."""
    columns = zip(*(_values_as_text(invoice) for invoice in invoices), strict=True)
    values = dict(zip(_TYPES, map(list, columns), strict=True))
    workspaces = [invoice.workspace_id for invoice in invoices]
    try:
        await _INSERT.execute(tx, workspace_id=workspaces, **values)
    except asyncpg.UniqueViolationError as error:
        raise _conflict_of(error, *invoices) from error
    await INVOICE_LINES.insert(tx, *invoices)


async def update(tx: Connection, invoice: Invoice) -> None:
    """Store a changed invoice without its lines and without its marks; raises InvoiceExternalIdTaken."""
    try:
        await _UPDATE.execute(tx, invoice, **document_rows.to_columns(invoice, _UPDATED))
    except asyncpg.UniqueViolationError as error:
        raise _conflict_of(error, invoice) from error


async def settle(tx: Connection, invoices: Sequence[Invoice]) -> None:
    """Store what payments changed of many invoices at once."""
    await _SETTLE.execute_many(tx, invoices)


async def delete(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> None:
    """Remove a draft and its lines."""
    await tx.execute(
        "DELETE FROM invoice WHERE workspace_id = $1 AND id = $2 AND status = 'draft'",
        workspace_id,
        invoice_id,
    )


async def find(tx: Connection, workspace_id: UUID, filters: InvoiceFilter, window: Window) -> Found[Invoice]:
    """The invoices of this part of the list with their lines, newest first."""
    found = await _LIST.find(tx, workspace_id, filters, window, lambda row: row)
    return found.of(await _with_lines(tx, found.rows))


async def claim_overdue(tx: Connection, limit: int) -> list[tuple[UUID, UUID]]:
    """(workspace, invoice) ids of invoices that are late and not told of, locked; the latest first."""
    return [(row["workspace_id"], row["id"]) for row in await tx.fetch(_CLAIM_OVERDUE, limit)]


async def mark_overdue(tx: Connection, late: Sequence[Invoice]) -> None:
    """Store that these were told of."""
    await _MARK_OVERDUE.execute_many(tx, late)


async def find_external_ids(tx: Connection, workspace_id: UUID, external_ids: list[str]) -> set[str]:
    """Which of these external ids invoices of the workspace have."""
    rows = await tx.fetch(
        "SELECT external_id FROM invoice WHERE workspace_id = $1 AND external_id = ANY($2::text[])",
        workspace_id,
        external_ids,
    )
    return {row["external_id"] for row in rows}


async def open_amounts(tx: Connection, workspace_id: UUID, contact_id: UUID) -> list[asyncpg.Record]:
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
    shown: int | None = await tx.fetchval(
        "SELECT receivable_version FROM invoice WHERE workspace_id = $1 AND id = $2", workspace_id, invoice_id
    )
    return raise_not_found("invoice", invoice_id) if shown is None else shown >= version


def _conflict_of(error: asyncpg.UniqueViolationError, *invoices: Invoice) -> Exception:
    if error.constraint_name == "invoice_number_is_unique":
        if any(invoice.number and invoice.series == EXTERNAL for invoice in invoices):
            return NumberTaken(field="number")
        return NumberTakenMeanwhile(retry_after_seconds=1)
    if error.constraint_name in ("invoice_one_per_cycle", "invoice_one_per_change"):
        return BilledMeanwhile(retry_after_seconds=1)
    return InvoiceExternalIdTaken(field="external_id")


def _values_as_text(invoice: Invoice) -> list[object]:
    values = document_rows.to_columns(invoice, _TYPES)
    return [
        json.dumps(values[name]) if type_ == "jsonb" and values[name] is not None else values[name]
        for name, type_ in _TYPES.items()
    ]


async def _with_lines(tx: Connection, rows: Sequence[asyncpg.Record]) -> list[Invoice]:
    lines = await INVOICE_LINES.of(tx, [(row["workspace_id"], row["id"]) for row in rows])
    return [_invoice(row, lines.get(row["id"], ())) for row in rows]


def _invoice(row: asyncpg.Record, lines: Sequence[Line]) -> Invoice:
    fields = document_rows.to_fields(row)
    return Invoice(**fields | {"status": Status(fields["status"])}, lines=tuple(lines))
