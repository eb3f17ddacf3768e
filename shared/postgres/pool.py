"""Connections to Postgres: one asyncpg pool per login role, with time limits set on the server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from shared.kernel import tracing
from shared.kernel.json import Json
from shared.postgres.statements import note_statement

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    # One of a pool, or one that a command opened for itself.
    Connection = PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]
    Row = asyncpg.Record
else:
    Connection = Any
    Row = Any


Values: TypeAlias = Mapping[str, Any]
"""What a row holds, by its columns."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections a pool keeps and how long one statement or idle transaction may last."""

    min_size: int = 2
    max_size: int = 16
    statement_timeout_seconds: int = 30
    idle_in_transaction_timeout_seconds: int = 30
    acquire_timeout_seconds: int = 10


async def create_pool(dsn: str, application_name: str, limits: PoolLimits) -> "asyncpg.Pool[asyncpg.Record]":
    """Open a pool on `dsn`; jsonb is read and written as Python values."""
    return await asyncpg.create_pool(
        dsn,
        min_size=limits.min_size,
        max_size=limits.max_size,
        # Recycling a connection after so many queries would only throw its prepared statements away.
        max_queries=2**31,
        init=_prepare,
        reset=_nothing_to_reset,
        command_timeout=limits.statement_timeout_seconds + 5,
        server_settings={
            "application_name": application_name,
            "statement_timeout": f"{limits.statement_timeout_seconds}s",
            "idle_in_transaction_session_timeout": f"{limits.idle_in_transaction_timeout_seconds}s",
            # The walk's statements are short: compiling one with LLVM costs more than running it.
            "jit": "off",
        },
    )


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_dumps, decoder=json.loads, format="text"
    )
    if tracing.is_on():
        connection.add_query_logger(note_statement)


# Made once: json.dumps makes an encoder at each call that asks for anything but its defaults.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _dumps(value: Json) -> str:
    return _ENCODER.encode(value)


async def _nothing_to_reset(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Every setting we make is local to its transaction, so asyncpg's reset would be a wasted round trip.
    return None
