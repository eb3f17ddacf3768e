"""Registering payments: throughput beside the ceiling, and how soon others know."""

import asyncio
import time
from typing import Any

import aiohttp

from tests.bench import load, reference
from tests.bench.platform import Platform

SECONDS = 8.0
# Kafka runs on a JVM, which compiles what it runs often only after a while of running it.
WARM_UP_SECONDS = 6.0
CLIENTS = (1, 16, 64)
REFERENCE_SECONDS = 8


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """Throughput beside two ceilings, and latencies at half of the gateway's load."""
    dsn, password = platform.facts["postgres_dsn"], platform.secrets["postgres_role_password"]
    await reference.prepare(dsn, password)
    tps = {
        script: await asyncio.to_thread(
            reference.transactions_per_second, script, dsn, password, 16, REFERENCE_SECONDS
        )
        for script in ("plain", "merged")
    }
    ceilings = [
        {"ceiling": "plain", "per_second": round(tps["plain"]), "": "a statement a row"},
        {
            "ceiling": "merged",
            "per_second": round(tps["merged"]),
            "": "one statement, as the service does it",
        },
    ]
    rows = await throughput(platform, tps)
    at_gateway = next(row for row in rows if row["place"] == "gateway" and row["clients"] == 16)
    return {
        "pgbench writing the rows of one registered payment, 16 clients": ceilings,
        "POST /v1/payments, everything running": rows,
        "how soon others know, at half of the gateway's load": await latencies(
            platform, at_gateway["per_second"]
        ),
    }


async def throughput(platform: Platform, ceilings: dict[str, float]) -> list[dict[str, Any]]:
    """Requests per second at the service and through the gateway, by number of clients."""
    rows = []
    for place, url, headers in _places(platform):
        await load.run(url, headers, platform.payments(), 16, WARM_UP_SECONDS)
        for clients in CLIENTS:
            found = await load.run(url, headers, platform.payments(), clients, SECONDS)
            facts = {"place": place, "clients": clients, **found.facts()}
            ratios = {f"to_{name}": round(found.per_second / tps, 3) for name, tps in ceilings.items()}
            rows.append(facts | ratios)
            await asyncio.sleep(2)
    return rows


async def latencies(platform: Platform, per_second: float) -> list[dict[str, Any]]:
    """At half load: reply → invoice shows the payment, and reply → webhook arrives; milliseconds."""
    applied, replied = load.Result(), dict[str, float]()
    _, url, headers = _places(platform)[1]
    async with aiohttp.ClientSession(platform.url("invoice")) as session:

        async def heard(at: float, payment: dict[str, Any]) -> None:
            replied[payment["id"]] = at
            if len(replied) % 10 == 0:
                await _settled(session, platform.token, payment)
                applied.latencies.append(time.perf_counter() - at)

        await load.run(url, headers, platform.payments(), 16, 15.0, per_second=per_second / 2, heard=heard)
    await asyncio.sleep(3)
    arrived = load.Result(
        latencies=[max(0.0, platform.arrivals[i] - at) for i, at in replied.items() if i in platform.arrivals]
    )
    missing = len(replied) - len(arrived.latencies)
    return [
        {"what": "commit → applied", **_quantiles(applied), "missing": 0},
        {"what": "accept → webhook arrival", **_quantiles(arrived), "missing": missing},
    ]


def _places(platform: Platform) -> list[tuple[str, str, dict[str, str]]]:
    service, gateway = platform.url("payment"), platform.facts["gateway_url"]
    return [
        ("service", f"{service}/v1/payments", {"authorization": f"Bearer {platform.token}"}),
        ("gateway", f"{gateway}/v1/payments", {"x-api-key": platform.api_key}),
    ]


async def _settled(session: aiohttp.ClientSession, token: str, payment: dict[str, Any]) -> None:
    allocation = payment["allocations"][0]
    query = {"receivable_version": str(allocation["receivable_version"]), "wait_seconds": "10"}
    path = f"/internal/invoices/{allocation['invoice_id']}/settlement"
    async with session.get(path, params=query, headers={"authorization": f"Bearer {token}"}) as reply:
        assert (await reply.json())["is_applied"]


def _quantiles(result: load.Result) -> dict[str, Any]:
    return {
        "samples": len(result.latencies),
        "p50_ms": round(result.quantile_ms(0.5), 1),
        "p99_ms": round(result.quantile_ms(0.99), 1),
    }
