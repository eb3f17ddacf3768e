"""`make bench`: figures of this machine, each as a ratio beside a reference of the same run."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import uvloop

from tests.bench import payments, platform, reference

REPORT = Path(".local/bench/report.json")
REFERENCE_SECONDS = 8


async def main() -> None:
    """Measure, print the tables, write the JSON."""
    async with platform.running() as running:
        dsn, password = running.facts["postgres_dsn"], running.secrets["postgres_role_password"]
        await reference.prepare(dsn, password)
        ceilings = {
            script: await asyncio.to_thread(
                reference.transactions_per_second, script, dsn, password, 16, REFERENCE_SECONDS
            )
            for script in ("plain", "merged")
        }
        print("\nceiling: pgbench writing the rows of one registered payment, 16 clients, transactions/s")
        print(f"  plain   {ceilings['plain']:.0f}   a statement a row")
        print(f"  merged  {ceilings['merged']:.0f}   all rows in one statement, as the service does it")
        rows = await payments.throughput(running, ceilings)
        show("POST /v1/payments, everything running", rows)
        at_gateway = next(row for row in rows if row["place"] == "gateway" and row["clients"] == 16)
        waits = await payments.latencies(running, at_gateway["per_second"])
        show("how soon others know, at half of the gateway's load", waits)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(
        json.dumps({"at": time.time(), "ceilings": ceilings, "payments": rows, "latencies": waits}, indent=2)
    )
    print(f"\nwritten to {REPORT}")


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print rows as a table."""
    names = list(rows[0])
    widths = [max(len(name), *(len(str(row[name])) for row in rows)) for name in names]
    print(f"\n{title}")
    for line in (names, *([row[name] for name in names] for row in rows)):
        print("  " + "  ".join(f"{cell!s:>{width}}" for cell, width in zip(line, widths, strict=True)))


if __name__ == "__main__":
    uvloop.run(main())
