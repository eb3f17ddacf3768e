"""What falls due next in the invoice service: the instants at which its workers act, and no others."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from services.invoice.time_machine import repository as due
from shared.http.internal_auth import Principal
from shared.testing.service import RunningService
from tests.integration.invoice.conftest import a_contact, an_invoice


async def test_an_invoice_is_due_the_day_after_its_due_date_in_the_workspaces_zone(
    api: RunningService, a_principal: Any
) -> None:
    who: Principal = a_principal()
    client = api.client(who)

    nothing = await next_due_at(api, who)
    await an_invoice(client, status="draft", issue_date="2031-01-01", due_date="2031-01-31")
    draft = await next_due_at(api, who)
    await an_invoice(client, due_date="2031-03-30")
    open_ = await next_due_at(api, who)
    quote = await a_sent_quote(client, valid_until="2031-01-31")
    quoted = await next_due_at(api, who)
    await client.post(f"/v1/quotes/{quote['id']}/decline")

    assert (nothing, draft) == (None, None)
    # The clocks have been put forward in that night.
    assert open_ == datetime(2031, 3, 30, 22, tzinfo=UTC)
    assert quoted == datetime(2031, 1, 31, 23, tzinfo=UTC)
    assert await next_due_at(api, who) == open_
    assert await next_due_at(api, a_principal()) is None


async def a_sent_quote(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    lines = [{"description": "Work", "quantity": 1, "unit_price": "10"}]
    body = {"contact_id": (await a_contact(client))["id"], "lines": lines, **fields}
    quote = (await client.post("/v1/quotes", json=body)).json()
    reply = await client.post(f"/v1/quotes/{quote['id']}/send")
    assert reply.status_code == 200, reply.text
    return reply.json()


async def next_due_at(api: RunningService, who: Principal) -> datetime | None:
    workspace_id: UUID = who.workspace_id
    async with api.parts.worker.transaction() as tx:
        return await due.next_due_at(tx, workspace_id)
