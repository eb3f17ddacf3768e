"""When the clock alone will make something due: what a worker asks before it rests."""

from collections.abc import Awaitable, Callable

from shared.postgres.transaction import Database


def next_due_in(database: Database, table: str, column: str) -> Callable[[], Awaitable[float | None]]:
    """Asks in how many seconds the first row is due, by the server's clock; negative: overdue, None: no row.

    `column` is null in rows that wait for nothing, and is indexed.
    """
    statement = f"""SELECT extract(epoch FROM min({column}) - clock_timestamp())::float8
        FROM {table} WHERE {column} IS NOT NULL"""

    async def ask() -> float | None:
        async with database.pool.acquire() as connection:
            seconds: float | None = await connection.fetchval(statement)
        return seconds

    return ask
