"""Lets the consumers of whatever release is importable hear events: a program of its own, on a real Postgres.

Standard input: {"admin_dsn", "password", "events": [{"topic", "value"}]}. Standard output:
by service, how many it heard and the letters that it set aside.
"""

import asyncio
import importlib
import json
import sys
from types import SimpleNamespace
from typing import Any
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

from shared.messaging.consumer import Consumer
from shared.messaging.settings import KafkaSettings
from shared.postgres import migrate
from shared.postgres.pool import PoolLimits, create_pool
from shared.postgres.transaction import Database
from shared.runtime.service import build

SERVICES = ("invoice", "payment", "subscription_renewal", "webhook_delivery")
# Printed before the answer: what is logged stands on the same stream.
ANSWER = "ANSWER "
_LETTERS = "SELECT headers::text FROM outbox WHERE aggregatetype = 'dead_letter' ORDER BY position"


async def hear(service: str, admin_dsn: str, password: str, events: list[dict[str, str]]) -> dict[str, Any]:
    """Migrate the service's schema as its release does, and let its consumer hear the events one by one."""
    await migrate.migrate(admin_dsn, service)
    pool = await create_pool(
        _as(admin_dsn, f"{service}_worker", password), "release", PoolLimits(min_size=1, max_size=4)
    )
    kafka = KafkaSettings(bootstrap_servers="127.0.0.1:1", poison_attempts=1)
    handlers = _handlers(service)
    consumer = Consumer(service, Database(pool), handlers, kafka)
    heard = [one for one in events if one["topic"] in handlers.topics]
    for number, one in enumerate(heard):
        await consumer.consume([_record(number, one)])
    letters = [json.loads(row["headers"]) for row in await pool.fetch(_LETTERS)]
    await pool.close()
    return {"heard": [one["topic"] for one in heard], "letters": letters}


def _handlers(service: str) -> Any:
    main = importlib.import_module(f"services.{service}.main")
    with mock.patch.object(main, "build", side_effect=build) as spy:
        main.make("all")
    return spy.call_args.args[0].handlers


def _record(number: int, event: dict[str, str]) -> Any:
    return SimpleNamespace(
        topic=event["topic"],
        partition=0,
        offset=number,
        key=b"",
        headers=[("ce_type", event["topic"].encode())],
        value=event["value"].encode(),
        timestamp=0,
    )


def _as(dsn: str, user: str, password: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc.rpartition('@')[2]}"))


async def main() -> None:
    """Answer for every service."""
    asked = json.load(sys.stdin)
    await migrate.make_roles(asked["admin_dsn"], list(SERVICES), asked["password"])
    found = {one: await hear(one, asked["admin_dsn"], asked["password"], asked["events"]) for one in SERVICES}
    sys.stdout.write(ANSWER + json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
