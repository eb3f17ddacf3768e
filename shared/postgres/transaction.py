"""Transactions that carry their workspace: row-level security sees no other one's rows."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from shared.events.told import Told
from shared.kernel import context
from shared.kernel.errors import Unavailable
from shared.postgres.pool import Connection

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_PLAIN = re.compile(r"[A-Za-z0-9:._-]{1,200}")
# SQLSTATEs: connection, serialization and deadlock, resources, intervention, lock not available.
_PASSING = ("08", "40", "53", "57", "55P03")


@dataclass(slots=True)
class Database:
    """A pool, what goes along with each commit on it, and the way to open a transaction.

    `writers` add a service's own rows to the events of a unit of work, in its transaction; what is in
    `after_events` is called once after a commit that wrote events.
    """

    pool: "asyncpg.Pool[asyncpg.Record]"
    acquire_timeout_seconds: float = 10
    after_events: list[Callable[[], None]] = field(default_factory=list)
    writers: list[Callable[[Connection, Sequence[Told]], Awaitable[None]]] = field(default_factory=list)

    @asynccontextmanager
    async def transaction(
        self, workspace_id: UUID | None = None, lock_seconds: float | None = None
    ) -> AsyncIterator[Connection]:
        """One transaction on one connection; commits at the end, rolls back on any exception.

        Waits for no lock longer than `lock_seconds`. Raises Unavailable when no connection is to be had, the
        server goes away, or what went wrong may go well at the next try (deadlock, time limit, no resources).
        """
        connection = await self._acquire()
        try:
            async with _begun(connection, _begin(workspace_id, lock_seconds)):
                yield connection
        finally:
            await self.pool.release(connection)

    async def _acquire(self) -> "PoolConnectionProxy[asyncpg.Record]":
        try:
            # A time limit costs a task; a connection that lies ready needs none.
            limit = None if self.pool.get_idle_size() else self.acquire_timeout_seconds
            return await self.pool.acquire(timeout=limit)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _unavailable() from error


@asynccontextmanager
async def _begun(connection: Connection, begin: str) -> AsyncIterator[None]:
    try:
        await connection.execute(begin)
        yield
        done = await connection.execute("COMMIT")
    except BaseException as error:
        may_pass = isinstance(error, Exception) and (_may_pass(error) or _is_closed(connection))
        await _roll_back(connection)
        if may_pass:
            raise _unavailable() from error
        raise
    if done != "COMMIT":
        raise RuntimeError("the transaction had failed: the server rolled it back")


def _begin(workspace_id: UUID | None, lock_seconds: float | None) -> str:
    # One simple query: BEGIN and the settings share a round trip.
    settings = [] if workspace_id is None else [("app.workspace_id", str(UUID(str(workspace_id))))]
    settings += _asked_by()
    if lock_seconds is not None:
        settings.append(("lock_timeout", f"{int(lock_seconds * 1000)}ms"))
    return "; ".join(["BEGIN", *(_set(name, value) for name, value in settings)])


def _set(name: str, value: str) -> str:
    # SET is not planned, as a SELECT is; but it takes no expression.
    if _PLAIN.fullmatch(value):
        return f"SET LOCAL {name} = '{value}'"
    return f"SELECT set_config('{name}', {_hexadecimal(value)}, true)"


def _asked_by() -> list[tuple[str, str]]:
    """Who asks for what happens, for the audit log's triggers; nothing where it is the platform itself."""
    actor = context.asking()
    if actor is None:
        return []
    offset_ms, request_id = context.clock_offset_ms.get(), context.request_id.get()
    settings = [("app.actor", actor)]
    settings += [("app.clock_offset_ms", str(offset_ms))] if offset_ms else []
    return [*settings, ("app.request_id", request_id)] if request_id else settings


def _hexadecimal(text: str) -> str:
    """The text in SQL: what an issuer of tokens chose goes as digits, which nothing in it can end."""
    digits = text.replace(chr(0), "").encode("utf-8", "replace").hex()
    return f"convert_from(decode('{digits}', 'hex'), 'UTF8')"


async def _roll_back(connection: Connection) -> None:
    # A connection that cannot roll back must not go to the next user with an open transaction.
    try:
        await connection.execute("ROLLBACK", timeout=5)
    except BaseException:
        # The pool has taken back a connection that the server closed, and lets nobody touch it.
        with suppress(asyncpg.InterfaceError):
            connection.terminate()


def _may_pass(error: Exception) -> bool:
    return isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "").startswith(_PASSING)


def _is_closed(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


def _unavailable() -> Unavailable:
    return Unavailable("The database does not answer.", retry_after_seconds=1)


@asynccontextmanager
async def savepoint(tx: Connection, name: str = "step") -> AsyncIterator[None]:
    """Undo only what happens inside when it raises (asyncpg's own would not know of our BEGIN)."""
    await tx.execute(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        # Released too: left open it would be what a savepoint around it, of the same name, goes back to.
        await tx.execute(f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
        raise
    await tx.execute(f"RELEASE SAVEPOINT {name}")
