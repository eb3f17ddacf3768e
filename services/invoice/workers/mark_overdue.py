"""Clock in: tells once of each open invoice that its due date has passed in its workspace's zone."""

from services.invoice.operations import overdue
from shared.postgres.transaction import Database
from shared.runtime.worker import Worker


def mark_overdue(database: Database, interval_seconds: float, batch_size: int) -> Worker:
    """A worker that marks up to `batch_size` invoices a step."""

    async def step() -> bool:
        async with database.transaction() as tx:
            return await overdue.mark_overdue(tx, batch_size) == batch_size

    return Worker("mark_overdue", step, interval_seconds)
