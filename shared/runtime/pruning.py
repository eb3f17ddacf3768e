"""Removes what has outlived its use: old inbox entries and stored replies, in small batches."""

from shared.postgres.transaction import Database
from shared.runtime.worker import Worker

BATCH_SIZE = 5_000
_OLD = """
DELETE FROM {table} WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM {table} WHERE {column} < now() - make_interval(days => $1) LIMIT $2))
"""


def pruning(database: Database, tables: dict[str, tuple[str, int]], interval_seconds: float) -> Worker:
    """A worker that keeps each table's rows for so many days: `{table: (time column, days)}`."""

    async def step() -> bool:
        has_more = False
        for table, (column, days) in tables.items():
            async with database.transaction() as tx:
                done = await tx.execute(_OLD.format(table=table, column=column), days, BATCH_SIZE)
            has_more |= int(done.split()[-1]) == BATCH_SIZE
        return has_more

    return Worker("pruning", step, interval_seconds)
