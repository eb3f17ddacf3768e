"""The ceiling: pgbench writing the rows of one request, in a database of its own."""

import asyncio
import contextlib
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.local.postgres import WHEEL_PARTS, site_packages
from shared.postgres import migrate

DATABASE = "bench_reference"
SCRIPTS = Path(__file__).parent
WORKSPACE = "00000000-0000-7000-8000-000000000000"
_SEED = f"""
SET search_path = payment;
INSERT INTO receivable (workspace_id, invoice_id, contact_id, number, currency, status, total_minor,
    paid_minor, credited_minor, issue_date, invoice_sequence, version)
SELECT '{WORKSPACE}', ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '{WORKSPACE}', n::text,
    'EUR', 'open', 1000000000000, 0, 0, now()::date, 1, 1
FROM generate_series(1, 1000) AS n;
INSERT INTO ledger_account (workspace_id, id, type, currency, contact_id, method)
VALUES
    ('{WORKSPACE}', '00000000-0000-7000-8000-0000000000a1', 'accounts_receivable', 'EUR', '{WORKSPACE}',
        NULL),
    ('{WORKSPACE}', '00000000-0000-7000-8000-0000000000c1', 'cash', 'EUR', NULL, 'other')
"""


CLIENTS, SECONDS = 8, 4
_COMMITS = "CREATE TABLE commit_of_a_row (text text NOT NULL); GRANT INSERT ON commit_of_a_row TO PUBLIC"
_INVOICE_SEED = f"""
SET search_path = invoice;
INSERT INTO contact (workspace_id, id, version, created_at, updated_at, name)
VALUES ('{WORKSPACE}', '{WORKSPACE}', 1, now(), now(), 'Bench');
"""


async def ceilings(admin_dsn: str, password: str) -> dict[str, float]:
    """What this Postgres does at most with 8 clients, a second; what cannot be measured is left out.

    `commit` is one row and its durable commit, `merged` all rows of a payment in one statement and `plain` in
    a statement a row, `invoice` those of an issued invoice of three lines.
    """
    found = {}
    for service, seed, scripts in (
        ("payment", _SEED + ";" + _COMMITS, ("commit", "merged", "plain")),
        ("invoice", _INVOICE_SEED, ("invoice",)),
    ):
        await prepare(admin_dsn, password, service, seed)
        for script in scripts:
            with contextlib.suppress(subprocess.CalledProcessError):
                found[script] = await asyncio.to_thread(
                    transactions_per_second, script, admin_dsn, password, CLIENTS, SECONDS, service
                )
    return {name: round(value, 1) for name, value in found.items()}


async def prepare(admin_dsn: str, password: str, service: str = "payment", seed: str = _SEED) -> None:
    """Make the reference database anew, with one service's schema and what its script needs."""
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {DATABASE}")
    await admin.close()
    dsn = admin_dsn.rsplit("/", 1)[0] + f"/{DATABASE}"
    await migrate.make_roles(dsn, [service], password)
    await migrate.migrate(dsn, service)
    connection = await asyncpg.connect(dsn)
    await connection.execute(seed)
    await connection.close()


def transactions_per_second(
    script: str, admin_dsn: str, password: str, clients: int, seconds: int, service: str = "payment"
) -> float:
    """pgbench's own figure for `plain` or `merged` statements (or `invoice`), as the service's api role."""
    parts = urlsplit(admin_dsn)
    binary = site_packages() / WHEEL_PARTS[0] / "bin" / "pgbench"
    command = [
        str(binary),
        "-n",
        "-M",
        "prepared",
        "-f",
        str(SCRIPTS / f"reference_{script}.sql"),
        "-T",
        str(seconds),
    ]
    command += ["-c", str(clients), "-j", "1", "-h", str(parts.hostname), "-p", str(parts.port)]
    done = subprocess.run(
        [*command, "-U", f"{service}_api", DATABASE],
        env=os.environ | {"PGPASSWORD": password},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([\d.]+) \(without initial", done.stdout)
    assert found, done.stdout + done.stderr
    return float(found[1])
