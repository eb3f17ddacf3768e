"""What these tests share: one service's databases, its outbox, and records on real topics."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from shared.messaging.settings import KafkaSettings
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database
from tests.conftest import Databases

# One service's schema stands for all: the shared tables are the same in each.
SERVICE = "subscription_renewal"
EFFECT = f"""
SET ROLE {SERVICE}_owner;
CREATE TABLE {SERVICE}.effect (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id uuid NOT NULL,
    event_id uuid,
    text text NOT NULL
);
ALTER TABLE {SERVICE}.effect ENABLE ROW LEVEL SECURITY;
ALTER TABLE {SERVICE}.effect FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON {SERVICE}.effect TO {SERVICE}_api USING (workspace_id =
    NULLIF(current_setting('app.workspace_id', true), '')::uuid);
CREATE POLICY every ON {SERVICE}.effect TO {SERVICE}_worker USING (true);
RESET ROLE;
"""
OpenDatabase = Callable[..., Any]


@pytest.fixture
async def admin(databases: Databases) -> AsyncIterator[asyncpg.Connection]:
    """The administrator, within the service's schema; the table `effect` is there."""
    connection = await asyncpg.connect(databases.admin_dsn)
    await connection.execute(EFFECT)
    await connection.execute(f"SET search_path = {SERVICE}")
    yield connection
    await connection.close()


@pytest.fixture
async def open_database(databases: Databases, admin: Any) -> AsyncIterator[OpenDatabase]:
    """Opens pools: `await open_database("api", max_size=4)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_(role: str = "worker", acquire_timeout_seconds: float = 10, **limits: int) -> Database:
            dsn = databases.api_dsn(SERVICE) if role == "api" else databases.worker_dsn(SERVICE)
            pool = await create_pool(dsn, "tests", PoolLimits(**{"min_size": 1, "max_size": 8, **limits}))
            stack.callback(pool.terminate)
            return Database(pool, acquire_timeout_seconds)

        yield open_


@pytest.fixture
async def worker(open_database: OpenDatabase) -> Database:
    """The service's database as its worker role."""
    database: Database = await open_database("worker")
    return database


@pytest.fixture
def kafka(kafka_servers: str) -> KafkaSettings:
    """Settings with short times."""
    return KafkaSettings(
        bootstrap_servers=kafka_servers,
        relay_poll_seconds=0.05,
        relay_lease_seconds=2.0,
        transient_retry_seconds=20.0,
        session_timeout_ms=10_000,
        heartbeat_interval_ms=500,
    )


@contextlib.asynccontextmanager
async def in_background(run: Any, stop: Callable[[], None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run it beside the block, and stop it in good order at the end."""
    task = asyncio.create_task(run())
    try:
        yield task
    finally:
        stop()
        async with asyncio.timeout(30):
            with contextlib.suppress(asyncio.CancelledError):
                await task
