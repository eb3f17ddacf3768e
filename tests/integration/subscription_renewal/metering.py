"""Meters and usage for tests."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import httpx

from shared.kernel.ids import new_id

Json: TypeAlias = dict[str, Any]
TOKENS = {
    "key": "tokens",
    "name": "Tokens",
    "type": "api.request",
    "aggregation": "sum",
    "value": "$.tokens",
    "dimensions": ["model"],
    "counts_from": "2026-01-01T00:00:00Z",
}


async def a_meter(client: httpx.AsyncClient, **fields: Any) -> Json:
    """A meter, made: the sum of the tokens of requests."""
    wanted = TOKENS | fields
    if wanted["aggregation"] == "count":
        del wanted["value"]
    reply = await client.post("/v1/meters", json=wanted)
    assert reply.status_code == 201, reply.text
    made: Json = reply.json()
    return made


def an_event(tokens: Any = "10", at: datetime | None = None, **fields: Any) -> Json:
    """A request that took so many tokens, now."""
    data = {"tokens": tokens, "model": "m1"} | fields.pop("data", {})
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/gateway",
        "type": "api.request",
        "subject": "acme",
        "time": (at or datetime.now(UTC)).isoformat(),
        "data": data,
        **fields,
    }


async def told(client: httpx.AsyncClient, events: Any, status: int = 200, **query: str) -> Json:
    """What telling these answers, once it is counted."""
    reply = await client.post("/v1/usage-events", json=events, params=query, headers={"prefer": "wait=10"})
    assert reply.status_code == status, reply.text
    said: Json = reply.json()
    return said


async def used(client: httpx.AsyncClient, meter: str = "tokens", **query: Any) -> list[Json]:
    """The rows of what the meter has; of `acme`, within the last days and the next, where not given."""
    now = datetime.now(UTC)
    usual = {
        "subject": "acme",
        "from": (now - timedelta(days=34)).isoformat(),
        "before": (now + timedelta(days=1)).isoformat(),
    }
    reply = await client.get(f"/v1/meters/{meter}/usage", params=usual | query)
    assert reply.status_code == 200, reply.text
    rows: list[Json] = reply.json()["rows"]
    return rows


async def total(client: httpx.AsyncClient, meter: str = "tokens", **query: Any) -> Decimal:
    """What the meter has in all; 0 where nothing was used."""
    rows = await used(client, meter, **query)
    assert len(rows) <= 1
    return Decimal(rows[0]["value"]) if rows else Decimal(0)
