"""SQL of what is due: which workspaces have something, and which subscriptions a worker takes."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.subscription_renewal.runs.domain.run import DueWorkspace
from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.line import Lines
from services.subscription_renewal.subscriptions.domain.subscription import Subscription
from services.subscription_renewal.subscriptions.repository.subscriptions import COLUMNS, of_row
from shared.postgres.named import Statement
from shared.postgres.pool import Connection

# Hops from workspace to workspace in the index of what is due; reads one entry of each.
_FIRST = """
WITH RECURSIVE hop AS (
    (SELECT workspace_id FROM subscription
     WHERE next_billing_at IS NOT NULL AND parked_reason IS NULL ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT s.workspace_id FROM subscription s
            WHERE s.workspace_id > hop.workspace_id AND s.next_billing_at IS NOT NULL
              AND s.parked_reason IS NULL ORDER BY s.workspace_id LIMIT 1)
    FROM hop WHERE hop.workspace_id IS NOT NULL
), clocked AS (
    SELECT hop.workspace_id, coalesce(mode, 'live') = 'sandbox' AS is_sandbox,
           coalesce(zone, 'Europe/Amsterdam') AS zone,
           $1::timestamptz + coalesce(clock_offset_ms, 0) * interval '1 millisecond' AS as_of
    FROM hop LEFT JOIN workspace USING (workspace_id) WHERE hop.workspace_id IS NOT NULL
)
, first AS (
    SELECT clocked.*, oldest_at FROM clocked CROSS JOIN LATERAL (
        SELECT next_billing_at AS oldest_at FROM subscription s
        WHERE s.workspace_id = clocked.workspace_id AND next_billing_at IS NOT NULL AND parked_reason IS NULL
        ORDER BY next_billing_at LIMIT 1) AS oldest
)
"""
_WORKSPACES = f"""{_FIRST}
SELECT workspace_id, as_of, (as_of AT TIME ZONE zone)::date AS today, is_sandbox, oldest_at
FROM first WHERE oldest_at <= as_of
"""
_NEXT = f"{_FIRST} SELECT min(oldest_at - as_of) FROM first"
_CLAIM = f"""
SELECT claimed.* FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS due (workspace_id, run_id, as_of)
JOIN renewal_run run ON run.workspace_id = due.workspace_id AND run.id = due.run_id AND paused_at IS NULL
CROSS JOIN LATERAL (
    SELECT {COLUMNS} FROM subscription
    WHERE workspace_id = due.workspace_id AND next_billing_at <= due.as_of AND parked_reason IS NULL
    ORDER BY next_billing_at, subscription.id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED) AS claimed
"""
_UPDATE = Statement("""
UPDATE subscription s SET version = new.version, updated_at = new.updated_at, status = new.status,
    lines = coalesce(new.lines::jsonb, s.lines), anchor_at = new.anchor_at, period_index = new.period_index,
    segments = CASE WHEN new.is_same_period THEN s.segments ELSE '[]' END,
    changes_from_at = CASE WHEN new.is_same_period THEN s.changes_from_at END,
    current_period_start = new.current_period_start, current_period_end = new.current_period_end,
    next_billing_at = new.next_billing_at, cancel_at_period_end = new.cancel_at_period_end,
    scheduled_change = CASE WHEN new.keeps_scheduled THEN s.scheduled_change END,
    pending_lines = coalesce(new.pending_lines::jsonb, s.pending_lines),
    parked_reason = new.parked_reason, parked_at = new.parked_at, ended_at = new.ended_at,
    billed_on = new.billed_on, billed_count = new.billed_count, last_amount_minor = new.last_amount_minor
