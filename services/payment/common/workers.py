"""Measures what alerts are about: which collections are under way, and what is unknown or overdue."""

from services.payment import metrics
from services.payment.common.repository import backlog
from shared.postgres.transaction import Database

STATES = ("pending", "processing", "requires_action", "unknown", "needs_review")
MODES = ("live", "test")


async def measure(database: Database) -> bool:
    """Count collections by state, and what is overdue."""
    async with database.transaction() as tx:
        waiting = await backlog.read(tx)
    for state in STATES:
        for mode in MODES:
            metrics.COLLECTIONS.labels(state, mode).set(waiting.counts.get((state, mode), 0))
    metrics.UNKNOWN_OLDEST.set(waiting.unknown_seconds)
    for work, seconds in waiting.overdue_seconds.items():
        metrics.OVERDUE.labels(work).set(seconds)
    return False
