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


async def act(tx: Connection, command: argparse.Namespace) -> object:
    """What was asked for, and what is to be printed of it; raises NotFound and LetterEnded."""
    match command.what:
        case "list":
            return await letters.page(tx, command.status, command.workspace, 0, command.limit)
        case "show":
            return await letters.show(tx, command.id)
        case "replay" if command.all:
            return {"asked": await letters.ask_all(tx, command.limit)}
        case "replay":
            await letters.ask(tx, command.id)
        case "drop":
            await letters.drop(tx, command.id, f"command:{getpass.getuser()}", command.reason)
        case "lanes":
            return await letters.lanes(tx)
        case "set-aside":
            await letters.set_aside(tx, command.id, command.reason, f"command:{getpass.getuser()}")
            return await letters.lanes(tx)
        case "resume":
            await letters.resume(tx, command.id)
            return await letters.lanes(tx)
    return await letters.show(tx, command.id)


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
    command = parser.parse_args(arguments)
    if command.id is None and command.what not in ("list", "lanes") and not command.all:
        parser.error(f"{command.what} needs an id")
    if command.what in ("drop", "set-aside") and not command.reason:
        parser.error(f"{command.what} needs --reason")
    return command


async def run(arguments: list[str], worker_dsn: str) -> str:
    """Do it in one transaction; returns JSON."""
    connection = await asyncpg.connect(worker_dsn)
    try:
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads, format="text"
        )
        async with connection.transaction():
            answer = await act(connection, parse(arguments))
    finally:
        await connection.close()
    return json.dumps(answer, indent=2, default=_show)


def _show(value: object) -> str:
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
