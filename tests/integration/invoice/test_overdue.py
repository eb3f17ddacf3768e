"""The overdue worker, on real Postgres and each workspace's own clock."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.invoice.invoices.workers.mark_overdue import mark_overdue
from shared.events.workspace import WorkspaceCreated, WorkspaceData
from shared.http.internal_auth import Principal
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import an_invoice


async def test_late_invoices_are_told_of_once(
    api: RunningService, client: httpx.AsyncClient, a_principal: Callable[..., Any]
) -> None:
    late = await an_invoice(client, issue_date="2026-01-01", due_date="2026-01-31")
    in_time = await an_invoice(client)
    draft = await an_invoice(client, status="draft", issue_date="2026-01-01", due_date="2026-01-31")

    await asyncio.gather(*(_mark(api) for _ in range(4)))
    await _mark(api)

    assert await _told(client, late) == ["invoice.overdue"]
    assert [await _told(client, invoice) for invoice in (in_time, draft)] == [[], []]


async def test_a_sandbox_is_late_on_its_own_clock(
    api: RunningService, a_principal: Callable[..., Principal]
) -> None:
    principal = a_principal(mode="sandbox")
    invoice = await an_invoice(api.client(principal))
    await _mark(api)
    assert await _told(api.client(principal), invoice) == []

    await _advance(api, principal, timedelta(days=40))
    await _mark(api)

    assert await _told(api.client(principal), invoice) == ["invoice.overdue"]
    late = a_principal(principal.workspace_id, clock_offset_ms=40 * 24 * 3600 * 1000)
    shown = (await api.client(late).get(f"/v1/invoices/{invoice['id']}")).json()
    assert shown["is_overdue"]
    assert shown["updated_at"] > (datetime.now(UTC) + timedelta(days=39)).isoformat()


async def _mark(api: RunningService) -> None:
    assert not await mark_overdue(api.parts.worker, 100)


async def _told(client: httpx.AsyncClient, invoice: dict[str, Any]) -> list[str]:
    entries = (await client.get(f"/v1/invoices/{invoice['id']}/events")).json()["data"]
    return [entry["type"] for entry in entries if entry["type"] == "invoice.overdue"]


async def _advance(api: RunningService, principal: Principal, ahead: timedelta) -> None:
    now = datetime.now(UTC)
    data = WorkspaceData(
        id=principal.workspace_id,
        version=2,
        created_at=now,
        updated_at=now,
        slug="s",
        name="S",
        mode="sandbox",
        zone="Europe/Amsterdam",
        currency="EUR",
        clock_offset_ms=int(ahead.total_seconds() * 1000),
    )
    async with begin(api.parts.worker) as unit:
        await workspaces.store_workspace(unit, WorkspaceCreated.of(principal.workspace_id, data))
