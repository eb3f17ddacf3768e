"""Invoices: created and issued one by one beside the ceiling and in batches; contacts found among many."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import asyncpg

from tests.bench import load, reference
from tests.bench.platform import Platform

SECONDS = 8.0
WARM_UP_SECONDS = 6.0
CLIENTS = (1, 16)
BATCH = 500
CONTACTS = 100_000
SEARCHES = 100
_SEED = f"""
SET search_path = invoice;
INSERT INTO contact (workspace_id, id, version, created_at, updated_at, name)
VALUES ('{reference.WORKSPACE}', '{reference.WORKSPACE}', 1, now(), now(), 'Bench');
"""
_FILL = """
INSERT INTO invoice.contact (workspace_id, id, version, created_at, updated_at, name, email, phone, address)
SELECT coalesce($1::uuid, md5((n % 100)::text)::uuid), uuidv7(), 1, now(), now(),
    initcap(substr(md5(n::text), 1, 8)) || ' ' || initcap(substr(md5('b' || n), 1, 9)) || ' BV',
    substr(md5('e' || n), 1, 10) || '@' || substr(md5('f' || n), 1, 8) || '.example',
    '+316' || lpad(n::text, 8, '0'), '{"line1": "Keizersgracht 1", "city": "Amsterdam"}'
FROM generate_series(1, $2::int) AS n
"""


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """Requests per second at the service and through the gateway, and how long a search takes."""
    dsn, password = platform.facts["postgres_dsn"], platform.secrets["postgres_role_password"]
    await reference.prepare(dsn, password, "invoice", _SEED)
    ceilings = {
        clients: await asyncio.to_thread(
            reference.transactions_per_second, "invoice", dsn, password, clients, int(SECONDS), "invoice"
        )
        for clients in CLIENTS
    }
    contact_id = await _contact(platform)
    return {
        "pgbench writing the rows of one issued invoice of 3 lines, a statement a row": [
            {"clients": clients, "per_second": round(tps, 1)} for clients, tps in ceilings.items()
        ],
        "POST /v1/invoices (3 lines, issued), everything running": await _one_by_one(
            platform, contact_id, ceilings
        ),
        f"POST /v1/invoices/batch ({BATCH} of 3 lines, issued), 1 client": await _batches(
            platform, contact_id
        ),
        f"GET /v1/contacts?q=… at the service, {CONTACTS:,} contacts in the workspace": await _searches(
            platform
        ),
    }


async def _one_by_one(
    platform: Platform, contact_id: str, ceilings: dict[int, float]
) -> list[dict[str, Any]]:
    rows = []
    bodies = itertools.repeat(json.dumps(_invoice(contact_id)).encode())
    for place, url, headers in _places(platform, "/v1/invoices"):
        await load.run(url, headers(), bodies, 16, WARM_UP_SECONDS)
        for clients in CLIENTS:
            found = await load.run(url, headers(), bodies, clients, SECONDS)
            ratio = {"to_ceiling": round(found.per_second / ceilings[clients], 3)}
            rows.append({"place": place, "clients": clients, **found.facts(), **ratio})
            await asyncio.sleep(2)
    return rows


async def _batches(platform: Platform, contact_id: str) -> list[dict[str, Any]]:
    rows = []
    body = json.dumps({"invoices": [_invoice(contact_id)] * BATCH}).encode()
    for place, url, headers in _places(platform, "/v1/invoices/batch"):
        found = await load.run(url, headers(), itertools.repeat(body), 1, SECONDS)
        rows.append(
            {"place": place, "invoices_per_second": round(found.per_second * BATCH, 1), **found.facts()}
        )
        await asyncio.sleep(5)
    return rows


async def _searches(platform: Platform) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(platform.facts["postgres_dsn"])
    await connection.execute(_FILL, platform.workspace_id, CONTACTS)
    await connection.execute(_FILL, None, CONTACTS)
    await connection.execute("VACUUM (ANALYZE) invoice.contact")
    await connection.close()
    rows = []
    async with aiohttp.ClientSession(platform.url("invoice")) as session:
        for what, words in (
            ("of nobody", _rare()),
            ("of one", _phones()),
            ("of all", itertools.repeat("bv")),
        ):
            result, headers = load.Result(), {"authorization": f"Bearer {platform.token}"}
            for q in itertools.islice(words, SEARCHES):
                started = time.perf_counter()
                async with session.get("/v1/contacts", params={"q": q}, headers=headers) as reply:
                    assert reply.status == 200, await reply.text()
                    shown = len((await reply.json())["data"])
                result.latencies.append(time.perf_counter() - started)
            quantiles = {f"p{n}_ms": round(result.quantile_ms(n / 100), 1) for n in (50, 99)}
            rows.append({"part": what, "searches": SEARCHES, "shown": shown, **quantiles})
    return rows


def _rare() -> Iterator[str]:
    return (f"zq{n}" for n in itertools.count())


def _phones() -> Iterator[str]:
    return (f"{n:08}" for n in itertools.count(1, 457))


def _invoice(contact_id: str) -> dict[str, Any]:
    prices = {"Licence": "89.00", "Installation": "125.00", "Training": "125.00"}
    lines = [{"description": name, "quantity": 1, "unit_price": price} for name, price in prices.items()]
    return {"contact_id": contact_id, "status": "open", "lines": lines}


def _places(platform: Platform, path: str) -> list[tuple[str, str, Any]]:
    """Where to ask, and who asks: called at each run, since a service's token lasts a minute."""
    return [
        (
            "service",
            platform.url("invoice") + path,
            lambda: {"authorization": f"Bearer {platform.token}"},
        ),
        ("gateway", platform.facts["gateway_url"] + path, lambda: {"x-api-key": platform.api_key}),
    ]


async def _contact(platform: Platform) -> str:
    headers = {"x-api-key": platform.api_key}
    async with aiohttp.ClientSession(platform.facts["gateway_url"], headers=headers) as session:
        async with session.post("/v1/contacts", json={"name": "Bench"}) as reply:
            return str((await reply.json())["id"])