FROM unnest(:workspace_id::uuid[], :id::uuid[], :version::bigint[], :updated_at::timestamptz[],
    :status::text[], :lines::text[], :anchor_at::timestamptz[], :period_index::bigint[],
    :current_period_start::timestamptz[], :current_period_end::timestamptz[], :next_billing_at::timestamptz[],
    :cancel_at_period_end::boolean[], :keeps_scheduled::boolean[], :pending_lines::text[],
    :parked_reason::text[], :parked_at::timestamptz[], :ended_at::timestamptz[], :billed_on::date[],
    :billed_count::integer[], :last_amount_minor::bigint[], :is_same_period::boolean[])
    AS new (workspace_id, id, version, updated_at, status, lines, anchor_at, period_index,
        current_period_start, current_period_end, next_billing_at, cancel_at_period_end, keeps_scheduled,
        pending_lines, parked_reason, parked_at, ended_at, billed_on, billed_count, last_amount_minor,
        is_same_period)
WHERE s.workspace_id = new.workspace_id AND s.id = new.id
""")


async def workspaces(tx: Connection, now: datetime) -> list[DueWorkspace]:
    """Workspaces in which something is due on their own clocks, when it is really `now`."""
    return [DueWorkspace(**row) for row in await tx.fetch(_WORKSPACES, now)]


async def next_in(tx: Connection, now: datetime) -> timedelta | None:
    """How long from `now` until the first is due; negative: it is already; None: nothing ever will be."""
    wait: timedelta | None = await tx.fetchval(_NEXT, now)
    return wait


async def claim(tx: Connection, due: Sequence[DueWorkspace], limit: int) -> list[Subscription]:
    """Up to `limit` due subscriptions of each workspace, longest due first, locked.

    Those that another worker holds are left to it, and so are workspaces whose run is paused.
    """
    rows = await tx.fetch(
        _CLAIM,
        [one.workspace_id for one in due],
        [one.run_id for one in due],
        [one.as_of for one in due],
        limit,
    )
    return [of_row(row) for row in rows]


async def store(tx: Connection, before: Sequence[Subscription], after: Sequence[Subscription]) -> None:
    """Store what renewing changed of these subscriptions, which the caller has locked."""
    pairs = [*zip(before, after, strict=True)]
    await _UPDATE.execute_many(
        tx,
        after,
        # Lines seldom change: what stays is not sent. (As text: asyncpg takes a list for a dimension.)
        lines=[None if new.lines is old.lines else _text(new.lines) for old, new in pairs],
        pending_lines=[
            None if new.pending_lines is old.pending_lines else _text(new.pending_lines) for old, new in pairs
        ],
        keeps_scheduled=[new.scheduled_change is not None for new in after],
        is_same_period=[new.current_period_start == old.current_period_start for old, new in pairs],
    )


async def count(tx: Connection, workspace_id: UUID, as_of: datetime, at_most: int | None = None) -> int:
    """How many subscriptions are due at `as_of`; stops counting at `at_most`."""
    found: int = await tx.fetchval(
        """SELECT count(*) FROM (SELECT FROM subscription WHERE workspace_id = $1 AND next_billing_at <= $2
        AND parked_reason IS NULL LIMIT $3) AS due""",
        workspace_id,
        as_of,
        at_most,
    )
    return found


async def earliest(tx: Connection, workspace_id: UUID) -> datetime | None:
    """When the workspace's next subscription falls due; None while its renewals are paused."""
    found: datetime | None = await tx.fetchval(
        """SELECT min(next_billing_at) FROM subscription WHERE workspace_id = $1
        AND next_billing_at IS NOT NULL AND parked_reason IS NULL
        AND NOT EXISTS (SELECT FROM renewal_run WHERE workspace_id = $1 AND paused_at IS NOT NULL)""",
        workspace_id,
    )
    return found


async def by(
    tx: Connection, workspace_id: UUID, as_of: datetime, after: Subscription | None, limit: int
) -> list[Subscription]:
    """Subscriptions that are due at `as_of`, longest due first, after the given one; not locked."""
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM subscription WHERE workspace_id = $1 AND next_billing_at <= $2
        AND parked_reason IS NULL AND ($3::timestamptz IS NULL OR (next_billing_at, id) > ($3, $4::uuid))
        ORDER BY next_billing_at, id LIMIT $5""",
        workspace_id,
        as_of,
        after and after.next_billing_at,
        after and after.id,
        limit,
    )
    return [of_row(row) for row in rows]


def _text(lines: Lines) -> str:
    return json.dumps(line_rules.to_fields(lines))
