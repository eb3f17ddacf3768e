"""What the gateway costs: the same requests to a service directly and through it, in turns."""

import itertools
from typing import Any

from tests.bench import load
from tests.bench.platform import Platform

CLIENTS = (1, 16)
ROUNDS = 5
SECONDS = 2.0
WARM_UP_SECONDS = 3.0
MOST_ADDED_MS = 2.0
LEAST_SHARE = 0.45
NOTHING = itertools.repeat(b"")


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """Added latency at the median, and the share of the direct throughput that is left."""
    rows = []
    for what, method, service, path in _requests(platform):
        places = _places(platform, service, path)
        for url, headers in places.values():
            await _run(platform, method, url, headers, 16, WARM_UP_SECONDS)
        for clients in CLIENTS:
            found = await _compared(platform, method, places, clients)
            rows.append({"request": what, "clients": clients, **found})
    return {f"the gateway beside its services (≤ {MOST_ADDED_MS} ms, ≥ {LEAST_SHARE})": rows}


def _requests(platform: Platform) -> list[tuple[str, str, str, str]]:
    return [
        ("GET invoice", "GET", "invoice", f"/v1/invoices/{platform.invoices[0]}"),
        ("GET 20 invoices", "GET", "invoice", "/v1/invoices?limit=20"),
        ("POST payment", "POST", "payment", "/v1/payments"),
    ]


def _places(platform: Platform, service: str, path: str) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        "direct": (platform.url(service) + path, {"authorization": f"Bearer {platform.token}"}),
        "gateway": (platform.facts["gateway_url"] + path, {"x-api-key": platform.api_key}),
    }


async def _compared(
    platform: Platform, method: str, places: dict[str, tuple[str, dict[str, str]]], clients: int
) -> dict[str, Any]:
    """Both in turns, so that whatever else the machine does falls on both."""
    found: dict[str, list[load.Result]] = {place: [] for place in places}
    for _ in range(ROUNDS):
        for place, (url, headers) in places.items():
            found[place].append(await _run(platform, method, url, headers, clients, SECONDS))
    direct, gateway = (_whole(found[place]) for place in ("direct", "gateway"))
    added = gateway.quantile_ms(0.5) - direct.quantile_ms(0.5)
    return {
        "direct_per_second": round(direct.per_second, 1),
        "gateway_per_second": round(gateway.per_second, 1),
        "share": round(gateway.per_second / direct.per_second, 3),
        "direct_p50_ms": round(direct.quantile_ms(0.5), 2),
        "gateway_p50_ms": round(gateway.quantile_ms(0.5), 2),
        "added_p50_ms": round(added, 2),
        "added_p99_ms": round(gateway.quantile_ms(0.99) - direct.quantile_ms(0.99), 2),
        "failures": len(direct.failures) + len(gateway.failures),
    }


async def _run(
    platform: Platform, method: str, url: str, headers: dict[str, str], clients: int, seconds: float
) -> load.Result:
    bodies = platform.payments() if method == "POST" else NOTHING
    return await load.run(url, headers, bodies, clients, seconds, method=method)


def _whole(parts: list[load.Result]) -> load.Result:
    return load.Result(
        seconds=sum(part.seconds for part in parts),
        latencies=[latency for part in parts for latency in part.latencies],
        failures=[failure for part in parts for failure in part.failures],
    )
