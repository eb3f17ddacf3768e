"""SQL that counts what is under way, and how long the most overdue of it has waited."""

from dataclasses import dataclass

from shared.postgres.pool import Connection

_UNDER_WAY = """
SELECT state, mode, count(*) FROM collection
WHERE state IN ('pending', 'processing', 'requires_action', 'unknown', 'needs_review') GROUP BY state, mode
"""
# Since when it is unknown: nothing else changes such a payment.
_UNKNOWN = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - p.updated_at)), 0)::bigint FROM collection c
JOIN payment p ON p.workspace_id = c.workspace_id AND p.id = c.payment_id
WHERE c.state = 'unknown' AND c.mode = 'live'
"""
_OVERDUE = """
SELECT extract(epoch FROM clock_timestamp() - (
        SELECT next_step_at FROM collection WHERE next_step_at <= clock_timestamp()
          AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
        ORDER BY next_step_at LIMIT 1))::bigint AS collection,
    extract(epoch FROM clock_timestamp() - (
        SELECT next_step_at FROM provider_event WHERE next_step_at <= clock_timestamp()
        ORDER BY next_step_at LIMIT 1))::bigint AS provider_event,
    extract(epoch FROM clock_timestamp() - (
        SELECT min(created_at) FROM refund WHERE state = 'pending'))::bigint AS refund
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Collections by state and mode; seconds since the oldest is unknown, and overdue by kind of work."""

    counts: dict[tuple[str, str], int]
    unknown_seconds: int
    overdue_seconds: dict[str, int]


async def read(tx: Connection) -> Backlog:
    """How it stands now, in all workspaces."""
    counts = {(row["state"], row["mode"]): row["count"] for row in await tx.fetch(_UNDER_WAY)}
    unknown = await tx.fetchval(_UNKNOWN)
    overdue = await tx.fetchrow(_OVERDUE)
    assert overdue is not None
    seconds = {work: max(0, value or 0) for work, value in overdue.items()}
    return Backlog(counts, max(0, unknown), seconds)
