"""Sets the gauges that nobody sets in passing: what waits, how far the consumer is, how Postgres is."""

from shared.messaging import backlog, letters
from shared.messaging.broker import TopicSubscriber
from shared.messaging.metrics import LEASES_UNOWNED, OUTBOX_OLDEST, OUTBOX_ROWS, note_letters
from shared.postgres import vitals
from shared.postgres.transaction import Database
from shared.runtime.worker import Worker


def measuring(
    service: str, database: Database, subscription: TopicSubscriber | None, interval_seconds: float
) -> Worker:
    """A worker that measures again and again; some short statements, and one question to Kafka."""
    horizon = vitals.Horizon()

    async def step() -> bool:
        if subscription:
            await subscription.measure()
        async with database.transaction() as tx:
            waiting = await backlog.read(tx)
            await vitals.measure(tx, service, horizon)
            if subscription:
                note_letters(service, *await letters.counts(tx))
        OUTBOX_OLDEST.labels(service).set(waiting.oldest_seconds)
        OUTBOX_ROWS.labels(service).set(waiting.row_count)
        LEASES_UNOWNED.labels(service).set(waiting.unowned_count)
        return False

    return Worker("measuring", step, interval_seconds)
