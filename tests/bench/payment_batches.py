"""Bank statements: lines registered per second, each matched to its invoice by number."""

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import aiohttp

from tests.bench import load
from tests.bench.platform import Platform

LINES = 1_000
CLIENTS = (1, 2)
SECONDS = 8.0
WARM_UP_SECONDS = 3.0


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """Lines per second at the service and through the gateway, by number of clients."""
    numbers = await _numbers(platform)
    rows = []
    for place, url, headers in _places(platform):
        await load.run(url, headers, _statements(numbers), 1, WARM_UP_SECONDS)
        for clients in CLIENTS:
            found = await load.run(url, headers, _statements(numbers), clients, SECONDS)
            facts = found.facts()
            lines = {"lines_per_second": round(found.per_second * LINES)}
            rows.append({"place": place, "clients": clients, **lines, **facts})
    return {f"POST /v1/payments/batch with {LINES:,} lines, everything running": rows}


def _statements(numbers: list[str]) -> Iterator[bytes]:
    """Bodies of statements whose lines pay one cent on one invoice after another, each with its reference."""
    run = time.time_ns()
    for statement in itertools.count():
        lines = [
            {
                "reference": numbers[line % len(numbers)],
                "amount_minor": 1,
                "external_reference": f"B{run}-{statement}-{line}",
                "paid_on": "2026-04-11",
            }
            for line in range(LINES)
        ]
        yield json.dumps({"payments": lines}).encode()


async def _numbers(platform: Platform) -> list[str]:
    """The numbers of the workspace's invoices."""
    numbers: list[str] = []
    key = {"x-api-key": platform.api_key}
    async with aiohttp.ClientSession(platform.facts["gateway_url"]) as session:
        cursor: dict[str, str] = {}
        while True:
            async with session.get(
                "/v1/receivables", params={"limit": "500", **cursor}, headers=key
            ) as reply:
                page = await reply.json()
            numbers += [one["number"] for one in page["data"]]
            if not page["meta"]["next_cursor"]:
                return numbers
            cursor = {"cursor": page["meta"]["next_cursor"]}


def _places(platform: Platform) -> list[tuple[str, str, dict[str, str]]]:
    service, gateway = platform.url("payment"), platform.facts["gateway_url"]
    return [
        ("service", f"{service}/v1/payments/batch", {"authorization": f"Bearer {platform.token}"}),
        ("gateway", f"{gateway}/v1/payments/batch", {"x-api-key": platform.api_key}),
    ]
