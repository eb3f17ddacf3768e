"""A sandbox's clock moves forward, and what business depends on time follows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.journeys.conftest import advanced, an_invoice


async def test_an_invoice_is_late_once_the_sandbox_clock_says_so(make_workspace: Callable[..., Any]) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    invoice = await an_invoice(sandbox)
    assert not invoice["is_overdue"]
    target = datetime.now(UTC) + timedelta(days=45)

    clock = await advanced(sandbox, target)
    backwards = await sandbox.post("/v1/sandbox/clock/advance", json={"to": "2020-01-01T00:00:00Z"})

    assert clock["now"] >= target.isoformat()[:19]
    assert backwards.status_code == 422
    assert backwards.json()["errors"][0]["pointer"] == "/to"
    # Once the clock is there everything is done: nothing has to be waited for.
    late = (await sandbox.get(f"/v1/invoices/{invoice['id']}")).json()
    timeline = (await sandbox.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    assert late["is_overdue"]
    told_at = next(entry["occurred_at"] for entry in timeline if entry["type"] == "invoice.overdue")
    assert told_at[:10] == (datetime.fromisoformat(late["due_date"])).date().isoformat()


async def test_a_live_workspace_has_the_real_time(client: httpx.AsyncClient) -> None:
    reply = await client.post("/v1/sandbox/clock/advance", json={"to": "2099-01-01T00:00:00Z"})

    assert reply.status_code == 409
