"""Subscriptions become invoices, each once, whatever dies meanwhile."""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from deploy.local.credentials import Credentials
from deploy.local.services import SERVICES, Servers, environment
from shared.testing.eventually import eventually
from tests.integration.subscription_renewal.bulk import insert_due
from tests.journeys.conftest import Receiver, Stack, a_contact, created

FACTOR = int(os.environ.get("SOAK_FACTOR", "1"))
SUBSCRIPTIONS = 1_000 if FACTOR == 1 else 5_000
WORKERS = 3
# Small batches, so that there are many moments at which one can die.
BATCH_SIZE = 20
SECONDS = 120 * min(FACTOR, 4)


@dataclass
class Workers:
    """Renewal workers beside the platform's own, that end without warning and are started again."""

    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed_count: int = 0

    def start(self) -> None:
        """One more."""
        command = [sys.executable, "-m", "services.subscription_renewal.main", "--role", "worker"]
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command, env=self.environment, stdout=silent, stderr=silent)
        self.running.append(process)

    def kill_one(self) -> None:
        """End one of them, any, and start another."""
        victim = self.running.pop(random.randrange(len(self.running)))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.killed_count += 1
        self.start()

    def stop(self) -> None:
        """End all of them."""
        for process in self.running:
            process.kill()
            process.wait()


@contextlib.contextmanager
def workers_beside(stack: Stack) -> Iterator[Workers]:
    """Three renewal workers on the platform's own servers."""
    secrets = json.loads((stack.file.parent / "secrets.json").read_text())
    ports = {SERVICES[one["name"]]: one["port"] for one in stack.processes if one["name"] in SERVICES}
    servers = Servers(stack.postgres_dsn, stack.kafka_bootstrap_servers)
    own = environment("subscription_renewal", ports, Credentials(**secrets), servers)
    changed = {"PORT": "0", "RENEWAL_BATCH_SIZE": str(BATCH_SIZE), "RENEWAL_INTERVAL_SECONDS": "0.05"}
    workers = Workers(dict(os.environ) | own | changed | {"LOG_LEVEL": "ERROR"})
    try:
        for _ in range(WORKERS):
            workers.start()
        yield workers
    finally:
        workers.stop()


async def test_a_subscription_becomes_an_invoice_and_its_change_another(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    contact = await a_contact(client)
    start = datetime.now(UTC) - timedelta(days=15)
    lines = [{"description": "Licentie", "unit_price": "89", "tax_rate": 21, "tax_behavior": "inclusive"}]
    body = {"contact_id": contact["id"], "interval": "day", "interval_count": 30, "lines": lines}
    made = await created(client, "/v1/subscriptions", {**body, "start_at": start.isoformat()})
    path = f"/v1/subscriptions/{made['id']}"

    first = await _invoices_of(client, made["id"], 1)
    changed = await client.post(
        f"{path}/change", json={"quantity": 3, "proration": "day", "proration_at": made["created_at"]}
    )
    both = await _invoices_of(client, made["id"], 2)
    await client.post(f"{path}/cancel", json={"at": "now"})

    assert (first[0]["total_minor"], first[0]["tax_minor"], first[0]["status"]) == (8900, 1545, "open")
    assert first[0]["period_start"] == made["current_period_start"]
    assert changed.status_code == 200, changed.text
    change = next(one for one in both if one["billing_reason"] == "change")
    assert change["total_minor"] == 2 * 4450
    wanted = {
        "subscription.created": 1,
        "subscription.updated": 3,
        "subscription.renewed": 1,
        "subscription.prorated": 1,
    }
    await eventually(lambda: _heard(receiver).total() >= sum(wanted.values()), timeout_seconds=90)
    assert _heard(receiver) == wanted


async def test_each_subscription_is_billed_once_by_workers_that_are_killed(
    stack: Stack, client: httpx.AsyncClient
) -> None:
    contact = await a_contact(client)
    sql = "SELECT workspace_id FROM invoice.contact WHERE id = $1"
    workspace_id: UUID = await _value(stack, sql, UUID(contact["id"]))

    with workers_beside(stack) as workers:
        due_at = datetime.now(UTC) + timedelta(seconds=1)
        await insert_due(stack.postgres_dsn, workspace_id, UUID(contact["id"]), due_at, SUBSCRIPTIONS)
        # The platform's own worker dies as well; its supervisor starts it again.
        await asyncio.sleep(1.2)
        stack.kill("subscription-renewal")
        while await _due_count(stack, workspace_id):
            await asyncio.sleep(random.uniform(0.1, 1.5))
            workers.kill_one()
        await eventually(lambda: _invoice_count(client), timeout_seconds=SECONDS, every_seconds=0.5)

    invoices = [invoice async for invoice in _all(client, "/v1/invoices")]
    of_subscription = Counter(invoice["subscription_id"] for invoice in invoices)
    assert len(of_subscription) == len(invoices) == SUBSCRIPTIONS
    assert {(i["status"], i["total_minor"], i["billing_reason"]) for i in invoices} == {
        ("open", 1210, "cycle")
    }
    numbers = sorted(invoice["number"] for invoice in invoices)
    assert len(set(numbers)) == SUBSCRIPTIONS
    assert await _billed(stack, workspace_id) == (SUBSCRIPTIONS, SUBSCRIPTIONS)
    assert workers.killed_count > 0
    (run,) = (await client.get("/v1/renewal-runs")).json()["data"]
    assert (run["renewed_count"], run["due_count"], run["status"]) == (SUBSCRIPTIONS, 0, "completed")


def _heard(receiver: Receiver) -> Counter[str]:
    return Counter(one["type"] for one in receiver.messages if one["type"].startswith("subscription"))


async def _due_count(stack: Stack, workspace_id: UUID) -> int:
    sql = (
        "SELECT count(*) FROM subscription_renewal.subscription WHERE workspace_id = $1 AND period_index = 0"
    )
    count: int = await _value(stack, sql, workspace_id)
    return count


async def _billed(stack: Stack, workspace_id: UUID) -> tuple[int, int]:
    sql = "SELECT count({}) FROM subscription_renewal.billing WHERE workspace_id = $1"
    rows = await _value(stack, sql.format("*"), workspace_id)
    return rows, await _value(stack, sql.format("DISTINCT subscription_id"), workspace_id)


async def _value(stack: Stack, sql: str, key: UUID) -> Any:
    connection: Any = await asyncpg.connect(stack.postgres_dsn)
    try:
        return await connection.fetchval(sql, key)
    finally:
        await connection.close()


async def _invoice_count(client: httpx.AsyncClient) -> bool:
    reply = await client.get("/v1/invoices", params={"limit": 1, "include": "total"})
    return bool(reply.json()["meta"]["total"] >= SUBSCRIPTIONS)


async def _invoices_of(client: httpx.AsyncClient, subscription_id: str, count: int) -> list[dict[str, Any]]:
    async def found() -> list[dict[str, Any]] | None:
        reply = await client.get("/v1/invoices", params={"subscription_id": subscription_id})
        invoices: list[dict[str, Any]] = reply.json()["data"]
        return invoices if len(invoices) >= count else None

    shown: list[dict[str, Any]] = await eventually(found, timeout_seconds=60)
    return shown


async def _all(client: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
    cursor = None
    while True:
        query = {"limit": "500"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(path, params=query)).json()
        for one in page["data"]:
            yield one
        cursor = page["meta"]["next_cursor"]
        if cursor is None:
            return
