"""SQL of reminders: which invoices have one due, what became of each level, and what holds them back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from services.invoice.reminders.domain import reminders as rules
from services.invoice.reminders.domain.reminders import LATEST_DAY, DecidedLevel, Hold, Search
from services.invoice.reminders.domain.settings import ReminderSettings
from shared.postgres.pool import Connection

# What `reminders.obstacles` says, of rows that the index holds. Whoever locks them asks that again.
_REMINDABLE = f"""
    i.status = 'open' AND i.collection_method = 'send_invoice' AND i.sent_at IS NOT NULL
    AND i.due_date < '{LATEST_DAY}' AND i.reminders_paused IS NOT TRUE
    AND i.total_minor > i.amount_paid_minor + i.amount_credited_minor
    AND (i.reminders_paused IS NOT NULL OR i.amount_paid_minor <= 0 OR NOT wanted.pauses_on_partial_payment)
    AND (i.reminded_at IS NOT NULL OR NOT wanted.needs_reminded)
    AND NOT EXISTS (SELECT FROM reminder_hold h
        WHERE h.workspace_id = i.workspace_id AND h.invoice_id = i.id AND (h.reason = 'collection'
            OR h.reason = 'dispute' AND i.reminders_paused IS NULL AND wanted.pauses_on_dispute))
"""
_WRITTEN_ON = "(greatest(i.sent_at, i.reminded_at) AT TIME ZONE wanted.zone)::date"
_CLAIM = f"""
SELECT claimed.workspace_id, claimed.id
FROM unnest($1::uuid[], $2::smallint[], $3::date[], $4::date[], $5::boolean[], $6::boolean[], $7::boolean[],
        $8::text[], $9::date[])
    AS wanted (workspace_id, level, due_from, due_until, needs_reminded, pauses_on_partial_payment,
        pauses_on_dispute, zone, written_until)
CROSS JOIN LATERAL (
    SELECT i.workspace_id, i.id FROM invoice i
    WHERE i.workspace_id = wanted.workspace_id AND i.reminder_level = wanted.level
      AND i.due_date BETWEEN wanted.due_from AND wanted.due_until
      AND {_WRITTEN_ON} <= wanted.written_until AND {_REMINDABLE}
    ORDER BY i.due_date, i.id LIMIT $10 FOR NO KEY UPDATE SKIP LOCKED) AS claimed
LIMIT $10
"""
_EARLIEST = f"""
SELECT min(greatest(i.due_date + wanted.days_after_due, {_WRITTEN_ON} + wanted.days_between))
FROM unnest($2::smallint[], $3::integer[], $4::date[], $5::boolean[])
    AS search (level, days_after_due, due_from, needs_reminded)
CROSS JOIN LATERAL (SELECT search.*, $6::boolean AS pauses_on_partial_payment,
    $7::boolean AS pauses_on_dispute, $8::text AS zone, $9::integer AS days_between) AS wanted
JOIN invoice i ON i.workspace_id = $1 AND i.reminder_level = wanted.level
    AND i.due_date >= wanted.due_from AND {_REMINDABLE}
"""


async def claim(
    tx: Connection, open_now: Sequence[tuple[ReminderSettings, date, str]], limit: int
) -> list[tuple[UUID, UUID]]:
    """(workspace, invoice) ids of up to `limit` invoices that have a reminder due, locked.

    Of each workspace the settings, its day today and its zone. What another worker holds is left to it.
    """
    searches = [
        (settings.workspace_id, *_search_row(settings, search, today), zone, _written_until(settings, today))
        for settings, today, zone in open_now
        for search in rules.to_searches(settings)
    ]
    if not searches:
        return []
    rows = await tx.fetch(_CLAIM, *(list(column) for column in zip(*searches, strict=True)), limit)
    return list(dict.fromkeys((row["workspace_id"], row["id"]) for row in rows))


async def earliest(tx: Connection, settings: ReminderSettings, zone: str) -> date | None:
    """The day of the workspace's next reminder, which may have passed."""
    searches = [
        (search.level, search.days_after_due, search.due_from, search.needs_reminded)
        for search in rules.to_searches(settings)
    ]
    columns = [list(column) for column in zip(*searches, strict=True)] or [[], [], [], []]
    day: date | None = await tx.fetchval(
        _EARLIEST,
        settings.workspace_id,
        *columns,
        settings.pauses_on_partial_payment,
        settings.pauses_on_dispute,
        zone,
        settings.minimum_days_between,
    )
    return day


async def insert(
    tx: Connection, workspace_id: UUID, invoice_id: UUID, decided: Sequence[DecidedLevel]
) -> None:
    """Note what became of levels: what was sent stays so, what was skipped may be sent after all."""
    await tx.execute(
        """INSERT INTO reminder (workspace_id, invoice_id, level, state, is_by_hand, decided_at, reason)
        SELECT $1, $2, * FROM unnest($3::smallint[], $4::text[], $5::boolean[], $6::timestamptz[], $7::text[])
        ON CONFLICT ON CONSTRAINT reminder_once_a_level DO UPDATE SET state = excluded.state,
            is_by_hand = excluded.is_by_hand, decided_at = excluded.decided_at, reason = excluded.reason
        WHERE reminder.state = 'skipped' AND excluded.state = 'sent'""",
        workspace_id,
        invoice_id,
        [level.level for level in decided],
        [level.state for level in decided],
        [level.is_by_hand for level in decided],
        [level.decided_at for level in decided],
        [level.reason for level in decided],
    )


async def of_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID) -> list[DecidedLevel]:
    """What became of the invoice's levels, the lowest first."""
    rows = await tx.fetch(
        """SELECT level, state, decided_at, is_by_hand, reason FROM reminder
        WHERE workspace_id = $1 AND invoice_id = $2 ORDER BY level""",
        workspace_id,
        invoice_id,
    )
    return [DecidedLevel(**row) for row in rows]


async def holds(tx: Connection, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, set[Hold]]:
    """What holds reminders of these (workspace, invoice) ids back."""
    rows = await tx.fetch(
        """SELECT invoice_id, reason FROM reminder_hold WHERE reason IS NOT NULL
        AND (workspace_id, invoice_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))""",
        [workspace_id for workspace_id, _ in keys],
        [invoice_id for _, invoice_id in keys],
    )
    holds_by_invoice = defaultdict[UUID, set[Hold]](set)
    for row in rows:
        holds_by_invoice[row["invoice_id"]].add(row["reason"])
    return holds_by_invoice


async def store_holds(tx: Connection, rows: Sequence[tuple[UUID, UUID, UUID, int, Hold | None]]) -> None:
    """Note what payments hold back or let go: workspace, invoice, payment, sequence, reason.

    The newest sequence of a payment counts. The invoices are locked by the caller.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    await tx.execute(
        """INSERT INTO reminder_hold (workspace_id, invoice_id, payment_id, sequence, reason)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[])
        ON CONFLICT ON CONSTRAINT reminder_hold_pk DO UPDATE SET
            sequence = excluded.sequence, reason = excluded.reason
        WHERE reminder_hold.sequence < excluded.sequence""",
        *columns,
    )


def _search_row(settings: ReminderSettings, search: Search, today: date) -> tuple[object, ...]:
    due_until = today - timedelta(days=search.days_after_due)
    pauses = (settings.pauses_on_partial_payment, settings.pauses_on_dispute)
    return search.level, search.due_from, due_until, search.needs_reminded, *pauses


def _written_until(settings: ReminderSettings, today: date) -> date:
    return today - timedelta(days=settings.minimum_days_between)
