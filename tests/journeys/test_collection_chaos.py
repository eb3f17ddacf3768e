"""Collection under SIGKILL at every named point, with lost replies; the provider's own ledger judges.

`SOAK_FACTOR=10` runs the full size: about 300 collections a seed.
"""

import contextlib
import os
import signal
from pathlib import Path
from uuid import UUID

import pytest

from services.payment.ledger.operations import prove
from shared.postgres.transaction import Database
from shared.testing.eventually import eventually
from tests.conftest import Databases
from tests.journeys.collection_rig import Chaos, Verdict, provider_process
from tests.journeys.collection_workers import POINTS, Orders, Workers, open_database

FACTOR = int(os.environ.get("SOAK_FACTOR", "1"))
# Thirteen cards: 39 collections, or 299 at full size.
PER_CARD = 3 if FACTOR == 1 else 23
CRASHES_PER_POINT = 1 if FACTOR == 1 else 3
SEEDS = (11, 33) if FACTOR == 1 else (11, 22, 33)


async def judged(databases: Databases, folder: Path, seed: int, per_card: int, bug: str | None) -> Verdict:
    dsn = databases.worker_dsn("payment")
    database = await open_database(dsn)
    file = folder / "provider.db"
    options = ("--seed", str(seed), "--lose-percent", "8", "--slow-ms", "200")
    try:
        async with provider_process(file, *options) as url:
            chaos = Chaos(database, dsn, url, file, seed, per_card, CRASHES_PER_POINT, bug)
            verdict = await chaos.run(deadline_seconds=4 if bug else 60 if FACTOR == 1 else 300)
        async with database.transaction() as tx:
            verdict.unproved = [found.name for found in await prove(tx) if found.fault_count]
    finally:
        await database.pool.close()
    print(f"seed {seed}{' ' + bug if bug else ''}: {verdict.row()}")
    return verdict


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_invoice_is_charged_twice_and_no_charge_is_lost(
    databases: Databases, tmp_path: Path, seed: int
) -> None:
    verdict = await judged(databases, tmp_path, seed, PER_CARD, None)

    assert verdict.double_charges == 0, verdict
    assert verdict.never_marked_paid == 0, verdict
    assert verdict.marked_without_charge == 0, verdict
    assert verdict.unfinished == 0, verdict
    assert verdict.unproved == []
    assert verdict.settled + verdict.in_review == verdict.collections
    assert verdict.charges > PER_CARD * 7
    assert set(verdict.points) == set(POINTS), verdict


@pytest.mark.parametrize("bug", ["new_key_per_attempt", "no_look_up"])
async def test_the_judge_catches_a_planted_bug(databases: Databases, tmp_path: Path, bug: str) -> None:
    verdict = await judged(databases, tmp_path, SEEDS[0], 2, bug)

    assert verdict.double_charges + verdict.never_marked_paid > 0, verdict


async def test_a_worker_that_slept_beyond_its_lease_writes_nothing_late(
    databases: Databases, tmp_path: Path
) -> None:
    dsn = databases.worker_dsn("payment")
    database = await open_database(dsn)
    file = tmp_path / "provider.db"
    async with provider_process(file) as url, contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.pool.close)
        chaos = Chaos(database, dsn, url, file, SEEDS[0], 1)
        await chaos.fill()
        await chaos.issue_wave()
        workers = Workers(Orders(dsn, url))
        stack.callback(workers.kill)

        # One slot: another one could be frozen within a transaction, whose locks nobody could take over.
        sleeper = workers.fork(Orders(dsn, url, lease_seconds=5, slots=1, stop_at="after_confirm"))
        await eventually(lambda: is_stopped(sleeper), timeout_seconds=60)
        # It takes over what the sleeper held; both leases outlast the steps of a busy machine.
        workers.fork(Orders(dsn, url, lease_seconds=15))
        await eventually(chaos.is_quiet, timeout_seconds=90)
        before = await versions(database)
        os.kill(sleeper, signal.SIGCONT)
        await eventually(lambda: workers.lost.value > 0, timeout_seconds=60)
        await chaos.judge()

        assert await versions(database) == before
        assert (chaos.verdict.double_charges, chaos.verdict.never_marked_paid) == (0, 0)


def is_stopped(pid: int) -> bool:
    """Whether the process was stopped by a signal (proc(5): state T)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def versions(database: Database) -> dict[UUID, int]:
    """The version of every payment."""
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT id, version FROM payment")
    return {row["id"]: row["version"] for row in rows}
