"""SQL of what was billed: one row for each period or change that was handed to the invoice service."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.cycle import Change, PeriodBilledBefore
from shared.postgres.pool import Connection

_INSERT = """
INSERT INTO billing (workspace_id, subscription_id, sequence, reason, period_start, period_end, billed_at,
    currency, amount_minor, run_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[], $6::timestamptz[],
    $7::timestamptz[], $8::text[], $9::bigint[], $10::uuid[])
"""
_SHOWN = "sequence, reason, period_start, period_end, billed_at, currency, amount_minor, run_id"


async def insert(tx: Connection, changes: Sequence[Change], run_ids: dict[UUID, UUID] | None = None) -> None:
    """Store what these changes bill, in the runs of their workspaces; raises PeriodBilledBefore."""
    rows = [_row(change, (run_ids or {}).get(change.subscription.workspace_id)) for change in changes]
    billed = [row for row in rows if row]
    if not billed:
        return
    try:
        await tx.execute(_INSERT, *(list(column) for column in zip(*billed, strict=True)))
    except asyncpg.UniqueViolationError as error:
        raise PeriodBilledBefore from error


async def of_subscription(
    tx: Connection, workspace_id: UUID, subscription_id: UUID, limit: int, offset: int
) -> list[dict[str, Any]]:
    """What was billed of the subscription, newest first."""
    rows = await tx.fetch(
        f"""SELECT {_SHOWN} FROM billing WHERE workspace_id = $1 AND subscription_id = $2
        ORDER BY sequence DESC LIMIT $3 OFFSET $4""",
        workspace_id,
        subscription_id,
        limit,
        offset,
    )
    return [dict(row) for row in rows]


def _row(change: Change, run_id: UUID | None) -> tuple[Any, ...] | None:
    billing, subscription = change.billing, change.subscription
    if billing is None:
        return None
    return (
        subscription.workspace_id,
        subscription.id,
        subscription.version,
        billing.reason,
        billing.period_start,
        billing.period_end,
        billing.billed_at,
        subscription.currency,
        line_rules.total_minor(billing.lines, subscription.arithmetic),
        run_id,
    )
