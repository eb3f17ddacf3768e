"""The bell of a service: rung after a commit, it wakes what sleeps here and in the service's other processes.

Within a process it is a call. To other processes it goes by NOTIFY, outside of any transaction: within one,
every commit of the server would queue for one lock. Many rings in a row become one. A ring that is lost (a
connection breaks, a pooler in between cannot LISTEN) only delays: each sleeper has its own safety poll.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import asyncpg
import structlog

from shared.postgres.transaction import Database

TELL_PAUSE_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
log = structlog.get_logger()


@dataclass(slots=True)
class Bell:
    """One process's bell; `has_others`: whether others may have to act on what is committed here."""

    service: str
    database: Database
    has_others: Callable[[], bool]
    sleepers: list[Callable[[], None]] = field(default_factory=list)
    # What is also to wake for the others' commits; for those of this process it is told by itself.
    far_sleepers: list[Callable[[], None]] = field(default_factory=list)
    _to_tell: asyncio.Event = field(default_factory=asyncio.Event)
    _name: str = field(default_factory=lambda: uuid4().hex)

    @property
    def channel(self) -> str:
        """Where the processes of this service hear each other; a database may have several services."""
        return f"billing_{self.service}"

    def ring(self) -> None:
        """Something was committed."""
        for wake in self.sleepers:
            wake()
        if self.has_others():
            self._to_tell.set()

    async def tell(self) -> None:
        """Pass rings on to the other processes, the first at once, then a few a second; never returns."""
        while True:
            await self._to_tell.wait()
            self._to_tell.clear()
            try:
                async with self.database.pool.acquire() as connection:
                    await connection.execute("SELECT pg_notify($1, $2)", self.channel, self._name)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("bell.not_told", error=repr(error))
            await asyncio.sleep(TELL_PAUSE_SECONDS)

    async def listen(self) -> None:
        """Wake what sleeps here when another process rings; never returns, and listens anew if it must."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with self.database.pool.acquire() as connection:
                    pause = FIRST_PAUSE_SECONDS
                    await self._listen_on(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("bell.not_heard", error=repr(error), pause_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _listen_on(self, connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> None:
        closed = asyncio.Event()

        def note_end(_: object) -> None:
            closed.set()

        connection.add_termination_listener(note_end)
        try:
            await connection.add_listener(self.channel, self._hear)
            # For what was told while nobody listened.
            self._wake()
            await closed.wait()
        finally:
            with contextlib.suppress(asyncpg.InterfaceError):
                connection.remove_termination_listener(note_end)
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.remove_listener(self.channel, self._hear)

    def _hear(self, _: object, __: int, ___: str, payload: object) -> None:
        if payload != self._name:
            self._wake()

    def _wake(self) -> None:
        for wake in (*self.sleepers, *self.far_sleepers):
            wake()
