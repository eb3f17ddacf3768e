"""SQL of endpoints that get one delivery after the other: the head of the line is due, the rest is parked.

Parked is a due time of infinity, so that whoever looks for what is due never walks over what has to wait.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.webhook_delivery.deliveries.domain.delivery import Delivery
from services.webhook_delivery.deliveries.repository.queue import to_delivery
from shared.postgres.pool import Connection, Row

UNPARK_BATCH = 1_000
_LINE = """
SELECT id, workspace_id, endpoint_id, message_id, message_created_at, seq, attempt, priority, kind,
       lease_token, due_at <= now() OR due_at = 'infinity' AS is_free
FROM delivery_due WHERE endpoint_id = $2 AND workspace_id = $1 ORDER BY seq, id LIMIT $3 FOR UPDATE
"""
_LEASE = """
UPDATE delivery_due SET due_at = now() + make_interval(secs => $2), lease_token = $3
WHERE id = ANY($1::uuid[])
"""
_PARK = """
UPDATE delivery_due SET due_at = 'infinity', lease_token = NULL
WHERE id = ANY($1::uuid[]) AND lease_token = $2
"""
_PROMOTE = """
UPDATE delivery_due SET due_at = now() WHERE id = ANY(ARRAY(
    SELECT head.id FROM unnest($1::uuid[]) AS e
    CROSS JOIN LATERAL (
        SELECT id, due_at FROM delivery_due WHERE endpoint_id = e ORDER BY seq, id LIMIT 1) AS head
    WHERE head.due_at = 'infinity'))
RETURNING shard
"""
# From one parked endpoint to the next by the index, however many each of them has.
_SWEEP = f"""
WITH RECURSIVE parked AS (
    (SELECT workspace_id, endpoint_id FROM delivery_due WHERE due_at = 'infinity'
     ORDER BY endpoint_id, seq LIMIT 1)
    UNION ALL
    SELECT next.workspace_id, next.endpoint_id FROM parked
    CROSS JOIN LATERAL (
        SELECT workspace_id, endpoint_id FROM delivery_due
        WHERE due_at = 'infinity' AND endpoint_id > parked.endpoint_id
        ORDER BY endpoint_id, seq LIMIT 1) AS next),
    known AS (
    SELECT p.endpoint_id, e.ordering FROM parked p
    CROSS JOIN LATERAL (
        SELECT ordering FROM endpoint WHERE workspace_id = p.workspace_id AND id = p.endpoint_id) AS e),
    ready AS (
    SELECT head.id FROM known
    CROSS JOIN LATERAL (
        SELECT id, due_at FROM delivery_due WHERE endpoint_id = known.endpoint_id
        ORDER BY seq, id LIMIT 1) AS head
    WHERE ordering = 'fifo' AND head.due_at = 'infinity'
    UNION ALL
    SELECT freed.id FROM known
    CROSS JOIN LATERAL (
        SELECT id FROM delivery_due WHERE endpoint_id = known.endpoint_id AND due_at = 'infinity'
        ORDER BY seq LIMIT {UNPARK_BATCH}) AS freed
    WHERE ordering <> 'fifo')
UPDATE delivery_due SET due_at = now() WHERE id = ANY(ARRAY(SELECT id FROM ready)) RETURNING shard
"""


async def lease_line(
    tx: Connection, claimed: Sequence[Delivery], limit: int, lease_seconds: float, token: UUID
) -> list[Delivery]:
    """Of one endpoint's claimed deliveries: the front of its line as far as nobody else has a part of it.

    What was claimed and is not at the front is parked. All of them are leased with `token`.
    """
    first = claimed[0]
    rows = await tx.fetch(_LINE, first.workspace_id, first.endpoint_id, limit)
    front = _front(rows, token)
    await tx.execute(_LEASE, [row["id"] for row in front], lease_seconds, token)
    kept = {row["id"] for row in front}
    behind = [delivery.id for delivery in claimed if delivery.id not in kept]
    if behind:
        await tx.execute(_PARK, behind, token)
    return [replace(to_delivery(row), lease_token=token) for row in front]


async def promote(tx: Connection, endpoint_ids: Sequence[UUID]) -> set[int]:
    """Make the head of each of these lines due if it is parked; returns the shards in which one was."""
    return {row["shard"] for row in await tx.fetch(_PROMOTE, endpoint_ids)}


async def sweep(tx: Connection) -> set[int]:
    """Promote heads that were parked while the one before them left, and unpark where no order is kept."""
    return {row["shard"] for row in await tx.fetch(_SWEEP)}


def _front(rows: Sequence[Row], token: UUID) -> list[Row]:
    front = []
    for row in rows:
        if not row["is_free"] and row["lease_token"] != token:
            break
        front.append(row)
    return front
