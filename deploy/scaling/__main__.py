"""`make scaling`: payment workers 1 → 2 → 4 under load, a rolling restart; writes picture and table.

About four minutes on this machine alone: all load is local, steady and bounded.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from deploy.local.console import Console
from deploy.local.stack import Options
from deploy.local.state import temporary_state
from deploy.local.up import keep_up
from deploy.scaling.load import PROBES, Load, quantile
from deploy.scaling.picture import draw
from deploy.scaling.stage import Stage
from deploy.scaling.watch import Watch

HERE = Path(__file__).parent
STEPS = (1, 2, 4)
STEP_SECONDS = 45
INVOICES_PER_SECOND = 10
PAYMENTS_PER_SECOND = 20
COOL_DOWN_SECONDS = 5
REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=30)


async def show(stage: Stage) -> int:
    """Scale, restart, draw; 0 when no request failed and everything was collected once."""
    headers = {"X-API-Key": stage.credentials.api_key}
    connection = await asyncpg.connect(stage.servers.postgres_dsn)
    async with aiohttp.ClientSession(
        stage.gateway_url, headers=headers, timeout=REQUEST_TIMEOUT, raise_for_status=False
    ) as session:
        load = Load(session, INVOICES_PER_SECOND)
        await load.prepare()
        watch = Watch(connection, load)
        await scale(stage, watch, load)
        draw(watch, load, INVOICES_PER_SECOND, HERE / "scaling.png")
        figures = {"scaling": scaled(watch, load), "rolling_restart": await restart(stage, watch, load)}
    await connection.close()
    (HERE / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return int(bool(load.failures))


async def scale(stage: Stage, watch: Watch, load: Load) -> None:
    """Add workers, and leave the rest of the platform as it is."""
    async with going_on(load, load.issue(), load.probe()):
        for count in STEPS:
            await stage.scale_to(count)
            watch.workers = count
            stage.console.note(f"{count} payment worker(s), {(await watch.look()).waiting} invoices waiting")
            await watch.during(STEP_SECONDS)
    await watch.until_settled()


def scaled(watch: Watch, load: Load) -> list[dict[str, Any]]:
    """The table: a row for each number of workers."""
    rows = []
    for count in STEPS:
        moments = [moment for moment in watch.moments if moment.workers == count]
        begins, ends = watch.began + moments[0].at, watch.began + moments[-1].at
        asked = [seconds * 1000 for at, _, seconds in load.latencies if begins <= at <= ends]
        rows.append(
            {
                "workers": count,
                "collected_per_second": f"{watch.rate(count):.1f}",
                "waiting_at_the_end": moments[-1].waiting,
                "other_services_p50_ms": f"{quantile(asked, 0.5):.1f}",
                "other_services_p99_ms": f"{quantile(asked, 0.99):.1f}",
            }
        )
    return rows


async def restart(stage: Stage, watch: Watch, load: Load) -> dict[str, Any]:
    """Every worker and every API replica in turn, while payments and invoices come in."""
    load.failures, load.batch_count = [], 0
    restarted = [*stage.replicas, *stage.workers]
    before = len(load.latencies)
    async with going_on(load, load.issue(), load.probe(), load.pay(PAYMENTS_PER_SECOND)):
        for program in restarted:
            await stage.restart(program)
            stage.console.note(f"restarted {program.name}, {len(load.failures)} requests failed so far")
            await asyncio.sleep(COOL_DOWN_SECONDS)
    await watch.until_settled()
    return {
        "restarted": [program.name for program in restarted],
        "requests": len(load.latencies) - before + load.paid_count + load.batch_count,
        "of_them_payments": load.paid_count,
        "failed": len(load.failures),
        "first_failure": load.failures[0] if load.failures else None,
        "invoices_issued": load.issued_count,
        "invoices_collected": watch.moments[-1].settled,
        "of_probes": list(PROBES),
    }


@contextlib.asynccontextmanager
async def going_on(load: Load, *parts: Awaitable[None]) -> AsyncIterator[None]:
    """Have these parts of the load go on during the block, and let each finish what it asked for."""
    load.is_over = False
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(_awaited(part))
        try:
            yield
        finally:
            load.is_over = True


async def _awaited(part: Awaitable[None]) -> None:
    await part


def main() -> int:
    with temporary_state() as state:
        stage = Stage(Options(state, gateway_port=0, log_level="WARNING"), Console())
        return asyncio.run(keep_up(stage, show))


if __name__ == "__main__":
    sys.exit(main())
