"""A sandbox's clock moves forward, and what business depends on time follows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.testing.eventually import eventually
from tests.journeys.conftest import an_invoice


async def test_an_invoice_is_late_once_the_sandbox_clock_says_so(make_workspace: Callable[..., Any]) -> None:
    sandbox: httpx.AsyncClient = await make_workspace(mode="sandbox")
    invoice = await an_invoice(sandbox)
    assert not invoice["is_overdue"]
    target = (datetime.now(UTC) + timedelta(days=45)).isoformat()

    advanced = await sandbox.post("/v1/sandbox/clock/advance", json={"to": target})
    backwards = await sandbox.post("/v1/sandbox/clock/advance", json={"to": "2020-01-01T00:00:00Z"})

    assert advanced.status_code == 202, advanced.text
    assert backwards.status_code == 422
    assert backwards.json()["errors"][0]["pointer"] == "/to"

    async def is_overdue() -> bool:
        return (await sandbox.get(f"/v1/invoices/{invoice['id']}")).json()["is_overdue"]

    await eventually(is_overdue, timeout_seconds=40)


async def test_a_live_workspace_has_the_real_time(client: httpx.AsyncClient) -> None:
    reply = await client.post("/v1/sandbox/clock/advance", json={"to": "2099-01-01T00:00:00Z"})

    assert reply.status_code == 409
