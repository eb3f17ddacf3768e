"""Invoices through the gateway, created and issued at once: one by one, in batches, and by renewals."""

import asyncio
import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.bench import load
from tests.bench.platform import Workspace
from tests.bench.work import Done, Goal, Prepare, Round, Scene, Work
from tests.integration.subscription_renewal.bulk import insert_due

BATCH = 250
WORKSPACES = 50
PRICES = {"Licence": "89.00", "Installation": "125.00", "Training": "125.00"}
DEADLINE_SECONDS = 300
POLL_SECONDS = 0.2
_ISSUED_IN_BATCH = re.compile(rb'"status": ?201\b')
_ISSUED = """
SELECT coalesce(sum(last_number), 0) FROM invoice.number_counter
WHERE workspace_id = ANY($1::uuid[]) AND series = 'invoices'
"""


async def one_by_one(scene: Scene) -> Round:
    """Three lines each, issued at once, 8 clients of one workspace."""
    workspace = await scene.platform.new_workspace(scene.sink_url)
    url = f"{scene.platform.facts['gateway_url']}/v1/invoices"
    body = json.dumps(await _invoice(workspace)).encode()
    wire = load.Request(url, workspace.headers, body).wire()

    async def issue(count: int) -> Done:
        result = await load.run(itertools.repeat(wire), url, clients=8, count=count)
        return Done(len(result.latencies), result.failures)

    return issue


async def batches(scene: Scene) -> Round:
    """250 a request, one client."""
    workspace = await scene.platform.new_workspace(scene.sink_url)
    url = f"{scene.platform.facts['gateway_url']}/v1/invoices/batch"
    body = json.dumps({"invoices": [await _invoice(workspace)] * BATCH}).encode()
    wire = load.Request(url, workspace.headers, body).wire()

    async def issue(count: int) -> Done:
        # The reply is a success also where an invoice in it is none.
        issued = 0

        def heard(_: int, __: float, reply: bytes) -> None:
            nonlocal issued
            issued += len(_ISSUED_IN_BATCH.findall(reply))

        result = await load.run(itertools.repeat(wire), url, clients=1, count=count // BATCH, heard=heard)
        failed = ["not issued"] * (len(result.latencies) * BATCH - issued)
        return Done(issued, result.failures + failed)

    return issue


def renewals(*, is_heard: bool) -> Prepare:
    """Subscriptions of 50 workspaces that fall due at one instant, until each has its issued invoice."""

    async def prepare(scene: Scene) -> Round:
        sink = scene.sink_url if is_heard else None
        workspaces = [await scene.platform.new_workspace(sink) for _ in range(WORKSPACES)]
        contacts = [await workspace.post("/v1/contacts", {"name": "Renewed"}) for workspace in workspaces]
        ids, dsn = [workspace.id for workspace in workspaces], scene.platform.facts["postgres_dsn"]
        database = scene.platform.database

        async def renew(count: int) -> Done:
            each = count // WORKSPACES
            goal = await database.fetchval(_ISSUED, ids) + each * WORKSPACES
            # Time enough to write them all before the first is due.
            due_at = datetime.now(UTC) + timedelta(seconds=3)
            for workspace, contact in zip(workspaces, contacts, strict=True):
                await insert_due(dsn, UUID(workspace.id), UUID(contact["id"]), due_at, each)
            async with asyncio.timeout(DEADLINE_SECONDS):
                while await database.fetchval(_ISSUED, ids) < goal:
                    await asyncio.sleep(POLL_SECONDS)
            seconds = (datetime.now(UTC) - due_at).total_seconds()
            return Done(each * WORKSPACES, figures={"issued_per_second": each * WORKSPACES / seconds})

        return renew

    return prepare


async def issue_many(workspace: Workspace, count: int, price: str) -> list[dict[str, Any]]:
    """So many open invoices of one line."""
    contact = await workspace.post("/v1/contacts", {"name": "Bench"})
    line = {"description": "Work", "quantity": 1, "unit_price": price}
    body = {"invoices": [{"contact_id": contact["id"], "status": "open", "lines": [line]}] * BATCH}
    issued: list[dict[str, Any]] = []
    while len(issued) < count:
        reply = await workspace.post("/v1/invoices/batch", body)
        issued += [result["invoice"] for result in reply["data"]]
    return issued


async def _invoice(workspace: Workspace) -> dict[str, Any]:
    contact = await workspace.post("/v1/contacts", {"name": "Bench"})
    lines = [{"description": name, "quantity": 1, "unit_price": price} for name, price in PRICES.items()]
    return {"contact_id": contact["id"], "status": "open", "lines": lines}


WORKS = (
    Work(
        "invoices",
        "POST /v1/invoices, issued, 3 lines, one workspace, 8 clients",
        "invoice",
        one_by_one,
        count=1_000,
        warm_up=400,
        goals=(Goal("cpu_ms", 4.0), Goal("per_second", 400, is_least=True)),
    ),
    Work(
        "invoice_batches",
        "POST /v1/invoices/batch, 250 a request",
        "invoice",
        batches,
        count=5_000,
        warm_up=1_000,
        goals=(Goal("cpu_ms", 1.0),),
    ),
    Work(
        "renewals",
        "renewal → issued invoice, 50 workspaces",
        "renewal",
        renewals(is_heard=True),
        count=4_000,
        warm_up=1_000,
        goals=(Goal("cpu_ms", 0.8), Goal("issued_per_second", 2_200, is_least=True)),
    ),
    Work(
        "renewals_unheard",
        "the same, where nobody listens",
        "renewal",
        renewals(is_heard=False),
        count=4_000,
        warm_up=1_000,
    ),
)
