"""Workspaces that send: the service's HTTP side, a real mail server, and what is told of their deliveries."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from services.invoice.sending.repository import due_deliveries
from shared.kernel.ids import new_id
from shared.testing.service import RunningService
from tests.integration.invoice.mail_server import Inbox


class Rig:
    """The service's HTTP side, workspaces that it knows, and what sends."""

    def __init__(self, api: RunningService, a_principal: Callable[..., Any], inbox: Inbox) -> None:
        self.api, self.a_principal, self.inbox = api, a_principal, inbox
        self.database = api.parts.worker

    async def workspace(self, mode: str = "live") -> httpx.AsyncClient:
        """A client of a new workspace with a business, known here as the gateway tells it."""
        workspace_id = new_id()
        async with self.database.transaction() as tx:
            await tx.execute(
                "INSERT INTO workspace VALUES ($1, 1, 'acme', $2, 'Europe/Amsterdam', 'EUR', 0)",
                workspace_id,
                mode,
            )
        client = self.api.client(self.a_principal(workspace_id, mode=mode))
        business = {"name": "Bakkerij de Vries B.V.", "email": "post@vries.example", "country": "NL"}
        await client.patch("/v1/business", json=business)
        return client

    async def statuses(self, client: httpx.AsyncClient, invoice: dict[str, Any]) -> list[str]:
        """Its deliveries' statuses, newest first."""
        reply = await client.get(f"/v1/invoices/{invoice['id']}/deliveries")
        return [one["status"] for one in reply.json()["data"]]

    async def timeline(self, client: httpx.AsyncClient, invoice: dict[str, Any]) -> list[str]:
        """What its timeline says of deliveries, and of the invoice's own sending."""
        reply = await client.get(f"/v1/invoices/{invoice['id']}/events")
        return [
            one["type"]
            for one in reply.json()["data"]
            if one["type"].startswith(("delivery.", "invoice.sent"))
        ]

    async def failures(self) -> set[str]:
        """The statuses that invoice.delivery_failed told of."""
        async with self.database.transaction() as tx:
            rows = await tx.fetch("SELECT payload FROM outbox WHERE type = 'invoice.delivery_failed'")
        return {json.loads(row["payload"])["data"]["status"] for row in rows}

    async def unsent_since(self, invoice: dict[str, Any]) -> datetime | None:
        """Since when the clock of the invoice's workspace waits for a delivery."""
        async with self.database.transaction() as tx:
            key = UUID(invoice["id"])
            workspace_id = await tx.fetchval("SELECT workspace_id FROM invoice WHERE id = $1", key)
            return await due_deliveries.unsent_since(tx, workspace_id)
