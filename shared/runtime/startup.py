"""Waits for what is not there yet when a program starts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg
import structlog

MOST_PAUSE_SECONDS = 10.0
T = TypeVar("T")
log = structlog.get_logger()


async def open_when_there(open_it: Callable[[], Awaitable[T]], dsn: str) -> T:
    """Open what may not be there yet, again and again; each try that failed is one line in the log.

    The line names host and database, never a password.
    """
    pause = 0.5
    while True:
        try:
            return await open_it()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            log.warning("postgres.waiting", **_place(dsn), reason=reason, pause_seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, MOST_PAUSE_SECONDS)


def _place(dsn: str) -> dict[str, object]:
    parts = urlsplit(dsn)
    return {"host": parts.hostname, "port": parts.port, "database": parts.path.strip("/")}
