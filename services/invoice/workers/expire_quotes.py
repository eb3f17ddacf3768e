"""Clock in: quotes that nobody answered expire the day after their validity, in their workspace's zone."""

from services.invoice.operations import quotes
from shared.postgres.transaction import Database
from shared.runtime.worker import Worker


def expire_quotes(database: Database, interval_seconds: float, batch_size: int) -> Worker:
    """A worker that expires up to `batch_size` quotes a step."""

    async def step() -> bool:
        async with database.transaction() as tx:
            return await quotes.expire_quotes(tx, batch_size) == batch_size

    return Worker("expire_quotes", step, interval_seconds)
