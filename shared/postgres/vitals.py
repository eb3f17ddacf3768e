"""The state of Postgres as any login may see it, without rights to other sessions."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from prometheus_client import Gauge

from shared.postgres.pool import Connection

OLDEST_TRANSACTION = Gauge(
    "billing_postgres_oldest_transaction_seconds",
    "For how long the oldest writing transaction of the server has been seen to be open.",
    ["service"],
)
DEAD_ROWS = Gauge(
    "billing_postgres_dead_rows", "Dead rows of a busy table that wait for a vacuum.", ["service", "table"]
)
SLOT_LAG = Gauge(
    "billing_postgres_slot_lag_bytes", "WAL that the slowest replication slot holds back.", ["service"]
)
POOL_BUSY = Gauge(
    "billing_postgres_pool_busy_ratio", "Share of a pool's connections that are in use.", ["service", "pool"]
)
# Deleted from all day long: where vacuum falls behind, everything slows down.
WATCHED = ("outbox", "inbox", "idempotency_key")
_HORIZON = """
SELECT pg_snapshot_xmin(s)::text::bigint AS oldest, pg_snapshot_xmax(s)::text::bigint AS next,
    (SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0)::bigint
        FROM pg_replication_slots) AS slot_lag
FROM pg_current_snapshot() AS s
"""
_DEAD = """
SELECT relname, n_dead_tup FROM pg_stat_user_tables
WHERE schemaname = current_schema() AND relname = ANY($1::text[])
"""


@dataclass(slots=True)
class Horizon:
    """Since when the oldest transaction is the same; times by our monotonic clock."""

    _oldest: int = -1
    _since: float = 0.0

    def held_seconds(self, oldest: int, next_: int, now: float) -> float:
        """For how long the transaction `oldest` has kept the horizon where it is; 0 when none is open."""
        if oldest != self._oldest or oldest >= next_:
            self._oldest, self._since = oldest, now
        return now - self._since


async def measure(tx: Connection, service: str, horizon: Horizon) -> None:
    """Set the gauges of the server and of this schema's busy tables."""
    row = await tx.fetchrow(_HORIZON)
    assert row is not None
    held = horizon.held_seconds(row["oldest"], row["next"], time.monotonic())
    OLDEST_TRANSACTION.labels(service).set(held)
    SLOT_LAG.labels(service).set(max(0, row["slot_lag"]))
    dead: Mapping[str, int] = {
        table["relname"]: table["n_dead_tup"] for table in await tx.fetch(_DEAD, WATCHED)
    }
    for table, count in dead.items():
        DEAD_ROWS.labels(service, table).set(count)


def watch_pool(service: str, name: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """Let the gauge of one pool tell, whenever it is asked, how busy the pool is then."""
    POOL_BUSY.labels(service, name).set_function(
        lambda: (pool.get_size() - pool.get_idle_size()) / pool.get_max_size()
    )
