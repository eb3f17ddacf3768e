"""Renewals from the claim to the invoice: how many a second, and how that grows with their number."""

import asyncio
import math
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from tests.bench.platform import Platform
from tests.integration.subscription_renewal.bulk import insert_due

COUNTS = (10_000, 100_000)
WARM_UP_COUNT = 2_000
POLL_SECONDS = 0.25
DEADLINE_SECONDS = 1_800
_LEFT = """
SELECT count(*) FROM subscription_renewal.subscription
WHERE workspace_id = $1 AND next_billing_at <= $2 AND parked_reason IS NULL
"""
_UNPUBLISHED = "SELECT count(*) FROM subscription_renewal.outbox WHERE type = 'subscription.renewed'"
_ISSUED = """
SELECT coalesce(sum(last_number), 0) FROM invoice.number_counter
WHERE workspace_id = $1 AND series = 'invoices'
"""


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """Due subscriptions → claimed → published → invoices, everything running, all of one workspace."""
    rows, first = [], 0.0
    await run(platform, WARM_UP_COUNT)
    for count in COUNTS:
        row = await run(platform, count)
        seconds = row["seconds_to_invoices"]
        exponent = math.log(seconds / first) / math.log(count / COUNTS[0]) if first else None
        rows.append(row | {"exponent": exponent and round(exponent, 3)})
        first = first or seconds
    return {"due subscriptions claimed → subscription.renewed published → invoices issued": rows}


async def run(platform: Platform, count: int) -> dict[str, Any]:
    """So many monthly subscriptions fall due at one instant; seconds until each stage is through."""
    connection: Any = await asyncpg.connect(platform.facts["postgres_dsn"])
    try:
        workspace_id, contact_id = UUID(platform.workspace_id), UUID(await _contact(platform))
        before = await connection.fetchval(_ISSUED, workspace_id)
        # Time enough to write them all before the first is due.
        due_at = datetime.now(UTC) + timedelta(seconds=2 + count // 10_000)
        await insert_due(platform.facts["postgres_dsn"], workspace_id, contact_id, due_at, count)
        await asyncio.sleep(max(0.0, (due_at - datetime.now(UTC)).total_seconds()))
        started = time.perf_counter()
        stages = {
            "renewed": (_LEFT, (workspace_id, due_at), 0),
            "published": (_UNPUBLISHED, (), 0),
            "invoices": (_ISSUED, (workspace_id,), before + count),
        }
        seconds = {name: await _seconds(connection, started, *stage) for name, stage in stages.items()}
    finally:
        await connection.close()
    found = {f"seconds_to_{name}": round(value, 2) for name, value in seconds.items()}
    rates = {f"{name}_per_second": round(count / value, 1) for name, value in seconds.items()}
    return {"due": count, **found, **rates}


async def _seconds(connection: Any, started: float, sql: str, arguments: tuple[Any, ...], goal: int) -> float:
    """Seconds since `started` when the statement's answer is the goal."""
    while (found := await connection.fetchval(sql, *arguments)) != goal:
        assert time.perf_counter() - started < DEADLINE_SECONDS, f"{found} of {goal}: {sql}"
        await asyncio.sleep(POLL_SECONDS)
    return time.perf_counter() - started


async def _contact(platform: Platform) -> str:
    headers = {"x-api-key": platform.api_key}
    async with aiohttp.ClientSession(platform.facts["gateway_url"], headers=headers) as session:
        async with session.post("/v1/contacts", json={"name": "Renewed"}) as reply:
            assert reply.status == 201, await reply.text()
            return str((await reply.json())["id"])
