"""Dead letters by hand: `python -m shared.messaging.dead_letters <service> <what> …`.

    list [--status S] [--workspace ID]      those that wait, unless told otherwise
    show ID                                 one with its record
    replay ID | replay --all [--limit N]    have the service try them again
    drop ID --reason TEXT                   never apply it
    lanes                                   workspaces whose events are set aside
    set-aside WORKSPACE --reason TEXT       let a workspace's events wait
    resume WORKSPACE                        apply what waits, and go on

Environment: POSTGRES_WORKER_DSN, the service's worker login. Replaying takes a running worker of the service.
"""

import argparse
import asyncio
import getpass
import json
import sys
from uuid import UUID

import asyncpg

from shared.environment import require_variable
from shared.kernel.errors import BillingError
from shared.messaging import letters
from shared.postgres.pool import Connection


async def act(tx: Connection, wanted: argparse.Namespace) -> object:
    """What was asked for, and what is to be printed of it; raises NotFound and LetterEnded."""
    match wanted.what:
        case "list":
            return await letters.page(tx, wanted.status, wanted.workspace, 0, wanted.limit)
        case "show":
            return await letters.show(tx, wanted.id)
        case "replay" if wanted.all:
            return {"asked": await letters.ask_all(tx, wanted.limit)}
        case "replay":
            await letters.ask(tx, wanted.id)
        case "drop":
            await letters.drop(tx, wanted.id, f"command:{getpass.getuser()}", wanted.reason)
        case "lanes":
            return await letters.lanes(tx)
        case "set-aside":
            await letters.set_aside(tx, wanted.id, wanted.reason, f"command:{getpass.getuser()}")
            return await letters.lanes(tx)
        case "resume":
            await letters.resume(tx, wanted.id)
            return await letters.lanes(tx)
    return await letters.show(tx, wanted.id)


def parse(arguments: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("service")
    whats = ("list", "show", "replay", "drop", "lanes", "set-aside", "resume")
    parser.add_argument("what", choices=whats)
    parser.add_argument("id", nargs="?", type=UUID)
    parser.add_argument("--status", default="waiting")
    parser.add_argument("--workspace", type=UUID)
    parser.add_argument("--reason")
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--all", action="store_true")
    wanted = parser.parse_args(arguments)
    if wanted.id is None and wanted.what not in ("list", "lanes") and not wanted.all:
        parser.error(f"{wanted.what} needs an id")
    if wanted.what in ("drop", "set-aside") and not wanted.reason:
        parser.error(f"{wanted.what} needs --reason")
    return wanted


async def run(arguments: list[str], worker_dsn: str) -> str:
    """Do it in one transaction; returns JSON."""
    connection = await asyncpg.connect(worker_dsn)
    try:
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads, format="text"
        )
        async with connection.transaction():
            found = await act(connection, parse(arguments))
    finally:
        await connection.close()
    return json.dumps(found, indent=2, default=_shown)


def _shown(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def main() -> int:
    """Print what was asked for; 1 and a sentence where it cannot be done."""
    dsn = require_variable("POSTGRES_WORKER_DSN", "postgresql://payment_worker@localhost/billing")
    try:
        sys.stdout.write(asyncio.run(run(sys.argv[1:], dsn)) + "\n")
    except BillingError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
