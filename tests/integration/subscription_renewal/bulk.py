"""Many subscriptions at once, past the API: for runs that are worth measuring."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

# Ids in the order of time, as the service makes them.
_INSERT = """
INSERT INTO subscription_renewal.subscription (workspace_id, id, version, created_at, updated_at, contact_id,
    currency, status, lines, interval_unit, interval_count, timezone, start_at, anchor_at, period_index,
    next_billing_at, collection_method, cancel_at_period_end, catch_up, keeps_anchor)
SELECT $1, uuidv7(), 1, now(), now(), $2, 'EUR', 'active',
    '[{"description":"Plan","quantity":"1","unit_price":"10","tax_rate":"21","tax_behavior":"exclusive"}]',
    'month', 1, 'Europe/Amsterdam', $3, $3, 0, $3, 'send_invoice', false, 'all', true
FROM generate_series(1, $4)
"""


async def insert_due(
    admin_dsn: str, workspace_id: UUID, contact_id: UUID, due_at: datetime, count: int
) -> None:
    """So many monthly subscriptions of 10.00 EUR whose first period begins at `due_at`."""
    connection: Any = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute(_INSERT, workspace_id, contact_id, due_at, count)
        await connection.execute("ANALYZE subscription_renewal.subscription")
    finally:
        await connection.close()
