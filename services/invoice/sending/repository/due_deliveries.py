"""Claims due deliveries with a lease, fairly between workspaces, for the worker that sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.invoice.sending.domain.delivery import Delivery
from services.invoice.sending.repository.deliveries import COLUMNS, delivery_from_row
from shared.postgres.pool import Connection, Values

# From one workspace to the next along the index, so that a full one does not hide the others. A workspace
# that is not known here yet waits: only its mode says whether anything may leave the house.
_CLAIM = f"""
WITH RECURSIVE busy AS (
    (SELECT workspace_id FROM delivery WHERE next_attempt_at IS NOT NULL ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.workspace_id FROM delivery d
        WHERE d.next_attempt_at IS NOT NULL AND d.workspace_id > busy.workspace_id
        ORDER BY d.workspace_id LIMIT 1)
    FROM busy WHERE busy.workspace_id IS NOT NULL
), chosen AS (
    SELECT busy.workspace_id FROM busy JOIN workspace USING (workspace_id)
    CROSS JOIN LATERAL (SELECT d.next_attempt_at FROM delivery d
        WHERE d.workspace_id = busy.workspace_id AND d.next_attempt_at <= clock_timestamp()
        ORDER BY d.next_attempt_at LIMIT 1) AS oldest
    WHERE busy.workspace_id <> ALL($5::uuid[])
    ORDER BY oldest.next_attempt_at LIMIT $3
), due AS (
    SELECT found.workspace_id, found.id FROM chosen CROSS JOIN LATERAL (
        SELECT d.workspace_id, d.id FROM delivery d
        WHERE d.workspace_id = chosen.workspace_id AND d.next_attempt_at <= clock_timestamp()
        ORDER BY d.next_attempt_at LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED) AS found
), claimed AS (
    UPDATE delivery SET lease_token = $1, next_attempt_at = clock_timestamp() + $2::interval
    FROM due WHERE delivery.workspace_id = due.workspace_id AND delivery.id = due.id
    RETURNING {COLUMNS}
)
SELECT claimed.*, workspace.mode FROM claimed JOIN workspace USING (workspace_id) ORDER BY claimed.id
"""


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that is the caller's for a while; only of a live workspace does anything leave the house."""

    delivery: Delivery
    is_live: bool


async def claim(
    tx: Connection,
    excluded: Sequence[UUID] = (),
    *,
    token: UUID,
    lease: timedelta,
    workspace_count: int,
    count_each: int,
) -> list[ClaimedDelivery]:
    """Up to `count_each` due deliveries of each workspace that waits longest, leased under the token.

    Those of the `excluded` workspaces are left alone.
    """
    rows = await tx.fetch(_CLAIM, token, lease, workspace_count, count_each, list(excluded))
    return [_claimed_from_row(dict(row)) for row in rows]


async def oldest_due_at(tx: Connection) -> datetime | None:
    """Since when the delivery that waits longest has been due, on the database's clock."""
    due_at: datetime | None = await tx.fetchval(
        "SELECT min(next_attempt_at) FROM delivery WHERE next_attempt_at <= clock_timestamp()"
    )
    return due_at


async def unsent_since(tx: Connection, workspace_id: UUID) -> datetime | None:
    """Since when, on the workspace's clock, a delivery waits that nobody tried; retries wait in real time."""
    created_at: datetime | None = await tx.fetchval(
        """SELECT min(created_at) FROM delivery WHERE workspace_id = $1 AND next_attempt_at IS NOT NULL
        AND status = 'queued' AND attempt_count = 0""",
        workspace_id,
    )
    return created_at


def _claimed_from_row(row: Values) -> ClaimedDelivery:
    delivery = {name: value for name, value in row.items() if name != "mode"}
    return ClaimedDelivery(delivery_from_row(delivery), row["mode"] == "live")
