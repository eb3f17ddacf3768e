"""How long `prove` takes over a ledger of many entries: real ones, copied into more workspaces."""

import os
import statistics
import subprocess
import sys
import time
from typing import Any
from uuid import uuid4

from tests.bench.platform import Platform
from tests.bench.work import Goal, Scene
from tests.bench.works import payments

ENTRIES = 200_000
# For 1,200,000 entries 10 s.
GOALS = (Goal("us_per_entry", 8.3),)
LINES = 5_000
# An account's id is made of its workspace's, which a copy's is not.
OF_COPIES = "an account is what its id says"
_TABLES = """
SELECT c.relname, array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'payment'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated = '' AND a.attidentity = '' AND c.relname NOT LIKE 'audit%'
  AND c.relname NOT IN ('outbox', 'inbox', 'idempotency_key')
GROUP BY c.relname HAVING 'workspace_id' = ANY(array_agg(a.attname::text))
"""


async def report(scene: Scene, rounds: int) -> dict[str, Any]:
    """Entries of statements, in so many workspaces that there are enough, proven again and again."""
    platform = scene.platform
    import_lines = await payments.statements(scene)
    # The payment service has to know the invoices.
    await platform.settled(scene.sink_url)
    done = await import_lines(LINES)
    assert not done.failures, done.failures[0]
    await platform.settled(scene.sink_url)
    source = await platform.database.fetchval(
        "SELECT workspace_id FROM payment.ledger_entry GROUP BY workspace_id ORDER BY count(*) DESC LIMIT 1"
    )
    await _copy(platform, source)
    entries = await platform.database.fetchval("SELECT count(*) FROM payment.ledger_entry")
    runs = [_prove(platform) for _ in range(rounds)]
    seconds = statistics.median(run["seconds"] for run in runs)
    return {
        "title": f"prove, {entries:,} entries",
        "unit": "run",
        "median": {
            "seconds": round(seconds, 2),
            "us_per_entry": round(1e6 * seconds / entries, 2),
            "cpu_s": round(statistics.median(run["cpu_s"] for run in runs), 2),
            "faults": runs[-1]["is_wrong"],
        },
        "rounds": runs,
        "load_average": os.getloadavg()[0],
    }


async def _copy(platform: Platform, source: Any) -> None:
    """Everything that the payment service knows of one workspace, for others too, ids and all."""
    database = platform.database
    held = await database.fetchval(
        "SELECT count(*) FROM payment.ledger_entry WHERE workspace_id = $1", source
    )
    tables = await database.fetch(_TABLES)
    async with database.transaction():
        # Neither triggers nor foreign keys: the rows are right already.
        await database.execute("SET LOCAL session_replication_role = replica")
        for _ in range(max(0, ENTRIES // held - 1)):
            copy = uuid4()
            for table in tables:
                columns = ", ".join(table["columns"])
                values = ", ".join("$2" if name == "workspace_id" else name for name in table["columns"])
                await database.execute(
                    f"INSERT INTO payment.{table['relname']} ({columns}) OVERRIDING SYSTEM VALUE "
                    f"SELECT {values} FROM payment.{table['relname']} WHERE workspace_id = $1",
                    source,
                    copy,
                )
    await database.execute("ANALYZE")


def _prove(platform: Platform) -> dict[str, float]:
    environment = {**os.environ, **platform.facts["services"]["payment"]["environment"]}
    environment["PYTHONPATH"] = str(platform.checkout)
    before, started = platform.cpu_seconds()["postgres"], time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.payment.main", "prove"],
        env=environment,
        cwd=platform.checkout,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    wrong = [line for line in process.stdout if line.startswith("FAULT") and OF_COPIES not in line]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    postgres = platform.cpu_seconds()["postgres"] - before
    cpu = usage.ru_utime + usage.ru_stime + postgres
    assert process.returncode in (0, 1), "prove did not end"
    if wrong:
        print("".join(wrong), flush=True)
    return {"seconds": seconds, "cpu_s": cpu, "is_wrong": float(bool(wrong))}
