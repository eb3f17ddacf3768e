"""A body of up to a megabyte never keeps other requests waiting for long, whatever is in it."""

import asyncio
import json
import time
from decimal import Decimal
from typing import Any

import httpx
import pytest

LONGEST_STALL_SECONDS = 0.1
TEXTS = json.dumps([{"a": "b" * 10, "c": 1}] * 30_000)
REFERENCE_SECONDS = 0.01
"""What reading TEXTS took where the limit was set."""
LINE = {"description": "Hours", "quantity": "1", "unit_price": "1.50", "tax_rate": "21"}
ID = "019637a6-3f4c-7000-8000-2f4c6b7d8e9f"


def _in_lines(**fields: Any) -> bytes:
    return json.dumps({"contact_id": ID, "lines": [{**LINE, **fields}] * 1000}).encode()


BODIES = {
    "unknown keys": json.dumps({f"k{n}": 1 for n in range(80_000)}).encode(),
    "unknown keys in objects": json.dumps(
        {"lines": [{f"k{n}": 1 for n in range(90)} for _ in range(900)]}
    ).encode(),
    "digits": json.dumps({"name": "4 " * 490_000}).encode(),
    "nearly cards": json.dumps({"name": "4242424242424243 " * 58_000}).encode(),
    "nearly cards, many texts": json.dumps({"tags": ["4242 4242 4242 4243"] * 40_000}).encode(),
    "escaped": b'{"name": "' + b"\\u0034" * 170_000 + b'"}',
    "control characters": json.dumps({"tags": ["\x07"] * 90_000}).encode(),
    "other digits": json.dumps({"name": "\u0664 " * 300_000}, ensure_ascii=False).encode(),
    "ints": json.dumps({"lines": [1] * 100_000}).encode(),
    "texts": json.dumps({"tags": ["abc"] * 99_000}).encode(),
    "a thousand lines": _in_lines(),
    "a thousand bad lines": _in_lines(quantity="x", unit_price="y", tax_rate="z", unit=1, nothing=2, less=3),
    "a long number": b'{"lines": [{"quantity": 0.' + b"1" * 900_000 + b"}]}",
    "a long whole number": b'{"lines": [{"quantity": ' + b"1" * 900_000 + b"}]}",
    "long digits": json.dumps({"lines": [{**LINE, "quantity": "1" * 900_000}]}).encode(),
    "depth": b'{"metadata": ' + b"[" * 450_000 + b"]" * 450_000 + b"}",
    "one long word": json.dumps({"name": "x" * 1_000_000}).encode(),
    "accents": json.dumps({"name": "a\u0301" * 250_000}, ensure_ascii=False).encode(),
}


async def _longest_stall(work: Any) -> float:
    """How much of its thread's time one turn of the loop took at the most, in seconds, while this went on.

    Time of the processor, not of the clock: what other programs take of the machine does not count.
    """
    longest, is_done = Decimal(0), False

    async def watch() -> None:
        nonlocal longest
        last = time.thread_time()
        while not is_done:
            await asyncio.sleep(0)
            now = time.thread_time()
            longest, last = max(longest, Decimal(now) - Decimal(last)), now

    watching = asyncio.create_task(watch())
    await work
    is_done = True
    await watching
    return float(longest)


def _slowness() -> float:
    """How much slower than the machine that the limit was set on this one is now, at least 1."""
    best = 1.0
    for _ in range(3):
        started = time.thread_time()
        json.loads(TEXTS)
        best = min(best, time.thread_time() - started)
    return max(1.0, best / REFERENCE_SECONDS)


@pytest.mark.parametrize("path", ["/v1/contacts", "/v1/invoices", "/v1/invoices/batch"])
@pytest.mark.parametrize("name", BODIES)
async def test_no_body_stops_the_others(client: httpx.AsyncClient, path: str, name: str) -> None:
    content = BODIES[name] if path != "/v1/invoices/batch" else b'{"invoices": [' + BODIES[name] + b"]}"
    headers = {"content-type": "application/json"}
    replies = []

    async def ask() -> None:
        replies.append(await client.post(path, content=content, headers=headers))

    stall = min([await _longest_stall(ask()) for _ in range(3)])

    assert replies[0].status_code < 500, replies[0].text[:300]
    assert len(replies[0].content) < 512 * 1024
    assert stall < LONGEST_STALL_SECONDS * _slowness()
