"""Collections a second against the sandbox provider at 50 ms a call, with one and two worker processes."""

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from deploy.local.services import dsn_of
from tests.bench import reference
from tests.bench.platform import Platform
from tests.journeys.collection_rig import Chaos, provider_process
from tests.journeys.collection_workers import Orders, Workers, open_database

LATENCY_MS = 50
WAVES = 20
"""Of thirteen invoices each, one for each test card; here all cards are good ones."""
LEASE_SECONDS = 60
START_SECONDS = 8
SLOTS = 4
DEADLINE_SECONDS = 120


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """The same number of collections for one worker process and for two; each makes two calls."""
    # A database of its own: the platform's own workers would collect from another provider.
    admin_dsn, password = platform.facts["postgres_dsn"], platform.secrets["postgres_role_password"]
    await reference.prepare(admin_dsn, password, seed="SELECT 1")
    dsn = dsn_of(admin_dsn.rpartition("/")[0] + f"/{reference.DATABASE}", "payment_worker", password)
    rows: list[dict[str, Any]] = []
    for workers in (1, 2):
        seconds, count = await _collect_all(dsn, workers)
        per_second = count / seconds
        rows.append(
            {
                "workers": workers,
                "collections": count,
                "seconds": round(seconds, 1),
                "per_second": round(per_second, 1),
                "scaling": round(per_second / rows[0]["per_second"], 2) if rows else 1.0,
            }
        )
    return {f"collections against a provider that answers in {LATENCY_MS} ms, {SLOTS} at once": rows}


async def _collect_all(dsn: str, worker_count: int) -> tuple[float, int]:
    database = await open_database(dsn)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "provider.db"
        async with provider_process(file, "--latency-ms", str(LATENCY_MS)) as url:
            chaos = Chaos(database, dsn, url, file, seed=1, per_card=WAVES, cards=("success",) * 13)
            await chaos.fill()
            orders = Orders(dsn, url, lease_seconds=LEASE_SECONDS, slots=SLOTS)
            workers = Workers(orders)
            try:
                pids = [workers.fork(orders) for _ in range(worker_count)]
                await asyncio.sleep(START_SECONDS)
                # They wait until everything is due.
                _signal(pids, signal.SIGSTOP)
                for _ in range(WAVES):
                    await chaos.issue_wave()
                count, started = await _pending(database), time.perf_counter()
                _signal(pids, signal.SIGCONT)
                async with asyncio.timeout(DEADLINE_SECONDS):
                    while await _pending(database):
                        await asyncio.sleep(0.05)
                return time.perf_counter() - started, count
            finally:
                workers.kill()
                await database.pool.close()


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


async def _pending(database: Any) -> int:
    async with database.transaction() as tx:
        found: int = await tx.fetchval("SELECT count(*) FROM collection WHERE state <> 'succeeded'")
    return found
