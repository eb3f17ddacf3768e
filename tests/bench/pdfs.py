"""Documents as PDF: milliseconds each and how many a second, by length, with and without Factur-X data."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import aiohttp

from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.rendering import pdf
from services.invoice.e_invoices.rendering import cii
from tests.bench.platform import Platform
from tests.unit.invoice.papers import a_computed_paper

LINES = (4, 50)
SECONDS = 4.0
THREADS = 2


async def measure(platform: Platform) -> dict[str, list[dict[str, Any]]]:
    """What the renderer does in one thread and in two, and what the API then answers."""
    rendered = [
        await asyncio.to_thread(_rendered, count, has_data, threads)
        for count in LINES
        for has_data in (False, True)
        for threads in (1, THREADS)
    ]
    return {
        "a PDF in this process": rendered,
        "GET /v1/invoices/{id}/pdf, 2 clients": [await _asked(platform, count) for count in LINES],
    }


def _paper(count: int, *, has_data: bool) -> PrintModel:
    items = [
        {"description": f"Article {number}", "unit_price": Decimal(f"{number}.25")}
        for number in range(1, count + 1)
    ]
    paper = a_computed_paper(*items)
    # Without its VAT number a seller's e-invoice would be none.
    return paper if has_data else replace(paper, seller=paper.seller.model_copy(update={"vat_id": None}))


def _rendered(count: int, has_data: bool, threads: int) -> dict[str, Any]:
    paper = _paper(count, has_data=has_data)
    data = cii.write(paper) if has_data else None
    assert pdf.render_pdf(paper, data=data).is_factur_x == has_data
    until = time.perf_counter() + SECONDS

    def work(_: int) -> list[int]:
        taken = []
        while time.perf_counter() < until:
            started = time.perf_counter_ns()
            pdf.render_pdf(paper, data=cii.write(paper) if has_data else None)
            taken.append(time.perf_counter_ns() - started)
        return taken

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: pdf.render_pdf(paper, data=data), range(threads)))
        taken = sorted(one for many in pool.map(work, range(threads)) for one in many)
    return {
        "lines": count,
        "factur_x": has_data,
        "threads": threads,
        "per_second": round(len(taken) / SECONDS, 1),
        "ms_p50": round(taken[len(taken) // 2] / 1e6, 1),
        "ms_p99": round(taken[len(taken) * 99 // 100] / 1e6, 1),
    }


async def _asked(platform: Platform, count: int) -> dict[str, Any]:
    taken: list[int] = []
    async with aiohttp.ClientSession(
        platform.facts["gateway_url"], headers={"x-api-key": platform.api_key}
    ) as session:
        invoice_id = await _issued(session, count)
        until = time.perf_counter() + SECONDS

        async def ask() -> None:
            while time.perf_counter() < until:
                started = time.perf_counter_ns()
                async with session.get(f"/v1/invoices/{invoice_id}/pdf") as reply:
                    assert reply.status == 200, await reply.text()
                    await reply.read()
                taken.append(time.perf_counter_ns() - started)

        await asyncio.gather(ask(), ask())
    taken.sort()
    return {
        "lines": count,
        "per_second": round(len(taken) / SECONDS, 1),
        "ms_p50": round(taken[len(taken) // 2] / 1e6, 1),
        "ms_p99": round(taken[len(taken) * 99 // 100] / 1e6, 1),
    }


async def _issued(session: aiohttp.ClientSession, count: int) -> str:
    async with session.post("/v1/contacts", json={"name": "Bench"}) as reply:
        contact_id = (await reply.json())["id"]
    lines = [
        {"description": f"Article {number}", "quantity": 1, "unit_price": f"{number}.25", "tax_rate": "21"}
        for number in range(1, count + 1)
    ]
    body = {"contact_id": contact_id, "status": "open", "lines": lines}
    async with session.post("/v1/invoices", json=body) as reply:
        assert reply.status == 201, await reply.text()
        return str((await reply.json())["id"])
