"""Renewals: events of the subscription service in Kafka → issued invoices, from the first to the last."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import psutil
from aiokafka import AIOKafkaProducer

from shared.events.event import Event
from shared.kernel.ids import new_id
from tests.bench.platform import Platform
from tests.integration.invoice.billings import renewed

RENEWALS = 20_000
WORKSPACES = (1_000, 1)
DEADLINE_SECONDS = 180
_FILL = """
INSERT INTO invoice.contact (workspace_id, id, version, created_at, updated_at, name, email)
SELECT id, id, 1, now(), now(), 'Acme BV', 'billing@acme.example' FROM unnest($1::uuid[]) AS id
"""
_ISSUED = """
SELECT coalesce(sum(last_number), 0) FROM invoice.number_counter
WHERE workspace_id = ANY($1::uuid[]) AND series = 'invoices'
"""


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """Invoices issued per second, and what the processor time of both cores went to."""
    await run(
        platform, 100, RENEWALS // 4
    )  # Kafka's JVM compiles what it runs often, so it runs often first.
    rows = [await run(platform, count, RENEWALS) for count in WORKSPACES]
    return {f"{RENEWALS:,} subscription.renewed → issued invoices, everything running": rows}


async def run(platform: Platform, workspace_count: int, renewal_count: int) -> dict[str, Any]:
    """Publish so many renewals of so many workspaces and wait until each has its invoice."""
    connection = await asyncpg.connect(platform.facts["postgres_dsn"])
    try:
        await _settled(connection)
        workspaces = [new_id() for _ in range(workspace_count)]
        await connection.execute(_FILL, workspaces)
        events = _events(workspaces, renewal_count)
        before, started = _processor_seconds(platform), time.perf_counter()
        await _publish(platform.facts["kafka_bootstrap_servers"], events)
        published = time.perf_counter() - started
        await _issued(connection, workspaces, renewal_count)
        seconds = time.perf_counter() - started
        spent = _processor_seconds(platform)
        return {
            "workspaces": workspace_count,
            "renewals": renewal_count,
            "per_second": round(renewal_count / seconds, 1),
            "seconds": round(seconds, 2),
            "published_in": round(published, 2),
            **{f"{name}_cores": round((spent[name] - before[name]) / seconds, 2) for name in spent},
        }
    finally:
        await connection.close()


def _events(workspaces: list[UUID], count: int) -> list[Event]:
    now = datetime.now(UTC)
    owners = itertools.islice(itertools.cycle(workspaces), count)
    # Each workspace's one contact has its id.
    return [renewed(one, one, period_start=now) for one in owners]


async def _publish(bootstrap_servers: str, events: Sequence[Event]) -> None:
    records = [(event, event.encode()) for event in events]
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers, acks="all", linger_ms=5, max_batch_size=256 * 1024
    )
    await producer.start()
    try:
        for event, value in records:
            headers = [("ce_type", event.type.encode()), ("ce_id", str(event.id).encode())]
            await producer.send(event.type, value, key=str(event.record_key).encode(), headers=headers)
        await producer.flush()
    finally:
        await producer.stop()


async def _issued(connection: Any, workspaces: list[UUID], count: int) -> None:
    deadline = time.perf_counter() + DEADLINE_SECONDS
    while await connection.fetchval(_ISSUED, workspaces) < count:
        assert time.perf_counter() < deadline, "not all renewals became invoices"
        await asyncio.sleep(0.1)


async def _settled(connection: Any) -> None:
    """Wait until nothing of an earlier run is under way."""
    while await connection.fetchval("SELECT EXISTS (SELECT FROM invoice.outbox)"):
        await asyncio.sleep(0.5)
    await asyncio.sleep(5)


def _processor_seconds(platform: Platform) -> dict[str, float]:
    """By process of the platform, its children included."""
    found = {}
    for process in platform.facts["processes"]:
        family = psutil.Process(process["pid"])
        times = [one.cpu_times() for one in (family, *family.children(recursive=True))]
        found[process["name"]] = sum(one.user + one.system for one in times)
    return found
